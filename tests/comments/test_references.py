"""The name of a comment in an address: nothing but what this installation has sealed is one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from survey.comments.references import key_of, reference
from survey.errors import NotFound

SECRET = "s" * 32
KEY = (b"0123456789", "S8")


@given(st.text() | st.binary(max_size=80).map(lambda sealed: base64.urlsafe_b64encode(sealed).decode()))
@example("ế")
@example("A")
@example("")
def test_whatever_else_stands_there_names_no_comment(sealed: str) -> None:
    with pytest.raises(NotFound):
        key_of(SECRET, sealed)


def test_a_reference_is_another_one_each_time_and_of_one_installation_only() -> None:
    first, second = reference(SECRET, KEY), reference(SECRET, KEY)
    assert first != second
    assert key_of(SECRET, first) == key_of(SECRET, second) == KEY
    with pytest.raises(NotFound):
        key_of("t" * 32, first)
