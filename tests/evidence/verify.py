#!/usr/bin/env python3
"""A second verifier of evidence bundles, written from docs/EVIDENCE.md ("A bundle, byte by byte") alone.

    python3 verify.py BUNDLE --policy FILE [--checkpoint KEPT]...
    python3 verify.py --batch --policy FILE [--checkpoint KEPT]...      paths of bundles on stdin, one a line

It prints an object of JSON for each bundle. Exit codes: 0 all holds, 2 wrong usage, 10 not what was sealed, 11 a signature or
the policy, 12 something is left out, 13 times. It needs Python 3.11 and the package `cryptography`; where that has no
ML-DSA-44, signatures of such keys are taken as not there, and a note says so.

It does not replay the rules of the cases, nor look whether the versions of the policy that they need are there. Of REPORT.md
it knows only that the digest in SHA256 covers it, not that it follows from the rest.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    MLDSA44PublicKey.from_public_bytes(bytes(1312))
except (ImportError, UnsupportedAlgorithm):
    MLDSA44PublicKey = None

ED25519, COSIGNATURE, ML_DSA = 1, 4, 6
KEY_SIZES = {ED25519: 32, COSIGNATURE: 32, ML_DSA: 1312}
MAX_BUNDLE, MAX_MEMBER, MAX_POLICY, MAX_NOTE = 1 << 32, 32 << 20, 1 << 20, 65536
MAX_FINDINGS, MAX_NUMBER = 20, (1 << 64) - 1
FULL_MEMBER = 1 << 20
SECOND = 10**9


class Refused(Exception):
    """A code and a text: a fault behind which nothing more can be said."""


def need(holds: object, text: str, code: int = 10) -> None:
    if not holds:
        raise Refused(code, text)


class Report:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {"ok": True, "code": 0, "origin": None, "size": None, "root": None}
        self.values |= {"disclosed": 0, "closed": 0, "hashed": 0, "checkpoints": 0, "kept": [], "findings": [], "notes": []}

    def find(self, code: int, text: str) -> dict[str, Any]:
        self.values.update(ok=False, code=min(self.values["code"] or code, code))
        if len(self.values["findings"]) < MAX_FINDINGS:
            self.values["findings"].append(text)
        return self.values


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: str) -> bytes:
    """What it stands for; nothing if it is not base64 in its one form, about which the decoder is not strict."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


# Policies (c2sp.org/tlog-policy)

KeyId = tuple[str, bytes]


class Policy:
    def __init__(self) -> None:
        self.keys: dict[KeyId, bytes] = {}  # the kind of signature in a byte, and the public key
        self.logs: set[KeyId] = set()
        self.witnesses: dict[KeyId, bytes] = {}
        self.groups: list[tuple[bytes, int, list[bytes]]] = []
        self.quorum = b""

    def reached(self, signed: set[bytes]) -> bool:
        for name, threshold, members in self.groups:  # a group stands behind its members
            if sum(member in signed for member in members) >= threshold:
                signed = signed | {name}
        return self.quorum == b"none" or self.quorum in signed


def is_key_name(name: str) -> bool:
    return 1 <= len(name.encode()) <= 255 and not any(c == "+" or c.isspace() or unicodedata.category(c) == "Cc" for c in name)


def parse_key(word: bytes, kinds: tuple[int, int]) -> tuple[KeyId, bytes]:
    parts = word.decode().split("+", 2) if is_utf8(word) else []  # the base64 may hold a "+", too
    need(len(parts) == 3 and is_key_name(parts[0]), "the policy has a key that is none", 2)
    key = unbase64(parts[2])
    key_id = sha256(parts[0].encode(), b"\n", key)[:4]
    fits = key and key[0] in kinds and len(key) == 1 + KEY_SIZES[key[0]]
    need(fits and parts[1] == key_id.hex(), f"the policy has a key of a wrong kind, or with an id not its own: {parts[0]}", 2)
    return (parts[0], key_id), key


