#!/usr/bin/env python3
"""A second verifier of evidence bundles, written from docs/EVIDENCE.md ("A bundle, byte by byte") alone.

    python3 verify.py BUNDLE --policy FILE [--checkpoint KEPT]...
    python3 verify.py --batch --policy FILE [--checkpoint KEPT]...      paths on stdin, one a line

It prints one object of JSON for each bundle and exits with 0 (all holds), 2 (wrong usage), 10 (not what was sealed), 11 (a
signature, or the policy), 12 (something is left out) or 13 (times). It needs Python 3.11 and the package `cryptography`; where
that has no ML-DSA-44, signatures of such keys are taken as not there, and a note says so.

It does not replay the rules of the cases (what `docket evidence verify` does besides), and of REPORT.md it checks only that
nobody changed it since the digest in the member SHA256 was made, not that it follows from the rest.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Iterator, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519, COSIGNATURE, ML_DSA = 0x01, 0x04, 0x06
KEY_SIZES = {ED25519: 32, COSIGNATURE: 32, ML_DSA: 1312}
MAX_BUNDLE, MAX_MEMBER, MAX_POLICY, MAX_NOTE = 1 << 32, 32 << 20, 1 << 20, 65536
MAX_SIGNATURES, MAX_FINDINGS, MAX_NUMBER = 32, 20, (1 << 64) - 1
ENTRIES_MEMBER = 1 << 20
MINUTE = 60 * 10**9

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
    MLDSA44PublicKey.from_public_bytes(bytes(1312))
except (ImportError, UnsupportedAlgorithm):
    MLDSA44PublicKey = None


class Refused(Exception):
    """Ends the verification at once: a fault behind which nothing more can be said."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def refuse(text: str, code: int = 10) -> NoReturn:
    raise Refused(code, text)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: str, what: str, code: int = 10) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        refuse(f"{what} is not base64", code)
    # The decoder takes bits that mean nothing; only one way to write it is allowed.
    return data if base64.b64encode(data).decode() == text else refuse(f"{what} is not base64 in its one form", code)


# Policies (c2sp.org/tlog-policy)

@dataclass
class Key:
    name: str
    kind: int
    public: bytes
    is_log: bool = False
    witness: bytes | None = None


@dataclass
class Policy:
    keys: dict[tuple[str, bytes], Key] = field(default_factory=dict)
    groups: list[tuple[bytes, int, list[bytes]]] = field(default_factory=list)
    quorum: bytes | None = None

    def reached(self, signed: set[bytes]) -> bool:
        for name, needed, members in self.groups:  # a group stands behind its members
            if sum(member in signed for member in members) >= needed:
                signed = signed | {name}
        return self.quorum == b"none" or self.quorum in signed


def is_key_name(name: str) -> bool:
    return 1 <= len(name.encode()) <= 255 and "+" not in name and not any(c.isspace() or unicodedata.category(c) == "Cc" for c in name)


def parse_key(word: bytes) -> tuple[tuple[str, bytes], Key]:
    try:
        name, key_id, rest = word.decode().split("+", 2)  # base64 may hold a "+", the rest may not
    except ValueError:
        refuse("the policy has a key that is none", 2)
    material = unbase64(rest, "a key of the policy", 2)
    kind, public = (material[0], material[1:]) if material else (-1, b"")
    if not is_key_name(name) or len(public) != KEY_SIZES.get(kind, -1):
        refuse(f"the policy has a key of an unknown kind: {name}", 2)
    expected = sha256(name.encode(), b"\n", material)[:4]
    return ((name, expected), Key(name, kind, public)) if key_id == expected.hex() else refuse(f"the id of the key {name} is not its own", 2)


