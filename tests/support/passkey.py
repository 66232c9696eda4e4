"""A passkey's device as the standard has it (WebAuthn, level 3), so that tests can also do what no browser would."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40
ORIGIN, NAME = "http://localhost", "localhost"


@dataclass
class Device:
    """One key for one site, and how often it was used."""

    origin: str = ORIGIN
    name: str = NAME
    flags: int = PRESENT | VERIFIED
    uses: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        """Answer a page that asks for a new passkey."""
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, **point})
        new = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(NEW) + new}
        told = self._told("webauthn.create", options["challenge"])
        return self._sent(clientDataJSON=told, attestationObject=cbor2.dumps(attested))

    def get(self, options: dict[str, Any]) -> str:
        """Answer a page that asks to be shown a passkey."""
        self.uses += 1
        told, data = self._told("webauthn.get", options["challenge"]), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        return self._sent(clientDataJSON=told, authenticatorData=data, signature=signature)

    def _data(self, more: int) -> bytes:
        return hashlib.sha256(self.name.encode()).digest() + struct.pack(">BI", self.flags | more, self.uses)

    def _told(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _sent(self, **response: bytes) -> str:
        name = bytes_to_base64url(self.id)
        parts = {key: bytes_to_base64url(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})