def parse_policy(data: bytes) -> Policy:
    need(len(data) <= MAX_POLICY and not re.search(rb"[\0-\x08\x0b-\x1f\x7f]", data), "the policy is no text, or too long", 2)
    policy, names, seen, grouped = Policy(), {b"none"}, set(), set()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = re.findall(rb"[^ \t]+", line)
        if not words or words[0].startswith(b"#"):
            continue
        kind, wrong = words.pop(0), f"line {number} of the policy cannot be"
        name = b""
        if kind in (b"witness", b"group"):
            need(words and words[0] not in names, wrong, 2)
            name = words.pop(0)
        if kind in (b"log", b"witness"):
            need(1 <= len(words) <= 2, wrong, 2)  # the key, and perhaps a URL
            key_id, key = parse_key(words[0], (COSIGNATURE, ML_DSA) if name else (ED25519, ML_DSA))
            need((kind, key[1:]) not in seen and policy.keys.setdefault(key_id, key) == key, wrong, 2)
            seen.add((kind, key[1:]))
            policy.witnesses.update({key_id: name} if name else {})
            policy.logs.update(set() if name else {key_id})
        elif kind == b"group":
            need(len(words) >= 2 and re.fullmatch(b"any|all|[1-9][0-9]{0,5}", words[0]), wrong, 2)
            rule, members = words[0], words[1:]
            threshold = {b"any": 1, b"all": len(members)}.get(rule) or int(rule)
            need(threshold <= len(members) == len(set(members)) and set(members) <= names - grouped - {b"none"}, wrong, 2)
            policy.groups.append((name, threshold, members))
            grouped.update(members)
        else:
            need(kind == b"quorum" and len(words) == 1 and words[0] in names and not policy.quorum, wrong, 2)
            policy.quorum = words[0]
        names.update({name} if name else set())
    need(policy.quorum, "the policy names no quorum", 2)
    return policy


# Checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature)

# The text (origin, size and root), a blank line, and signatures. No control character but the newline.
NOTE = re.compile("(([^\0-\x1f]+)\n(0|[1-9][0-9]{0,19})\n([^\0-\x1f]+)\n)\n((?:— [^\0-\x20]+ [^\0-\x20]+\n){1,32})")


class Checkpoint(NamedTuple):
    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: list[tuple[KeyId, bytes]]


def parse_checkpoint(data: bytes, what: str, code: int = 10) -> Checkpoint:
    need(len(data) <= MAX_NOTE and is_utf8(data), f"{what} is no text, or too long", code)
    note = NOTE.fullmatch(data.decode())
    need(note, f"{what} is no checkpoint", code)
    text, origin, size, root, signed = note[1], note[2], int(note[3]), unbase64(note[4]), []
    need(len(root) == 32 and size <= MAX_NUMBER, f"{what} is no checkpoint", code)
    for line in note[5].split("\n")[:-1]:
        _, name, signature = line.split(" ")
        raw = unbase64(signature)
        need(is_key_name(name) and len(raw) > 4, f"{what} has a signature that is none", code)
        signed.append(((name, raw[:4]), raw[4:]))
    return Checkpoint(text.encode(), origin, size, root, signed)


def is_signed(name: str, key: bytes, time: int, signature: bytes, checkpoint: Checkpoint) -> bool:
    def opaque(text: str) -> bytes:
        return bytes([len(text.encode())]) + text.encode()

    kind, public, message = key[0], key[1:], checkpoint.text
    try:
        if kind == ML_DSA:
            message = b"subtree/v1\n\0" + opaque(name) + struct.pack(">Q", time) + opaque(checkpoint.origin)
            message += struct.pack(">QQ", 0, checkpoint.size) + checkpoint.root
            MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        else:
            message = b"cosignature/v1\ntime %d\n" % time + message if kind == COSIGNATURE else message
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: something is too long, or too short
        return False
    return time < 1 << 63


