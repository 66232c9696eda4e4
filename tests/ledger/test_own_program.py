"""The program that strangers download checks signatures by itself: as RFC 8032 says, and as a kept library does."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from survey.web.public.ledger import SCRIPT

# RFC 8032, section 7.1: secret key, message, signature.
VECTORS = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
)


@pytest.fixture(scope="module")
def program() -> Any:
    spec = importlib.util.spec_from_file_location("verify_ledger", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_library(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize(("secret", "message", "signature"), VECTORS)
def test_the_vectors_of_the_standard_hold(program: Any, secret: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw()
    assert program.genuine(key, bytes.fromhex(signature), bytes.fromhex(message))


def test_it_agrees_with_a_kept_library_on_genuine_and_on_spoilt_signatures(program: Any, campaign: bool) -> None:
    chance = random.Random(8032)
    for _ in range(2000 if campaign else 40):
        signer = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key, message = signer.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(90))
        signature = signer.sign(message)
        assert program.genuine(key, signature, message) and by_library(key, signature, message)
        spoilt = [bytearray(signature), bytearray(message or b"x")]
        for one in spoilt:
            one[chance.randrange(len(one))] ^= 1 << chance.randrange(8)
        for given, of in ((bytes(spoilt[0]), message), (signature, bytes(spoilt[1])), (signature[:-1], message)):
            assert not program.genuine(key, given, of) and not by_library(key, given, of)
        # The same number and once more the order of the curve: a second signature that nobody has made.
        number = int.from_bytes(signature[32:], "little") + program.ORDER
        other = signature[:32] + number.to_bytes(32, "little")
        assert not program.genuine(key, other, message) and not by_library(key, other, message)


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """Without any package: `-S` leaves out where they are installed."""
    run = [sys.executable, "-I", "-S", str(SCRIPT), "--help"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "--witness" in done.stdout, done.stderr
