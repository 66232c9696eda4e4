"""Codes come back from paper as they went to it, however people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.security import base32

CODES = st.text(base32.ALPHABET, min_size=1, max_size=40)


@given(st.binary(max_size=40))
def test_bytes_come_back_from_their_letters(raw: bytes) -> None:
    assert base32.decode(base32.encode(raw)) == raw


@given(st.binary(min_size=5, max_size=40))
def test_letters_agree_with_the_standard_alphabet(raw: bytes) -> None:
    import base64

    standard = base64.b32encode(raw).decode().rstrip("=")
    assert base32.encode(raw) == standard.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", base32.ALPHABET))


@given(CODES, st.sampled_from(["", " ", "-", "–", " · ", "\u00a0", "."]), st.booleans())
def test_gaps_and_small_letters_do_not_matter(code: str, gap: str, small: bool) -> None:
    typed = base32.grouped(code, gap)
    assert base32.corrected(typed.lower() if small else typed) == code


@given(CODES, st.sampled_from([("0", "O"), ("0", "o"), ("1", "I"), ("1", "i"), ("1", "L"), ("1", "l")]))
def test_letters_that_look_like_digits_are_read_as_these(code: str, pair: tuple[str, str]) -> None:
    digit, letter = pair
    assert base32.corrected(code.replace(digit, letter)) == code


@given(st.text(max_size=30))
def test_a_code_that_is_read_is_printed_alike(typed: str) -> None:
    raw = base32.decode(typed)
    assert raw is None or base32.encode(raw) == base32.corrected(typed)


@pytest.mark.parametrize("typed", ["0", "000", "U0", "01", "Đ0", "00?0", "000000"])
def test_what_nothing_is_encoded_as_is_none(typed: str) -> None:
    assert base32.decode(typed) is None


def test_a_random_code_has_the_length_asked_for() -> None:
    codes = {base32.random_code(8) for _ in range(200)}
    assert {len(code) for code in codes} == {8}
    assert len(codes) == 200
    assert set("".join(codes)) == set(base32.ALPHABET)
