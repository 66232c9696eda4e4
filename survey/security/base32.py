"""Codes that people read and type: Crockford's base 32, which has no I, L, O or U to misread."""

from __future__ import annotations

import base64
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())  # from the letters of RFC 4648
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_MISREAD = str.maketrans("OIL", "011")
_GAPS = re.compile(r"[\s\-–·.]+")


def random_code(length: int) -> str:
    """Return a new code of five random bits a letter."""
    return encode(secrets.token_bytes((length * 5 + 7) // 8))[:length]


def encode(raw: bytes) -> str:
    """Return bytes as letters, the last one filled up with zero bits.

    >>> encode(bytes(range(10)))
    '000G40R40M30E209'
    """
    return base64.b32encode(raw).rstrip(b"=").translate(_CROCKFORD).decode()


def decode(typed: str) -> bytes | None:
    """Return the bytes of a code that somebody typed, or None if nothing is encoded so.

    >>> decode("ooog 4or4 om3o e2o9") == bytes(range(10))
    True
    """
    letters = corrected(typed)
    padding = len(letters) * 5 % 8
    number = 0
    for letter in letters:
        if letter not in _VALUES:
            return None
        number = number << 5 | _VALUES[letter]
    if padding >= 5 or number & (1 << padding) - 1:
        return None
    return (number >> padding).to_bytes(len(letters) * 5 // 8, "big")


def grouped(code: str, gap: str = "-") -> str:
    """Return a code in groups of four, as it is printed.

    >>> grouped("7K2M9QXA", " ")
    '7K2M 9QXA'
    """
    return gap.join(code[i : i + 4] for i in range(0, len(code), 4))


def compact(typed: str) -> str:
    """Return what was typed in capitals and without the gaps between groups."""
    return _GAPS.sub("", typed.upper())


def corrected(typed: str) -> str:
    """Return what was typed in capitals, without gaps, and with the digits for which O, I and L were taken.

    >>> corrected("7k2m 9oxa")
    '7K2M90XA'
    """
    return compact(typed).translate(_MISREAD)
