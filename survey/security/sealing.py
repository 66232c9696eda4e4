"""Seal what may be stored but not read from a copy of the database: contacts, webhooks' secrets, replies of the API.

AES-256-GCM with a random nonce, under a key that is derived from the installation's secret for one purpose. What is
sealed for one purpose opens for no other, and what is bound to one row cannot be moved to another.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey.security.tokens import keyed, keys

NONCE = 12
TAG = 16
CIPHER = ("AES-256-GCM",)


def seal(secret: str, purpose: str, plain: bytes, bound: bytes = b"", key_parts: tuple[str, ...] = CIPHER) -> bytes:
    """Return `plain` sealed for one purpose, and bound to what names its row.

    `key_parts` enter the key beside the secret: if they are known to the caller alone and stored nowhere, not even the
    secret opens the seal without them.
    """
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(keyed(secret, purpose, *key_parts)).encrypt(nonce, plain, bound)


def unseal(
    secret: str, purpose: str, sealed: bytes, bound: bytes = b"", key_parts: tuple[str, ...] = CIPHER
) -> bytes | None:
    """Return what was sealed, under today's key or a former one.

    None if it was not sealed here with the same purpose, `bound` and `key_parts`.
    """
    opened = (_open(key, purpose, sealed, bound, key_parts) for key in keys(secret))
    return next((plain for plain in opened if plain is not None), None)


def resealed(secret: str, purpose: str, sealed: bytes, bound: bytes = b"") -> bytes | None:
    """Return what a former key sealed, sealed under today's; None if it is so already, or does not open at all."""
    if _open(keys(secret)[0], purpose, sealed, bound, CIPHER) is not None:
        return None
    plain = unseal(secret, purpose, sealed, bound)
    return None if plain is None else seal(secret, purpose, plain, bound)


def _open(key: str, purpose: str, sealed: bytes, bound: bytes, key_parts: tuple[str, ...]) -> bytes | None:
    if len(sealed) < NONCE + TAG:
        return None
    try:
        return AESGCM(keyed(key, purpose, *key_parts)).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except InvalidTag:
        return None
