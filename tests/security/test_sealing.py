"""What is sealed opens for its purpose, its row and its secret only; seals of earlier releases still open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.security import sealing

SECRET = "a secret that only the tests know, 32+"
KEPT = bytes.fromhex("000102030405060708090a0bb5a83a2d915633e7e508dbbce63fd92977670e70318432368db96a103c6d267273")
REPLY = bytes.fromhex("000102030405060708090a0befb2debc5d31de901510e3bef347ac4b9d96f10376e9f5d6eda856fa9e60")


@given(st.binary(max_size=300), st.binary(max_size=40), st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_what_is_sealed_comes_back(plain: bytes, bound: bytes, key_parts: list[str]) -> None:
    sealed = sealing.seal(SECRET, "contact", plain, bound, tuple(key_parts))
    assert sealing.unseal(SECRET, "contact", sealed, bound, tuple(key_parts)) == plain


def test_one_text_is_never_sealed_twice_alike() -> None:
    assert len({sealing.seal(SECRET, "contact", b"text") for _ in range(50)}) == 50


def test_a_seal_opens_for_nothing_else() -> None:
    sealed = sealing.seal(SECRET, "contact", b"text", b"row 7", ("key",))
    assert sealing.unseal(SECRET + "x", "contact", sealed, b"row 7", ("key",)) is None
    assert sealing.unseal(SECRET, "webhook", sealed, b"row 7", ("key",)) is None
    assert sealing.unseal(SECRET, "contact", sealed, b"row 8", ("key",)) is None
    assert sealing.unseal(SECRET, "contact", sealed, b"row 7", ("kez",)) is None
    assert sealing.unseal(SECRET, "contact", sealed, b"row 7") is None


@given(st.integers(min_value=0))
def test_one_changed_bit_is_noticed(place: int) -> None:
    sealed = bytearray(sealing.seal(SECRET, "contact", b"text"))
    sealed[place // 8 % len(sealed)] ^= 1 << place % 8
    assert sealing.unseal(SECRET, "contact", bytes(sealed)) is None


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27])
def test_what_is_too_short_to_be_a_seal_opens_to_nothing(length: int) -> None:
    assert sealing.unseal(SECRET, "contact", bytes(length)) is None


def test_what_an_earlier_release_sealed_still_opens() -> None:
    assert sealing.unseal(SECRET, "contact", KEPT, b"message") == b"kept since before"
    assert sealing.unseal(SECRET, "api reply", REPLY, key_parts=("7", "first-try")) == b"an older reply"


def test_a_former_key_opens_and_todays_seals() -> None:
    both, sealed = f"{'today123' * 5}\0{SECRET}", sealing.seal(SECRET, "contact", b"text", b"row 7")
    assert sealing.unseal(both, "contact", sealed, b"row 7") == b"text"
    anew = sealing.resealed(both, "contact", sealed, b"row 7")
    assert anew and sealing.unseal("today123" * 5, "contact", anew, b"row 7") == b"text"
    assert sealing.unseal(SECRET, "contact", anew, b"row 7") is None
    assert sealing.resealed(both, "contact", anew, b"row 7") is None, "it is so already"
    assert sealing.resealed(both, "contact", sealed, b"row 8") is None, "it is bound to another row"
