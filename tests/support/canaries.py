"""What must not be found in a dump or a log, and the search for it in seven encodings."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

CASE, CASE_TOO = "H61.50-261001-7391", "H61.50-261001-7392"
CASE_SENT, CASE_SENT_TOO = "H61.50-261001-7393", "H61.50-261001-7394"
PHONE, EMAIL, NAME = "0987612345", "canary.lan@example.vn", "Trần Thị Canary Lan"
COMMENT, ADDRESS, AGENT = "Hoàng yến hót 4711", "203.0.113.77", "CanaryPhone/47.11 (Lan)"
SENT_ONCE = "canary-4711-sent-once-only"
RANDOM = ("token", "API key")  # of 128 random bits and more a hash tells nothing: that is how they are stored


def encodings(text: str) -> dict[str, list[bytes]]:
    """Return how a text may hide: each encoding with its variants."""
    plain = text.encode()
    # Within longer data base64 has three alignments; its first and last symbols depend on the neighbours.
    blocks = [
        base64.b64encode(b"\0" * i + plain)[4 * (i > 0) : len(base64.b64encode(b"\0" * i + plain)) // 4 * 4 - 4]
        for i in range(3)
    ]
    every = "".join(f"%{byte:02X}" for byte in plain)
    digest = hashlib.sha256(plain).digest()
    return {
        "plain": [plain],
        "UTF-16": [text.encode("utf-16-le")],
        "base64": [*blocks, *(block.translate(bytes.maketrans(b"+/", b"-_")) for block in blocks)],
        "hex": [plain.hex().encode(), plain.hex().upper().encode()],
        "URL": [form.encode() for form in (quote(text), quote(text, safe=""), every, every.lower()) if form != text],
        "reversed": [text[::-1].encode()],
        "SHA-256": [digest, digest.hex().encode(), base64.b64encode(digest)],
    }


def canaries(secrets: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return what must not be found, in every way of writing it."""
    international = "+84" + PHONE[1:]
    return {
        **secrets,
        "idempotency key": [SENT_ONCE],
        "case code": [CASE, CASE_TOO, CASE_SENT, CASE_SENT_TOO, CASE.lower()],
        "phone": [PHONE, international, international[1:]],
        "e-mail": [EMAIL, EMAIL.upper()],
        "name": [NAME],
        "comment": [COMMENT],
        "address": [ADDRESS],
        "agent": [AGENT],
    }


def hits(held: bytes, wanted: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Return which canary is found in which encoding."""
    return {
        (name, encoding)
        for name, texts in wanted.items()
        for text in texts
        for encoding, forms in encodings(text).items()
        if not (name in RANDOM and encoding == "SHA-256") and any(form in held for form in forms)
    }