def signed_at(policy: Policy, checkpoint: Checkpoint, what: str, report: Report, quorum: bool) -> int | None:
    """The earliest second that the signatures say. Refuses a checkpoint that the policy does not trust."""
    by_log, witnesses, times = False, set(), []
    for key_id, signature in checkpoint.signatures:
        key = policy.keys.get(key_id)
        if key is None:
            continue
        if key[0] == ML_DSA and MLDSA44PublicKey is None:
            report.values["notes"] = ["this `cryptography` has no ML-DSA-44: such signatures are taken as not there"]
            continue
        time = 0
        if key[0] != ED25519:
            time, signature = int.from_bytes(signature[:8]), signature[8:]
        good = is_signed(key_id[0], key, time, signature, checkpoint)
        need(good, f"{what} has a signature of {key_id[0]}+{key_id[1].hex()} that is false", 11)
        if key[0] == COSIGNATURE or time:  # the time 0 of an ML-DSA-44 key says nothing
            times.append(time)
        by_log = by_log or (key_id in policy.logs and key_id[0] == checkpoint.origin)
        witnesses.update({policy.witnesses[key_id]} if key_id in policy.witnesses else set())
    need(by_log, f"no log of the policy has signed {what}", 11)
    need(not quorum or policy.reached(witnesses), f"{what} lacks signatures that the policy asks for", 11)
    return min(times, default=None)


# The archive

