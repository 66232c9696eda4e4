"""What citizens write is redacted: 98 of 100 numbers and addresses, 95 of 100 names, and few words for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.redaction_figures import BUILDING, HELD_OUT, figures, sentences


@pytest.mark.parametrize("path", [BUILDING, HELD_OUT], ids=["building", "held out"])
def test_numbers_and_names_are_found_and_other_words_stay(path: Path) -> None:
    of = figures(path)
    assert of.identifiers_found >= 0.98 * of.identifiers, of.missed
    assert of.names_found >= 0.95 * of.names, of.missed
    assert of.officers_told >= 0.90 * of.officers, of.missed
    assert of.words_lost <= 0.02 * of.words, of.lost


def test_there_are_enough_sentences_and_those_held_out_are_no_others() -> None:
    building, held_out = ({sentence.text for sentence in sentences(path)} for path in (BUILDING, HELD_OUT))
    assert len(building | held_out) >= 300 and len(held_out) >= 100
    assert not building & held_out
    assert figures(HELD_OUT).identifiers + figures(HELD_OUT).names >= 70
