"""What an e-mail carries so that a report of its failure is known: its key, and a proof of the address it went to.

The proof lets the one who reads a report believe the address that it names, though no address is kept: nobody else
can write it, so a forged report closes no stranger's address.
"""

from __future__ import annotations

import base64
import hmac
import re

from survey.security.tokens import keyed, keys

PATTERN = re.compile(r"(?<![\w-])([A-Za-z0-9_-]{24})\.([A-Za-z0-9_-]{16})(?![\w-])")


def write(secret: str, key: str, address: str) -> str:
    """Return the reference of the message with this key to this address."""
    return f"{key}.{_proof(secret, key, address)}"


def read(text: str) -> tuple[str, str] | None:
    """Return key and proof of the first reference in a text, such as a Message-ID; None without one."""
    match = PATTERN.search(text)
    return (match[1], match[2]) if match else None


def proves(secret: str, reference: tuple[str, str], address: str) -> bool:
    """Return whether the message with this reference went to this address."""
    key, proof = reference
    return any(hmac.compare_digest(proof, _proof(one, key, address)) for one in keys(secret))


def _proof(secret: str, key: str, address: str) -> str:
    return base64.urlsafe_b64encode(keyed(secret, "message address", key, address.strip().lower())[:12]).decode()
