"""Addresses: read strictly, sealed for one message, told to nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.delivery import contact
from survey.delivery.contact import Contact
from survey.errors import InvalidContact
from survey.models import AddressKind
from tests.support.factories import SECRET


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        (" linh@example.vn ", AddressKind.EMAIL, "linh@example.vn"),
        ("\u200blinh@\u00adexample.vn\u2060", AddressKind.EMAIL, "linh@example.vn"),
        ("0912 345 678", AddressKind.PHONE, "+84912345678"),
        ("+84 (912) 345-678", AddressKind.PHONE, "+84912345678"),
        ("84912345678", AddressKind.PHONE, "+84912345678"),
        ("0294.3855.555", AddressKind.PHONE, "+842943855555"),
        ("912345678", AddressKind.PHONE, "+84912345678"),
        ("841234567", AddressKind.PHONE, "+84841234567"),  # the network's own numbers begin like the country's
        ("2943855555", AddressKind.PHONE, "+842943855555"),
        ("0084 912 345 678", AddressKind.PHONE, "+84912345678"),
        ("’0912–345–678\u200b", AddressKind.PHONE, "+84912345678"),
    ],
)
def test_addresses_are_read_as_people_write_them(typed: str, kind: AddressKind, kept: str) -> None:
    assert contact.read(typed) == Contact(kind, kept)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "linh",
        "a@b",
        "linh@example.vn\r\nBcc: x@y.vn",
        "<linh@example.vn>",
        "=1+1@example.vn",
        "1234",
        "+1 202 555 0100",
        "linh..n@example.vn",
        "x" * 65 + "@example.vn",
        "linh@" + "a" * 250 + ".vn",
        "0912345678901",
        "+912345678",
        "01234567890",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidContact) as refused:
        contact.read(typed)
    assert not typed or typed not in str(refused.value)


@given(st.text(max_size=60), st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_seal_opens_for_its_own_message_and_secret_only(address: str, key: str, other: str) -> None:
    key, other = key.encode("utf-8", "ignore").decode(), other.encode("utf-8", "ignore").decode() + "!"
    sealed = contact.seal(SECRET, key, address, "token")
    assert contact.unseal(SECRET, key, sealed) == (address, "token")
    assert contact.unseal(SECRET + "!", key, sealed) is None
    assert contact.unseal(SECRET, key, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    if key != other:
        assert contact.unseal(SECRET, other, sealed) is None
    assert len(contact.seal(SECRET, key, "a@b.vn", "t" * 22)) == len(contact.seal(SECRET, key, "a" * 60, "t" * 22))
