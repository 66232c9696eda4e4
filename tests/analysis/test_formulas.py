"""No text of ours is computed by a spreadsheet, and none that is harmless is touched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.formulas import FORMULA, inert


@given(st.sampled_from(FORMULA), st.text(max_size=30))
def test_what_begins_like_a_formula_gets_an_apostrophe(start: str, rest: str) -> None:
    assert inert(start + rest) == f"'{start}{rest}"


@given(st.text(max_size=30).filter(lambda text: not text.startswith(FORMULA)))
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
