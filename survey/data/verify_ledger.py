#!/usr/bin/env python3
"""Check a public ledger of Hài Lòng without its programs: needs Python 3.10 or newer, and nothing else.

    python3 verify_ledger.py https://HOST/ledger --key KEY [--witness KEY] [--since OLD] [--proof FILE] [--file DATA]

It checks the signatures of the newest checkpoint by KEY, a line that you got from somebody you trust or from paper (of
witnesses, from them), computes the root anew from every entry, and holds it against an old checkpoint that you kept:
nothing of before was changed, removed, put in or moved. It checks a receipt's file, and looks for the entry of a report
or of published data. Exit code 1: something is not as it should be, and it says what.
"""

from __future__ import annotations

import argparse
import base64
import collections.abc
import functools
import hashlib
import json
import pathlib
import sys
import urllib.request
from typing import NoReturn

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # of the field and of the curve, RFC 8032
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)  # of the curve; a root of -1
Point = tuple[int, int]


def fail(message: str) -> NoReturn:
    """End with what is wrong."""
    sys.exit(f"NOT AS IT SHOULD BE: {message}")


def hashed(mark: bytes, *parts: bytes) -> bytes:
    """Return the hash of an entry (mark 0) or above two others (mark 1)."""
    return hashlib.sha256(mark + b"".join(parts)).digest()


def read(base: str, name: str) -> bytes:
    """Read one file of the ledger from an address or a folder."""
    if base.startswith(("http://", "https://")):
        with urllib.request.urlopen(f"{base.rstrip('/')}/{name}", timeout=60) as reply:  # noqa: S310 - it is where the person pointed
            return bytes(reply.read())
    return pathlib.Path(base, name).read_bytes()


def plus(one: Point, other: Point) -> Point:
    """Return the sum of two points of the curve -x² + y² = 1 + D·x²·y²."""
    (a, b), (c, d) = one, other
    product = D * a * b * c * d
    return (a * d + b * c) * pow(1 + product, -1, P) % P, (b * d + a * c) * pow(1 - product, -1, P) % P


def times(number: int, point: Point) -> Point:
    """Return a point added up so many times."""
    total = (0, 1)
    for bit in f"{number:b}":
        total = plus(total, total)
        total = plus(total, point) if bit == "1" else total
    return total


def point_of(raw: bytes) -> Point:
    """Return the point that 32 bytes stand for: its y, and whether its x is odd."""
    number = int.from_bytes(raw, "little")
    odd, y = number >> 255, number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if len(raw) != 32 or y >= P or (x * x - square) % P or (odd and not x):
        fail("the key is damaged")
    return (x if x % 2 == odd else P - x), y


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def genuine(key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether it is the Ed25519 signature (RFC 8032) of a message by this key."""
    start, number = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or number >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(start + key + message).digest(), "little") % ORDER
    x, y = point_of(key)
    x, y = plus(times(number, BASE), times(challenge, (P - x, y)))
    return (y | (x % 2) << 255).to_bytes(32, "little") == start


def checkpoint(note: str, line: str) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint once a genuine signature of the key is found."""
    text, _, signatures = note.replace("\n\n", "\n\0", 1).partition("\0")
    name, key_id, encoded = line.strip().split("+", 2)
    key = base64.b64decode(encoded)
    if hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id or key[:1] not in (b"\x01", b"\x04"):
        fail("the key is damaged")
    for signature in signatures.splitlines():
        _, signer, given = signature.split(" ")
        raw = base64.b64decode(given)
        if signer == name and raw[:4].hex() == key_id:
            stamp, raw = (raw[4:12], raw[12:]) if key[:1] == b"\x04" else (b"", raw[4:])  # a witness signs a time, too
            head = f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n" if stamp else ""
            _ = genuine(key[1:], raw, (head + text).encode()) or fail("a signature is forged")
            return (lines := text.split("\n"))[0], int(lines[1]), base64.b64decode(lines[2])
    fail(f"the checkpoint is not signed by this key: {name}")


def entries(base: str, size: int) -> collections.abc.Iterator[bytes]:
    """Yield every entry, each held against the tile of hashes above it."""
    for first in range(0, size, 256):
        width, (*groups, last) = min(256, size - first), f"{first // 256:,}".split(",")
        name = "".join(f"x{group:0>3}/" for group in groups) + f"{last:0>3}" + (f".p/{width}" if width < 256 else "")
        bundle, hashes = (read(base, f"tile/{kind}/{name}") for kind in ("entries", "0"))
        for place in range(width):
            length = int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2 : 2 + length], bundle[2 + length :]
            if hashed(b"\0", entry) != hashes[32 * place : 32 * place + 32]:
                fail(f"entry {first + place} is not the one that its tile names")
            yield entry
        _ = bundle and fail(f"entries from {first} on: more bytes than entries")


