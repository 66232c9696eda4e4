"""What is stored stays findable, and what was signed proves itself for its own purpose alone."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.security import tokens
from tests.support.factories import SECRET

AT = 0x67748580
SIGNED = f"{AT:x}.j9gmMw23UUqJCHdV3PXA"


def independently(purpose: str, *parts: bytes) -> bytes:
    """Return the keyed hash by its definition: HMAC with the purpose's key, over parts framed by their lengths."""
    key = hmac.new(SECRET.encode(), purpose.encode(), hashlib.sha256).digest()
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.new(key, framed, hashlib.sha256).digest()


def test_the_hashes_that_databases_hold_never_change() -> None:
    """An installation that is updated must still find its cases, its links and its receipts."""
    assert tokens.case_hash(SECRET, "H61.50-261008-0975").hex() == "d1440895d233a4201bf26d6c005e81d1"
    assert tokens.keyed(SECRET, "receipt", "1:7", "k" * 22)[:10].hex() == "a340ba9000d1669e3e22"
    assert tokens.token_hash("k" * 22) == hashlib.sha256(b"k" * 22).digest()
    assert tokens.sign(SECRET, "form", "/q/7K2M9QXA", at=AT + 0.9) == SIGNED


@given(st.text(min_size=1, max_size=20), st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=40)), max_size=4))
def test_a_keyed_hash_is_its_definition(purpose: str, parts: list[str | bytes]) -> None:
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    assert tokens.keyed(SECRET, purpose, *parts) == independently(purpose, *raw)


def test_parts_run_into_each_other_nowhere() -> None:
    told = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", "")]
    assert len({tokens.keyed(SECRET, "p", *parts) for parts in told}) == len(told)


def test_a_case_is_one_however_its_code_is_written() -> None:
    assert tokens.case_hash(SECRET, " h61.50-261008-0975\n") == tokens.case_hash(SECRET, "H61.50-261008-0975")


def test_a_signed_token_tells_when_it_was_issued() -> None:
    assert tokens.issued_at(SECRET, "form", SIGNED, "/q/7K2M9QXA") == AT


@pytest.mark.parametrize(
    ("secret", "purpose", "token", "parts"),
    [
        (SECRET + "x", "form", SIGNED, ("/q/7K2M9QXA",)),
        (SECRET, "amend", SIGNED, ("/q/7K2M9QXA",)),
        (SECRET, "form", SIGNED, ("/q/7K2M9QXB",)),
        (SECRET, "form", SIGNED, ("/q/7K2M9QXA", "")),
        (SECRET, "form", SIGNED, ()),
        (SECRET, "form", SIGNED.replace("6774", "7774"), ("/q/7K2M9QXA",)),
        (SECRET, "form", SIGNED.upper(), ("/q/7K2M9QXA",)),
        (SECRET, "form", SIGNED[:-1], ("/q/7K2M9QXA",)),
        (SECRET, "form", f"0{SIGNED}", ("/q/7K2M9QXA",)),
        (SECRET, "form", f"{AT:x}.", ("/q/7K2M9QXA",)),
        (SECRET, "form", f"{AT:x}", ("/q/7K2M9QXA",)),
        (SECRET, "form", ".", ("/q/7K2M9QXA",)),
        (SECRET, "form", "", ("/q/7K2M9QXA",)),
        (SECRET, "form", "không.phải", ("/q/7K2M9QXA",)),
    ],
)
def test_whatever_was_not_signed_for_this_is_refused(
    secret: str, purpose: str, token: str, parts: tuple[str, ...]
) -> None:
    assert tokens.issued_at(secret, purpose, token, *parts) is None


@given(st.binary(min_size=10, max_size=10))
def test_a_receipt_is_read_as_it_was_printed(receipt: bytes) -> None:
    assert tokens.parse_receipt(tokens.receipt_code(receipt)) == receipt


@pytest.mark.parametrize("code", ["", "0000-0000-0000-000", "0000-0000-0000-00000", "000U-0000-0000-0000", "Đ" * 16])
def test_what_is_no_receipt_is_none(code: str) -> None:
    assert tokens.parse_receipt(code) is None


def test_what_a_former_key_made_is_known_and_todays_key_makes_what_is_new() -> None:
    today, both = "today123" * 5, f"{'today123' * 5}\0{SECRET}"
    assert tokens.issued_at(both, "form", SIGNED, "/q/7K2M9QXA") == AT
    assert tokens.issued_at(today, "form", tokens.sign(both, "form", "x", at=AT), "x") == AT
    assert tokens.keyed(both, "case", "A") == tokens.keyed(today, "case", "A")
    assert tokens.formerly_keyed(both, "case", "A") == (tokens.keyed(SECRET, "case", "A"),)
    assert tokens.formerly_keyed(SECRET, "case", "A") == ()