def parse_policy(data: bytes) -> Policy:
    if len(data) > MAX_POLICY or re.search(rb"[^\t\n\x20-\x7e\x80-\xff]", data):
        refuse("the policy is too large, or has bytes that no policy has", 2)
    policy, publics, names, grouped = Policy(), set(), {b"none"}, set()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = re.findall(rb"[^ \t]+", line)
        if not words or words[0].startswith(b"#"):
            continue
        bad = f"line {number} of the policy"
        kind = words.pop(0)
        is_log = kind == b"log"
        if kind in (b"log", b"witness"):
            name = None if is_log else words.pop(0) if words else refuse(f"{bad} is incomplete", 2)
            if not 1 <= len(words) <= 2 or name in names:
                refuse(f"{bad} has words too many or too few, or a name that is taken", 2)
            where, key = parse_key(words[0])
            known = policy.keys.setdefault(where, key)
            if known.public != key.public or (is_log, key.public) in publics or key.kind == (COSIGNATURE if is_log else ED25519):
                refuse(f"{bad} has a key that stands there already, or of a kind that does not fit", 2)
            publics.add((is_log, key.public))
            known.is_log, known.witness = known.is_log or is_log, name or known.witness
            names.update([name] if name else [])
        elif kind == b"group":
            name, rule, members = (words[0], words[1], words[2:]) if len(words) > 2 else refuse(f"{bad} is incomplete", 2)
            if name in names or not set(members) <= names - {b"none"} or set(members) & grouped or len(set(members)) < len(members):
                refuse(f"{bad} has a name that is taken, or members that are unknown or of a group already", 2)
            needed = {b"any": 1, b"all": len(members)}.get(rule) or (int(rule) if re.fullmatch(rb"[1-9][0-9]{0,8}", rule) else 0)
            if not 1 <= needed <= len(members):
                refuse(f"{bad} has a threshold that cannot be", 2)
            policy.groups.append((name, needed, members))
            names.add(name)
            grouped.update(members)
        elif kind == b"quorum" and len(words) == 1 and policy.quorum is None and words[0] in names:
            policy.quorum = words[0]
        else:
            refuse(f"{bad} cannot be understood", 2)
    return policy if policy.quorum else refuse("the policy names no quorum", 2)


# Signed notes and checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature)

@dataclass
class Checkpoint:
    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: list[tuple[str, bytes, bytes]]


def parse_checkpoint(data: bytes, what: str, code: int = 10) -> Checkpoint:
    if len(data) > MAX_NOTE or re.search(rb"[\x00-\x09\x0b-\x1f]", data):
        refuse(f"{what} is too large, or has control characters", code)
    try:
        note = data.decode()
    except UnicodeDecodeError:
        refuse(f"{what} is not UTF-8", code)
    text, blank, rest = note.rpartition("\n\n")
    lines, signed = text.split("\n"), rest.split("\n")
    if not blank or signed.pop() != "" or not 1 <= len(signed) <= MAX_SIGNATURES:
        refuse(f"{what} is no signed note", code)
    if len(lines) != 3 or not lines[0] or not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]) or int(lines[1]) > MAX_NUMBER:
        refuse(f"{what} is not the three lines of a checkpoint", code)
    root = unbase64(lines[2], f"the root of {what}", code)
    signatures = []
    for line in signed:
        words = line.split(" ")
        if len(words) != 3 or words[0] != "—" or not is_key_name(words[1]):
            refuse(f"{what} has a line that is no signature", code)
        raw = unbase64(words[2], f"a signature of {what}", code)
        signatures.append((words[1], raw[:4], raw[4:]))
    if len(root) != 32 or any(not signature for _, _, signature in signatures):
        refuse(f"{what} has a root or a signature that is too short", code)
    return Checkpoint(text.encode() + b"\n", lines[0], int(lines[1]), root, signatures)


def is_signed(key: Key, checkpoint: Checkpoint, signature: bytes) -> tuple[bool, int | None]:
    """Whether the signature is the key's, and the second since 1970 that it says."""
    time, message = None, checkpoint.text
    if key.kind != ED25519:
        if len(signature) < 8 or (time := int.from_bytes(signature[:8])) >> 63:
            return False, None
        signature = signature[8:]
        message = b"cosignature/v1\ntime %d\n" % time + checkpoint.text
    try:
        if key.kind == ML_DSA:
            name, origin = key.name.encode(), checkpoint.origin.encode()
            if max(len(name), len(origin)) > 255:
                return False, None
            message = b"".join([b"subtree/v1\n\0", bytes([len(name)]), name, struct.pack(">Q", time), bytes([len(origin)]),
                                origin, struct.pack(">QQ", 0, checkpoint.size), checkpoint.root])
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False, None
    return True, time if time or key.kind != ML_DSA else None  # a time of 0 says nothing there


