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
MAX_SIGNATURES, MAX_FINDINGS, MAX_NUMBER = 32, 20, (1 << 64) - 1
FULL_MEMBER = 1 << 20
SECOND = 10**9


class Refused(Exception):
    """A code and a text: a fault behind which nothing more can be said."""


def need(holds: object, text: str, code: int = 10) -> None:
    if not holds:
        raise Refused(code, text)


class Report:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {"ok": True, "code": 0, "origin": None, "size": None, "root": None, "disclosed": 0, "closed": 0,
                                       "hashed": 0, "checkpoints": 0, "kept": [], "findings": [], "notes": []}

    def find(self, code: int, text: str) -> None:
        self.values.update(ok=False, code=min(self.values["code"] or code, code))
        if len(self.values["findings"]) < MAX_FINDINGS:
            self.values["findings"].append(text)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: str) -> bytes:
    """What it stands for; nothing if it is not base64 in its one form, which the decoder is not strict about."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return data if base64.b64encode(data).decode() == text else b""


# Policies (c2sp.org/tlog-policy)

KeyId = tuple[str, bytes]


class Policy:
    def __init__(self) -> None:
        self.keys: dict[KeyId, tuple[int, bytes]] = {}
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


def parse_key(word: bytes, kinds: tuple[int, int]) -> tuple[KeyId, tuple[int, bytes]]:
    parts = word.decode(errors="replace").split("+", 2)  # base64 may hold a "+", what stands before may not
    material = unbase64(parts[-1])
    kind, public = material[:1], material[1:]
    key_id = sha256(parts[0].encode(), b"\n", material)[:4]
    need(len(parts) == 3 and is_key_name(parts[0]) and parts[1] == key_id.hex(), "the policy has a key that is none", 2)
    need(kind[0] in kinds and len(public) == KEY_SIZES[kind[0]], "the policy has a key of a kind that does not fit", 2)
    return (parts[0], key_id), (kind[0], public)


def parse_policy(data: bytes) -> Policy:
    need(len(data) <= MAX_POLICY and not re.search(rb"[^\t\n\x20-\x7e\x80-\xff]", data), "the policy is no text, or too long", 2)
    policy, names, publics, grouped = Policy(), {b"none"}, set(), set()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = re.findall(rb"[^ \t]+", line)
        if not words or words[0].startswith(b"#"):
            continue
        kind, bad = words.pop(0), f"line {number} of the policy cannot be"
        if kind in (b"witness", b"group"):
            need(words and words[0] not in names, bad, 2)
        if kind in (b"log", b"witness"):
            name = words.pop(0) if kind == b"witness" else b""
            need(1 <= len(words) <= 2, bad, 2)  # the key, and perhaps a URL
            where, key = parse_key(words[0], (COSIGNATURE, ML_DSA) if name else (ED25519, ML_DSA))
            need((kind, key[1]) not in publics and policy.keys.setdefault(where, key) == key, bad, 2)
            publics.add((kind, key[1]))
            if name:
                names.add(name)
                policy.witnesses[where] = name
            else:
                policy.logs.add(where)
        elif kind == b"group":
            need(len(words) >= 3, bad, 2)
            name, rule, members = words[0], words[1], words[2:]
            need(set(members) <= names - {b"none"} - grouped and len(set(members)) == len(members), bad, 2)
            threshold = 1 if rule == b"any" else len(members) if rule == b"all" else int(rule) if re.fullmatch(b"[1-9][0-9]{0,8}", rule) else 0
            need(1 <= threshold <= len(members), bad, 2)
            policy.groups.append((name, threshold, members))
            names.add(name)
            grouped.update(members)
        else:
            need(kind == b"quorum" and len(words) == 1 and words[0] in names and not policy.quorum, bad, 2)
            policy.quorum = words[0]
    need(policy.quorum, "the policy names no quorum", 2)
    return policy


# Checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature)

class Checkpoint(NamedTuple):
    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: list[tuple[KeyId, bytes]]


def parse_checkpoint(data: bytes, what: str, code: int = 10) -> Checkpoint:
    need(len(data) <= MAX_NOTE and not re.search(rb"[\x00-\x09\x0b-\x1f]", data), f"{what} is too long, or no text", code)
    try:
        text, blank, rest = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Refused(code, f"{what} is not UTF-8") from None
    lines, signed, signatures = text.split("\n"), rest.split("\n"), []
    need(blank and signed.pop() == "" and 1 <= len(signed) <= MAX_SIGNATURES, f"{what} is no signed note", code)
    need(len(lines) == 3 and lines[0] and re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]), f"{what} is no checkpoint", code)
    root = unbase64(lines[2])
    need(len(root) == 32 and int(lines[1]) <= MAX_NUMBER, f"{what} is no checkpoint", code)
    for line in signed:
        words = line.split(" ")
        need(len(words) == 3 and words[0] == "—" and is_key_name(words[1]), f"{what} has a line that is no signature", code)
        raw = unbase64(words[2])
        need(len(raw) > 4, f"{what} has a signature that is none", code)
        signatures.append(((words[1], raw[:4]), raw[4:]))
    return Checkpoint(text.encode() + b"\n", lines[0], int(lines[1]), root, signatures)


def is_signed(name: str, kind: int, public: bytes, signature: bytes, checkpoint: Checkpoint) -> bool:
    time, message = 0, checkpoint.text
    if kind != ED25519:
        time, signature = int.from_bytes(signature[:8]), signature[8:]
        message = b"cosignature/v1\ntime %d\n" % time + message
    try:
        if kind == ML_DSA:
            message = struct.pack(">12sB255pQ", b"subtree/v1\n\0", 0, b"", time)[:12]
            for part in (name.encode(), struct.pack(">Q", time), checkpoint.origin.encode()):
                message += part if part[:0] else b""
            MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return time < 1 << 63
