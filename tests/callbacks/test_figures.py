"""What a call-back says: over all cases, with limits that take the unreached for anything; and who may be shown it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.call_back import answered_by_others, call_back_rate
from survey.callbacks import counts as kept
from survey.callbacks import figures
from survey.callbacks.counts import CallCounts
from survey.callbacks.outcomes import CallAnswers
from survey.models import CallBackStratum
from tests.support.callbacks import AFTER
from tests.support.figures import STANDARD as USUAL

STANDARD = replace(USUAL, fewest=10)
COUNTS = CallCounts(1000, 190, 169, 60, 41, 9, 40, 2, 5)


def test_the_figures_are_those_of_the_analysis() -> None:
    shown = figures.figures(COUNTS, AFTER, STANDARD)
    assert shown.over_all == call_back_rate(1000, 190, 169, 60, 41, unreached=9, target="0.90")
    assert shown.own == answered_by_others(190, 169, 40, 2, unreached=5, target="0.90")
    assert shown.judged and (COUNTS.silent, COUNTS.silent_reached, COUNTS.answered_reached) == (810, 51, 35)


@pytest.mark.parametrize(
    ("reached", "shown", "judged"), [(9, False, False), (10, True, False), (29, True, False), (30, True, True)]
)
def test_nothing_is_told_of_fewer_than_ten_and_nothing_judged_below_thirty(
    reached: int, shown: bool, judged: bool
) -> None:
    counts = replace(COUNTS, silent_unreached=60 - reached, silent_satisfied=reached // 2)
    drawn = figures.figures(counts, AFTER, STANDARD)
    assert ((drawn.over_all is not None), drawn.judged) == (shown, judged)


@pytest.mark.parametrize(("unreached", "shown"), [(31, False), (30, True)])
def test_the_same_holds_for_those_who_had_answered(unreached: int, shown: bool) -> None:
    drawn = figures.figures(replace(COUNTS, answered_unreached=unreached), AFTER, STANDARD)
    assert (drawn.own is not None) == shown


def test_counts_survive_being_kept() -> None:
    assert kept.counts_kept(kept.as_kept(COUNTS)) == COUNTS


@pytest.mark.parametrize(
    ("said", "reached"),
    [
        (CallAnswers(herself=True, freely=True), True),
        (CallAnswers(herself=True, freely=False), True),
        (CallAnswers(herself=False), True),
        (CallAnswers(herself=True), False),
        (CallAnswers(), False),
    ],
)
def test_of_whom_it_is_known_who_answered(said: CallAnswers, reached: bool) -> None:
    assert said.reached(CallBackStratum.ANSWERED) == reached