def check_signatures(policy: Policy, checkpoint: Checkpoint, what: str, report: "Report", quorum: bool) -> int | None:
    """Refuses a checkpoint that the policy does not trust; the earliest time that its signatures say."""
    by_log, witnesses, times = False, set(), []
    for name, key_id, signature in checkpoint.signatures:
        key = policy.keys.get((name, key_id))
        if key is None:
            continue
        if key.kind == ML_DSA and MLDSA44PublicKey is None:
            report.note("this `cryptography` has no ML-DSA-44: such signatures are taken as not there")
            continue
        good, time = is_signed(key, checkpoint, signature)
        if not good:
            refuse(f"{what} has a false signature of {name}+{key_id.hex()}", 11)
        by_log = by_log or (key.is_log and name == checkpoint.origin)
        witnesses.update([key.witness] if key.witness else [])
        times.extend([] if time is None else [time])
    if not by_log:
        refuse(f"no log of the policy has signed {what}", 11)
    if quorum and not policy.reached(witnesses):
        refuse(f"{what} has not the signatures that the policy asks for", 11)
    return min(times, default=None)


# The tree (RFC 6962)

class Tree:
    """The roots of the whole subtrees of what came so far, the largest first."""

    def __init__(self) -> None:
        self.count, self.stack = 0, []

    def add(self, level: int, root: bytes) -> None:
        self.count += 1 << level
        while self.stack and self.stack[-1][0] == level:
            root, level = sha256(b"\1", self.stack.pop()[1], root), level + 1
        self.stack.append((level, root))

    def root(self) -> bytes:
        if not self.stack:
            return sha256()
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = sha256(b"\1", left, root)
        return root


# The archive

def header(name: str, size: int) -> bytes:
    fields = (name.encode(), b"0000644", b"0000000", b"0000000", b"%011o" % size, b"%011o" % 0, b" " * 8, b"0", b"ustar\0" b"00")
    block = struct.pack("100s8s8s8s12s12s8s1s100x8s247x", *fields)
    return block[:148] + b"%07o\0" % sum(block) + block[156:]