def root_of(parts: list[bytes]) -> bytes:
    """Return the root above the whole parts of a tree, the largest first."""
    return functools.reduce(lambda root, part: hashed(b"\1", part, root), reversed(parts or [hashed(b"")]))


def climbed(index: int, size: int, computed: bytes, proof: list[bytes]) -> bytes:
    """Return the root to which a proof leads from the hash of an entry."""
    if size == 1 or not proof:
        return b"" if size > 1 or proof else computed
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return hashed(b"\1", climbed(index, half, computed, proof[:-1]), proof[-1])
    return hashed(b"\1", proof[-1], climbed(index - half, size - half, computed, proof[:-1]))


def check_proof(file: str, keys: list[str]) -> None:
    """Check a receipt's file (c2sp.org/tlog-proof) by itself: the entry is its extra data."""
    head, _, note = pathlib.Path(file).read_text(encoding="utf-8").partition("\n\n")
    kind, extra, index, *lines = head.split("\n")
    [(_, size, root), *_], at = [checkpoint(note, key) for key in keys], int(index.removeprefix("index "))
    entry, proof = base64.b64decode(extra[6:]), map(base64.b64decode, lines)
    if not 0 <= at < size or root != climbed(at, size, hashed(b"\0", entry), list(proof)):
        fail(f"the receipt's proof does not hold ({kind})")
    print(f"The receipt holds: entry {at} is {entry.decode()}")


def recomputed(base: str, size: int, old: int, sha256: str) -> tuple[bytes, bytes, collections.Counter[str], list[str]]:
    """Return the roots above all and above the old entries, how many of each kind there are, and those of a file."""
    parts, kinds, before, of_file = list[bytes](), collections.Counter[str](), root_of([]), list[str]()
    for number, entry in enumerate(entries(base, size)):
        parts.append(hashed(b"\0", entry))
        while number & 1:
            parts[-2:] = [hashed(b"\1", *parts[-2:])]
            number >>= 1
        kinds[(content := json.loads(entry))["kind"]] += 1
        of_file += [entry.decode()] if sha256 and content.get("sha256") == sha256 else []
        before = root_of(parts) if kinds.total() == old else before
    return root_of(parts), before, kinds, of_file


def main() -> None:
    """Check all that was asked for."""
    options = argparse.ArgumentParser()
    for name in ("ledger", "--key", "--since", "--proof", "--file"):
        options.add_argument(name)
    options.add_argument("--witness", action="append", default=[])
    given = options.parse_args()
    keys = [given.key or options.error("--key is needed: without it nobody knows whose ledger it is"), *given.witness]
    note = read(given.ledger, "checkpoint").decode()
    [(origin, size, root), *_] = [checkpoint(note, key) for key in keys]
    old = checkpoint(read(".", given.since).decode(), given.key) if given.since else (origin, 0, root_of([]))
    if old[0] != origin or old[1] > size:
        fail(f"the old checkpoint has {old[1]} entries of {old[0]}, the new one {size} of {origin}")
    sha256 = hashlib.sha256(read(".", given.file)).hexdigest() if given.file else ""
    whole, before, kinds, of_file = recomputed(given.ledger, size, old[1], sha256)
    if (before, whole) != (old[2], root):
        fail(f"the entries, or the first {old[1]} of them, are not those that were signed")
    if sha256:
        print(f"The file stands in the ledger: {(of_file or [fail(f'no entry names the file {sha256}')])[-1]}")
    if given.proof:
        check_proof(given.proof, keys)
    signers, kinds_of = ", ".join(key.partition("+")[0] for key in keys), sorted(kinds.items())
    print(f"{origin}: {size} entries, as signed by {signers}. " + ", ".join(f"{kind}: {n}" for kind, n in kinds_of))


if __name__ == "__main__":
    main()