def header(name: str, size: int) -> bytes:
    numbers = (b"0000644", b"0000000", b"0000000", b"%011o" % size, b"%011o" % 0, b" " * 8)
    block = struct.pack("100s8s8s8s12s12s8s1s100x8s247x", name.encode(), *numbers, b"0", b"ustar\0" + b"00")
    return block[:148] + b"%07o\0" % sum(block) + block[156:]


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each member in its place. A header can be one thing only, so it is made again and compared."""
    at, entries, names = 0, 0, ["bundle.json", "checkpoint", "", "REPORT.md", "SHA256"]
    while names:
        block, name = data[at:at + 512], names[0] or f"entries/{entries:08}"
        if not names[0] and not block.startswith(name.encode() + b"\0"):
            names.pop(0)  # the last of the entries was before
            continue
        size = int(block[124:135], 8) if re.fullmatch(b"[0-7]{11}", block[124:135]) else MAX_MEMBER + 1
        need(size <= MAX_MEMBER and block == header(name, size), f"the archive has no header of {name} at byte {at}")
        end = at + 512 + size + -size % 512
        body = data[at + 512:at + 512 + size]
        need(end <= len(data) and not any(data[at + 512 + size:end]), f"{name} is cut off, or not padded with zeros")
        digest = hashlib.sha256(memoryview(data)[:at]).hexdigest() if name == "SHA256" else ""
        need(not digest or body == digest.encode() + b"\n", "SHA256 is not the digest of what stands before it")
        yield name, body
        at, entries = end, entries + (not names[0])
        if names[0]:
            names.pop(0)
    need(len(data) == at + 1024 and not any(data[at:]), "the archive does not end as it must")


# What a bundle claims

class Subjects:
    """All entries of cases, and those of a customer beside them."""

    def __init__(self, cases: list[str], customer: str = "") -> None:
        self.cases = [f"docket.log.case.{case}".encode() for case in cases]
        self.first, self.begun, self.customer = dict.fromkeys(self.cases, 0), False, customer
        if customer:  # docs/EVENTS.md, "Beside cases", says how a name stands in a subject
            name = "".join(chr(b) if re.match("[A-Za-z0-9_-]", chr(b)) else f"={b:02X}" for b in customer.encode())
            self.first[f"docket.log.customer.{name}".encode()] = 0

    def entry(self, report: Report, position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        if subject not in self.first:
            return
        if payload is None:
            report.find(12, f"entry {position} of {subject.decode()} is not disclosed")
        elif not self.first[subject]:
            self.first[subject], self.begun = position, True
            value = parse_json(payload)
            events = value.get("events") if isinstance(value, dict) else None
            whole = isinstance(events, list) and is_number(value.get("version"), len(events), len(events))
            if not whole or value.get("prev") is not None:
                report.find(12, f"entry {position} is not the first of {subject.decode()}")
            elif self.customer and subject in self.cases and customer_of(events) != self.customer:
                report.find(12, f"entry {position} opens a case that is not of the customer")

    def hashed(self, report: Report, first: int, last: int) -> None:
        if self.begun:
            report.find(12, f"entries {first} to {last} are a hash, and may be some that the bundle is of")

    def end(self, report: Report) -> None:
        found = [self.first[case] for case in self.cases]
        if 0 in found or found != sorted(set(found)):
            report.find(12, "a case has no entry here, or the cases are not in the order of their first entries")


def customer_of(events: list[Any]) -> object:
    opened = [event["opened"] for event in events if isinstance(event, dict) and isinstance(event.get("opened"), dict)]
    return opened[0].get("customerId") if opened else None


class Positions:
    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def entry(self, report: Report, position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        if payload is None:
            self.hashed(report, position, position)

    def hashed(self, report: Report, first: int, last: int) -> None:
        if first <= self.last and last >= self.first:
            report.find(12, f"entries {first} to {last} are not disclosed")

    def end(self, report: Report) -> None:
        if self.last > report.values["size"]:
            report.find(12, f"the log has no positions from {self.first} to {self.last}")


class Period:
    def __init__(self, begin: int, stop: int) -> None:
        self.begin, self.stop, self.hidden, self.over = begin, stop, False, False

    def entry(self, report: Report, position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        moment = time // 10**6
        if moment < self.begin:
            self.hidden = False
        elif moment >= self.stop:
            self.end(report)
            self.over = True
        elif payload is None:
            report.find(12, f"entry {position} is of the period, and not disclosed")

    def hashed(self, report: Report, first: int, last: int) -> None:
        self.hidden = True

    def end(self, report: Report) -> None:
        if self.hidden and not self.over:
            report.find(12, "between what lies before the period and what lies behind it are hashes")


def is_number(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def is_name(value: object) -> bool:
    """Whether it is a name as docs/CONTRACT.md has it."""
    return isinstance(value, str) and 1 <= len(value) <= 64 and unicodedata.is_normalized("NFC", value) and all(
        c in " _.-" or unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd" for c in value)


def milliseconds(text: object) -> int:
    pattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"
    need(isinstance(text, str) and re.fullmatch(pattern, text), "bundle.json has a time that is none")
    try:
        since = datetime.fromisoformat(text[:-1]) - datetime(1970, 1, 1)
    except ValueError:
        raise Refused(10, "bundle.json has a time that is none") from None
    need(since.days >= 0, "bundle.json has a time before 1970")
    return (since.days * 86400 + since.seconds) * 1000 + since.microseconds // 1000


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def parse_json(data: bytes) -> Any:
    """The value; None for what is no JSON, since `null` is as wrong wherever this is asked."""
    try:
        return json.loads(data.decode(), object_pairs_hook=distinct)
    except (ValueError, RecursionError):
        return None


def parse_claim(of: Any) -> Subjects | Positions | Period:
    kind, what = next(iter(of.items())) if isinstance(of, dict) and len(of) == 1 else ("", None)
    fields = list(what) if isinstance(what, dict) else []
    if kind == "period" and fields == ["from", "to"]:
        begin, stop = milliseconds(what["from"]), milliseconds(what["to"])
        need(begin < stop, "bundle.json claims a period without any time in it")
        return Period(begin, stop)
    if kind == "positions" and fields == ["from", "to"]:
        need(all(is_number(position, 0, MAX_NUMBER) for position in what.values()), "bundle.json has a position that is none")
        need(1 <= what["from"] <= what["to"], "bundle.json claims positions that are none")
        return Positions(what["from"], what["to"])
    by_customer = kind == "customer" and fields == ["id", "cases"] and isinstance(what["cases"], list) and is_name(what["id"])
    need(by_customer or kind == "case", "bundle.json claims nothing that a bundle can")
    cases = what["cases"] if by_customer else [what]
    need(cases, "bundle.json claims no case")
    uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    need(all(isinstance(case, str) and re.fullmatch(uuid, case) for case in cases), "bundle.json has a case that is none")
    return Subjects(cases, what["id"] if by_customer else "")


def parse_bundle(data: bytes) -> tuple[str, int, Subjects | Positions | Period]:
    value = parse_json(data)
    need(isinstance(value, dict) and list(value) == ["format", "origin", "size", "of"], "bundle.json has not its four fields")
    need(value["format"] == "docket.bundle/v1", "bundle.json is of an unknown format")
    need(isinstance(value["origin"], str) and is_number(value["size"], 0, MAX_NUMBER), "bundle.json names no log")
    claim = parse_claim(value["of"])
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    need(written + b"\n" == data, "bundle.json is not written in its one form")
    return value["origin"], value["size"], claim


# The entries

class Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int) -> bytes:
        need(count <= len(self.data) - self.at, f"{self.name} ends within a record")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count))

    def text(self, count: int) -> bytes:
        text = self.take(self.number(count))
        need(is_utf8(text), f"{self.name} has a text that is not UTF-8")
        return text


class Log:
    """Takes the records one after the other. What it keeps of the tree are the whole subtrees, the largest first (RFC 6962)."""

    def __init__(self, report: Report, policy: Policy, origin: str, size: int, claim: Any, kept: list[Checkpoint]) -> None:
        self.report, self.policy, self.origin, self.size, self.claim = report, policy, origin, size, claim
        self.count, self.stack = 0, []
        self.kept = sorted(kept, key=lambda checkpoint: checkpoint.size)
        self.sealed = -MAX_NUMBER  # the latest time of a checkpoint so far
        self.latest: tuple[int, int] | None = None  # of the entries since: when the last was taken in, and its position
        self.compare()

    def root(self) -> bytes:
        root = self.stack[-1][1] if self.stack else sha256()
        for _, left in reversed(self.stack[:-1]):
            root = sha256(b"\1", left, root)
        return root

    def add(self, level: int, root: bytes) -> None:
        self.count += 1 << level
        while self.stack and self.stack[-1][0] == level:
            root, level = sha256(b"\1", self.stack.pop()[1], root), level + 1
        self.stack.append((level, root))
        self.compare()

    def compare(self) -> None:
        while self.kept and self.kept[0].size <= self.count:
            size, root = self.kept[0].size, self.kept.pop(0).root
            if size < self.count:
                self.report.find(12, f"the kept checkpoint of {size} entries cannot be compared: it ends within a hash")
            else:
                need(root == self.root(), f"the log is not the one of the kept checkpoint of {size} entries")
                self.report.values["kept"].append(size)

    def record(self, reader: Reader) -> None:
        kind = reader.number(1)
        need(kind <= 0x42, f"{reader.name} has a record of an unknown kind")
        if kind == 0x40:
            what = f"the checkpoint behind entry {self.count}"
            checkpoint = parse_checkpoint(reader.take(reader.number(4)), what)
            need((checkpoint.origin, checkpoint.size) == (self.origin, self.count), f"{what} is another's")
            need(checkpoint.root == self.root(), f"{what} is not that of the entries before")
            self.report.values["checkpoints"] += 1
            self.seal(signed_at(self.policy, checkpoint, what, self.report, quorum=False))
            return
        entries, first = 1 << kind if kind < 0x40 else 1, self.count + 1
        need(entries <= self.size - self.count, f"{reader.name} has more entries than the log")
        need(self.count % entries == 0, f"{reader.name} has a hash where none can be")
        if kind > 0x40:
            self.entry(reader, first, kind == 0x42)
            return
        self.report.values["hashed"] += entries
        self.claim.hashed(self.report, first, self.count + entries)
        self.add(kind, reader.take(32))

    def entry(self, reader: Reader, position: int, disclosed: bool) -> None:
        time, start = int.from_bytes(reader.take(8), signed=True), reader.at
        need(time >= 0, f"entry {position} was taken in before 1970")
        subject, before = reader.text(2), b""
        for _ in range(reader.number(2)):
            name, _ = reader.text(2), reader.text(4)
            need(before <= name, f"entry {position} has headers that are not sorted")
            before = name
        meta = sha256(b"docket.meta/v1\0\0", reader.data[start:reader.at])
        payload = reader.take(reader.number(4)) if disclosed else None
        digest, length = (reader.take(32), reader.number(8)) if payload is None else (sha256(payload), len(payload))
        leaf = struct.pack(">16sQq32s32sQ8x", b"docket.leaf/v1", position, time, meta, digest, length)
        self.report.values["disclosed" if disclosed else "closed"] += 1
        if payload is None and subject == b"docket.log.policy.main":
            self.report.find(12, f"entry {position} is of the policy, and not disclosed")
        self.claim.entry(self.report, position, time, subject, payload)
        if time < (self.sealed - 60) * SECOND:
            self.report.find(13, f"entry {position} was taken in more than a minute before the checkpoint before it")
        self.latest = max(self.latest or (time, position), (time, position))
        self.add(0, sha256(b"\0", leaf))

    def seal(self, sealed: int | None) -> None:
        """A checkpoint of the entries so far. Its time is a second, and may be any moment of that."""
        if sealed is None:
            return
        if self.latest and self.latest[0] >= (sealed + 61) * SECOND:
            self.report.find(13, f"entry {self.latest[1]} was taken in more than a minute after the checkpoint behind it")
        self.sealed, self.latest = max(self.sealed, sealed), None


# All of it

def check(report: Report, data: bytes, policy: Policy, kept: list[Checkpoint]) -> None:
    parts = members(data)
    origin, size, claim = parse_bundle(next(parts)[1])
    checkpoint = parse_checkpoint(next(parts)[1], "the checkpoint")
    report.values.update(origin=origin, size=size, root=base64.b64encode(checkpoint.root).decode())
    need((checkpoint.origin, checkpoint.size) == (origin, size), "the checkpoint is not the one that bundle.json names")
    sealed = signed_at(policy, checkpoint, "the checkpoint", report, quorum=True)
    for other in kept:
        signed_at(policy, other, f"the kept checkpoint of {other.size} entries", report, quorum=False)
    log, full = Log(report, policy, origin, size, claim, kept), True
    for name, body in parts:
        if name.startswith("entries/"):
            need(full and body, f"{name} has entries that belong into the member before it, or none")
            reader = Reader(body, name)
            while reader.at < len(body):
                need(reader.at < FULL_MEMBER, f"{name} has entries that belong into a member behind it")
                log.record(reader)
            full = len(body) >= FULL_MEMBER
    need(log.count == size and log.root() == checkpoint.root, "the entries are not those of the checkpoint")
    log.seal(sealed)
    claim.end(report)
    for other in log.kept:
        report.find(12, f"the kept checkpoint is of {other.size} entries, and the bundle ends at {size}")


def verify(data: bytes, policy: bytes, kept: list[bytes]) -> dict[str, Any]:
    report = Report()
    try:
        check(report, data, parse_policy(policy), [parse_checkpoint(note, "a kept checkpoint", 2) for note in kept])
    except Refused as refused:
        report.find(*refused.args)
    except Exception as error:  # a fault of this program: what it read is not shown to be right
        report.find(10, f"this verifier failed: {error!r}")
    return report.values


def read(path: str, limit: int) -> bytes:
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{path} is too long")
    return data


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify bundles of evidence")
    parser.add_argument("bundle", nargs="?", help="the bundle")
    parser.add_argument("--policy", required=True, help="whom you trust")
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that you kept")
    parser.add_argument("--batch", action="store_true", help="take paths of bundles from standard input, one a line")
    arguments = parser.parse_args()
    if arguments.batch == (arguments.bundle is not None):
        parser.error("name one bundle, or say --batch")
    codes = set()
    for path in (os.fsdecode(line.rstrip(b"\n")) for line in sys.stdin.buffer) if arguments.batch else [arguments.bundle]:
        try:
            policy, kept = read(arguments.policy, MAX_POLICY), [read(file, MAX_NOTE) for file in arguments.checkpoint]
            values = verify(read(path, MAX_BUNDLE), policy, kept)
        except (OSError, ValueError) as error:
            values = Report().find(2, str(error))
        print(json.dumps(values), flush=True)
        codes.add(values["code"])
    return min(codes - {0}, default=0)


if __name__ == "__main__":
    sys.exit(main())