def members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each member in its place. The names follow from the order, so a header is made again and compared."""
    at, entries, names = 0, 0, ["bundle.json", "checkpoint", "", "REPORT.md", "SHA256"]
    while names:
        block = data[at:at + 512]
        name = names[0] or f"entries/{entries:08}"
        if not names[0] and not block.startswith(name.encode() + b"\0"):
            names.pop(0)
            continue
        size = int(block[124:135], 8) if re.fullmatch(rb"[0-7]{11}", block[124:135]) else MAX_MEMBER + 1
        if size > MAX_MEMBER or block != header(name, size):
            refuse(f"the archive has no right header of {name} at byte {at}")
        body, end = data[at + 512:at + 512 + size], at + 512 + size + -size % 512
        if len(data) < end or any(data[at + 512 + size:end]):
            refuse(f"{name} is cut off, or padded with something")
        if name == "SHA256" and body != hashlib.sha256(memoryview(data)[:at]).hexdigest().encode() + b"\n":
            refuse("the digest in SHA256 is not that of the bytes before it")
        yield name, body
        at = end
        if names[0]:
            names.pop(0)
        else:
            entries += 1
    if data[at:] != bytes(1024):
        refuse("the archive does not end as it must")


# The claims

def is_int(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def milliseconds(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", text):
        refuse("bundle.json has a time that is none")
    try:
        moment = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except ValueError:
        refuse("bundle.json has a time that is none")
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86400 + since.seconds) * 1000 + int(text[20:23]) if since.days >= 0 else refuse("bundle.json has a time before 1970")


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("an object has a key twice")
    return dict(pairs)


def parse_json(data: bytes) -> Any:
    """The value, or None for what is no JSON: `null` is as wrong wherever this is asked."""
    try:
        return json.loads(data.decode(), object_pairs_hook=distinct)
    except (ValueError, RecursionError):
        return None


def is_name(value: Any) -> bool:
    """Whether it is a name as docs/CONTRACT.md has it."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or value != unicodedata.normalize("NFC", value):
        return False
    return all(c in " _.-" or unicodedata.category(c) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd") for c in value)


class Subjects:
    """All entries of cases, and those of a customer beside them."""

    def __init__(self, cases: list[str], customer: str | None) -> None:
        self.cases = [f"docket.log.case.{case}".encode() for case in cases]
        self.first: dict[bytes, int | None] = dict.fromkeys(self.cases)
        if customer is not None:
            # docs/EVENTS.md, "Beside cases", says how a name stands in a subject.
            name = "".join(chr(b) if re.match("[A-Za-z0-9_-]", chr(b)) else f"={b:02X}" for b in customer.encode())
            self.first[f"docket.log.customer.{name}".encode()] = None
        self.begun = False

    def entry(self, report: "Report", position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        if subject not in self.first:
            return
        if payload is None:
            report.find(12, f"entry {position} of {subject.decode()} is left out")
        elif self.first[subject] is None:
            self.first[subject], self.begun = position, True
            value = parse_json(payload)
            events = value.get("events") if isinstance(value, dict) else None
            if not isinstance(events, list) or value.get("prev") is not None or not is_int(value.get("version"), len(events), len(events)):
                report.find(12, f"entry {position} is not the first of {subject.decode()}")

    def hashed(self, report: "Report", first: int, last: int) -> None:
        if self.begun:
            report.find(12, f"entries {first} to {last} are told as a hash: what of the case is among them cannot be seen")

    def end(self, report: "Report") -> None:
        found = [self.first[case] for case in self.cases]
        if None in found:
            report.find(12, "a case of the bundle has no entry in it")
        elif found != sorted(set(found)):
            report.find(12, "the cases are not in the order of their first entries")


class Positions:
    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def entry(self, report: "Report", position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        if payload is None:
            self.hashed(report, position, position)

    def hashed(self, report: "Report", first: int, last: int) -> None:
        if first <= self.last and last >= self.first:
            report.find(12, f"entries {first} to {last} are not disclosed")

    def end(self, report: "Report") -> None:
        if not 1 <= self.first <= self.last <= report.size:
            report.find(12, f"the log has no positions from {self.first} to {self.last}")


class Period:
    def __init__(self, start: int, end: int) -> None:
        self.start, self.stop = start, end
        self.hidden, self.over = False, False

    def entry(self, report: "Report", position: int, time: int, subject: bytes, payload: bytes | None) -> None:
        moment = time // 10**6
        if moment >= self.stop and not self.over:
            self.end(report)
            self.over = True
        elif moment < self.start:
            self.hidden = False
        elif moment < self.stop and payload is None:
            report.find(12, f"entry {position} lies in the period and is not disclosed")

    def hashed(self, report: "Report", first: int, last: int) -> None:
        self.hidden = True

    def end(self, report: "Report") -> None:
        if self.hidden and not self.over:
            report.find(12, "hashes stand where entries of the period may be")


def parse_bundle(data: bytes) -> tuple[str, int, Subjects | Positions | Period]:
    value = parse_json(data)
    if not isinstance(value, dict) or list(value) != ["format", "origin", "size", "of"] or value["format"] != "docket.bundle/v1":
        refuse("bundle.json is not that of a bundle")
    origin, size, of = value["origin"], value["size"], value["of"]
    if not isinstance(origin, str) or not is_int(size, 0, MAX_NUMBER) or not isinstance(of, dict) or len(of) != 1:
        refuse("bundle.json has something of a wrong kind")
    try:
        if data != json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n":
            refuse("bundle.json is not written in its one form")
    except UnicodeEncodeError:
        refuse("bundle.json has half a character")
    kind, what = next(iter(of.items()))
    keys = {"case": None, "customer": ["id", "cases"], "period": ["from", "to"], "positions": ["from", "to"]}.get(kind, [])
    if keys is not None and (not isinstance(what, dict) or list(what) != keys):
        refuse("bundle.json claims something unknown")
    if kind == "period":
        return origin, size, Period(milliseconds(what["from"]), milliseconds(what["to"]))
    if kind == "positions":
        if not all(is_int(position, 0, MAX_NUMBER) for position in what.values()):
            refuse("bundle.json has a position that is none")
        return origin, size, Positions(what["from"], what["to"])
    cases, customer = (what["cases"], what["id"]) if kind == "customer" else ([what], None)
    uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    if not isinstance(cases, list) or not all(isinstance(case, str) and re.fullmatch(uuid, case) for case in cases):
        refuse("bundle.json has a case that is none")
    if kind == "customer" and not is_name(customer):
        refuse("bundle.json has a customer that is none")
    return origin, size, Subjects(cases, customer)


# The entries

class Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.at = data, name, 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            refuse(f"{self.name} ends within a record")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count))

    def text(self, count: int) -> bytes:
        text = self.take(self.number(count))
        try:
            text.decode()
        except UnicodeDecodeError:
            refuse(f"{self.name} has a text that is not UTF-8")
        return text

    def head(self) -> tuple[int, bytes, bytes]:
        """The time, the subject, and the hash of subject and headers."""
        time, start = int.from_bytes(self.take(8), signed=True), self.at
        subject, before = self.text(2), b""
        for _ in range(self.number(2)):
            name = self.text(2)
            if name < before:
                refuse(f"{self.name} has headers that are not sorted")
            before = name
            self.text(4)
        return time, subject, sha256(b"docket.meta/v1\0\0", self.data[start:self.at])


class Log:
    """Takes the records one after the other, and checks them as they come."""

    def __init__(self, report: "Report", policy: Policy, origin: str, size: int, claim: Any, kept: list[Checkpoint]) -> None:
        self.report, self.policy, self.origin, self.size, self.claim = report, policy, origin, size, claim
        self.tree = Tree()
        self.kept = sorted(kept, key=lambda checkpoint: checkpoint.size)
        self.sealed: int | None = None  # the time of the last checkpoint
        self.latest = (0, -1 << 63)  # the entry behind it that was taken in last
        self.compare()

    def compare(self) -> None:
        while self.kept and self.kept[0].size <= self.tree.count:
            checkpoint = self.kept.pop(0)
            if checkpoint.size < self.tree.count:
                self.report.find(12, f"the kept checkpoint of {checkpoint.size} entries cannot be compared: it lies within a hash")
            elif checkpoint.root != self.tree.root():
                refuse(f"the log is not the one of the kept checkpoint of {checkpoint.size} entries")
            else:
                self.report.kept.append(checkpoint.size)

    def record(self, reader: Reader) -> None:
        kind = reader.number(1)
        count, position = self.tree.count, self.tree.count + 1
        if kind == 0x40:
            checkpoint = parse_checkpoint(reader.take(reader.number(4)), f"the checkpoint behind entry {count}")
            self.report.checkpoints += 1
            self.checkpoint(checkpoint, f"the checkpoint behind entry {count}", False)
            return
        if kind > 0x42:
            refuse(f"{reader.name} has a record of an unknown kind")
        entries = 1 << kind if kind < 0x40 else 1
        if entries > self.size - count or count % entries:
            refuse(f"{reader.name} has more entries than the log, or a hash where none can be")
        if kind < 0x40:
            self.tree.add(kind, reader.take(32))
            self.report.hashed += entries
            self.claim.hashed(self.report, position, count + entries)
        else:
            self.entry(reader, position, kind == 0x42)
        self.compare()

    def entry(self, reader: Reader, position: int, disclosed: bool) -> None:
        time, subject, meta = reader.head()
        payload = reader.take(reader.number(4)) if disclosed else None
        digest, length = (sha256(payload), len(payload)) if payload is not None else (reader.take(32), reader.number(8))
        leaf = b"docket.leaf/v1\0\0" + struct.pack(">Qq", position, time) + meta + digest + struct.pack(">Q", length) + bytes(8)
        self.tree.add(0, sha256(b"\0", leaf))
        self.report.disclosed += disclosed
        self.report.closed += not disclosed
        self.claim.entry(self.report, position, time, subject, payload)
        if self.sealed is not None and time < self.sealed * 10**9 - MINUTE:
            self.report.find(13, f"entry {position} was taken in more than a minute before the checkpoint before it")
        if time > self.latest[1]:
            self.latest = position, time

    def checkpoint(self, checkpoint: Checkpoint, what: str, last: bool) -> None:
        if (checkpoint.origin, checkpoint.size, checkpoint.root) != (self.origin, self.tree.count, self.tree.root()):
            refuse(f"{what} is not that of the entries before")
        sealed = check_signatures(self.policy, checkpoint, what, self.report, last)
        if sealed is None:
            return
        if self.latest[1] >= (sealed + 1) * 10**9 + MINUTE:  # the second that it says may be over but for a moment
            self.report.find(13, f"entry {self.latest[0]} was taken in more than a minute after {what}, which is behind it")
        self.sealed, self.latest = sealed, (0, -1 << 63)

    def end(self, checkpoint: Checkpoint) -> None:
        self.checkpoint(checkpoint, "the checkpoint of the bundle", True)
        self.claim.end(self.report)
        for kept in self.kept:
            self.report.find(12, f"the kept checkpoint has {kept.size} entries, and the log of the bundle {self.size}")


# All of it

@dataclass
class Report:
    origin: str | None = None
    size: int | None = None
    root: str | None = None
    disclosed: int = 0
    closed: int = 0
    hashed: int = 0
    checkpoints: int = 0
    kept: list[int] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    code: int = 0

    def find(self, code: int, text: str) -> None:
        self.code = min(self.code or code, code)
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(text)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def check(report: Report, data: bytes, policy: Policy, kept: list[Checkpoint]) -> None:
    parts = list(members(data))
    report.origin, report.size, claim = parse_bundle(parts[0][1])
    checkpoint = parse_checkpoint(parts[1][1], "the checkpoint of the bundle")
    report.root = base64.b64encode(checkpoint.root).decode()
    for other in kept:
        if other.origin != report.origin:
            refuse("a kept checkpoint is one of another log", 11)
        check_signatures(policy, other, f"the kept checkpoint of {other.size} entries", report, False)
    log = Log(report, policy, report.origin, report.size, claim, kept)
    entries = parts[2:-2]
    for index, (name, body) in enumerate(entries):
        reader, start = Reader(body, name), 0
        while reader.at < len(body):
            start = reader.at
            log.record(reader)
        if not body or start >= ENTRIES_MEMBER or (len(body) < ENTRIES_MEMBER and index < len(entries) - 1):
            refuse(f"{name} does not end where it must")
    log.end(checkpoint)


def verify(data: bytes, policy: bytes, kept: list[bytes]) -> dict[str, Any]:
    report = Report()
    try:
        check(report, data, parse_policy(policy), [parse_checkpoint(note, "a kept checkpoint", 2) for note in kept])
    except Refused as refusal:
        report.find(refusal.code, str(refusal))
    except Exception as error:  # a fault of this program; whatever it read is not shown to be right
        report.find(10, f"this verifier failed: {error!r}")
    return {"ok": report.code == 0, "code": report.code} | {k: v for k, v in vars(report).items() if k != "code"}


def read(path: str, limit: int) -> bytes:
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    return data if len(data) <= limit else refuse(f"{path} is too large", 2)


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify bundles of evidence")
    parser.add_argument("bundle", nargs="?", help="the bundle")
    parser.add_argument("--policy", required=True, help="whom you trust")
    parser.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that you kept")
    parser.add_argument("--batch", action="store_true", help="take paths of bundles from standard input, one a line")
    arguments = parser.parse_args()
    if arguments.batch == (arguments.bundle is not None):
        parser.error("either a bundle or --batch")
    worst = 0
    for path in (line.rstrip("\n") for line in sys.stdin) if arguments.batch else [arguments.bundle]:
        try:
            policy, kept = read(arguments.policy, MAX_POLICY), [read(file, MAX_NOTE) for file in arguments.checkpoint]
            result = verify(read(path, MAX_BUNDLE), policy, kept)
        except (OSError, ValueError, Refused) as error:  # ValueError: a NUL in a path
            result = {"ok": False, "code": 2, "findings": [str(error)], "notes": []}
        print(json.dumps(result, ensure_ascii=False), flush=True)
        worst = min(filter(None, (worst, result["code"])), default=0)
    return worst


if __name__ == "__main__":
    sys.exit(main())
