"""Figures: every row beside its counts, channels apart, verdicts by the exact test or, while a period runs, daily."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from analysis import assess
from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.i18n import speaking
from survey.models import Agency, Channel
from survey.periods import parse
from survey.results import closing, verdict_text
from survey.results.figures import figures
from survey.results.rows import JudgedRow
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.figures import STANDARD, table

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.date(2026, 11, 20)


def province(session: Session) -> int:
    return factories.agency_id(session, "H61")


def test_every_unit_has_a_row_even_without_answers(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    found = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED)
    assert table(found.judged.rows)["code"].tolist() == ["H61.1", "H61.2", "H61.50", "H61.51", "H61.52"]
    assert table(found.judged.rows).set_index("code")["answered"].to_dict() == {
        "H61.1": 0,
        "H61.2": 0,
        "H61.50": 1,
        "H61.51": 0,
        "H61.52": 0,
    }
    assert found.judged.total.rate == 1.0
    assert (found.open.total.answered, found.open.total.rate) == (0, None)


def test_an_empty_period_has_the_whole_scale_as_its_interval(session: Session) -> None:
    for today in (CLOSED, dt.date(2026, 10, 12)):
        found = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, today)
        total = found.judged.total
        assert (total.answered, total.rate, total.lower, total.upper) == (0, None, 0.0, 1.0)
        assert (total.verdict, total.certain, found.weighted) == ("inconclusive", "", None)
        assert {row.verdict for row in found.judged.rows} == {"inconclusive"}


def test_open_answers_stand_apart_and_carry_no_verdict(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    before = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED)
    for _ in range(3):
        factories.response(session, 1, when=NOON, channel=Channel.OPEN)
    factories.response(session, 2, when=NOON, channel=Channel.KIOSK)
    after = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED)
    assert before.judged == after.judged
    assert (after.open.total.answered, after.kiosk.total.answered) == (3, 1)
    reference = (*after.open.rows, after.open.total, *after.kiosk.rows, after.kiosk.total)
    assert not [row for row in reference if hasattr(row, "verdict")]


def test_a_running_period_is_judged_by_limits_that_hold_every_day(session: Session) -> None:
    for _ in range(36):
        factories.response(session, 5, when=NOON)
    running = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, dt.date(2026, 10, 31))
    closed = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, dt.date(2026, 11, 1))
    assert (running.provisional, closed.provisional) == (True, False)
    assert (running.judged.total.verdict, closed.judged.total.verdict) == ("inconclusive", "met")
    assert running.judged.total.lower < 0.9 <= closed.judged.total.lower
    assert closed.judged.total.certain == "met" and running.judged.total.certain == ""


def test_by_procedure_only_open_answers_may_belong_to_none(session: Session) -> None:
    factories.response(session, 4, when=NOON, procedure="2.000815")
    factories.response(session, 2, when=NOON, procedure="1.001193")
    factories.response(session, 3, when=NOON, channel=Channel.OPEN)
    found = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED, "procedure")
    assert table(found.judged.rows)["code"].tolist() == ["2.000815", "1.001193"]
    assert table(found.judged.rows)["satisfied"].tolist() == [1, 0]
    assert table(found.open.rows)["code"].tolist() == ["2.000815", "1.001193", ""]
    assert table(found.open.rows)["level_3"].tolist() == [0, 0, 1]


def test_silence_is_bounded_by_the_cases_finished_in_the_period(session: Session) -> None:
    for _ in range(3):
        factories.response(session, 5, when=NOON)
    for _ in range(7):
        factories.case(session, finished=NOON.date())
    total = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED).judged.total
    assert (total.finished, total.invited, total.rated) == (10, 3, 3)
    assert (total.response_rate, total.possible_lower, total.possible_upper) == (0.3, 0.3, 1.0)
    assert total.break_even == pytest.approx(6 / 7)


def test_the_weighted_total_gives_each_unit_its_share_of_the_cases(session: Session) -> None:
    for agency, cases, good, bad in (("H61.50", 30, 9, 1), ("H61.51", 70, 5, 5)):
        for rating in [5] * good + [2] * bad:
            factories.response(session, rating, agency, when=NOON)
        for _ in range(cases - good - bad):
            factories.case(session, agency, finished=NOON.date())
    found = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED)
    assert found.judged.total.rate == 0.7
    assert found.weighted is not None and found.weighted.rate == pytest.approx(0.3 * 0.9 + 0.7 * 0.5)


def test_a_unit_that_ended_before_the_period_is_not_listed(session: Session) -> None:
    gone = session.get(Agency, factories.agency_id(session, "H61.51"))
    assert gone is not None
    gone.valid_to = dt.date(2026, 9, 30)
    session.flush()
    found = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED)
    assert "H61.51" not in table(found.judged.rows)["code"].tolist()
    earlier = figures(session, scope_for(session, parse("2026-09"), province(session)), STANDARD, CLOSED)
    assert "H61.51" in table(earlier.judged.rows)["code"].tolist()


def test_a_certain_verdict_stands_only_when_the_answers_are_those_of_the_cases(session: Session) -> None:
    for _ in range(36):
        factories.response(session, 5, when=NOON)
    factories.case(session, finished=NOON.date())
    certain = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED).judged.total
    assert (certain.certain, certain.verdict, certain.answered) == ("met", "met", 36)
    assert certain.lower >= 0.9
    token = factories.invitation(session, when=NOON - dt.timedelta(days=10), days=30)
    late = invitations.find(session.connection(), token, NOON)
    sheet = questionnaires.asked_now(session)
    sending = responses.SubmissionMeta(new_token(), NOON, "vi")
    responses.record(session.connection(), factories.SECRET, late, sheet, Answers({"overall": 1}), sending)
    mixed = figures(session, scope_for(session, OCTOBER, province(session)), STANDARD, CLOSED).judged.total
    assert (mixed.answered, mixed.rated) == (37, 36)
    assert (mixed.certain, mixed.verdict) == ("", "inconclusive")


def commune(session: Session, good: int, bad: int, silent: int) -> JudgedRow:
    """Return the judged figures of a commune with so many finished cases and answers in October."""
    for rating in [5] * good + [1] * bad:
        factories.response(session, rating, when=NOON)
    for _ in range(silent):
        factories.case(session, finished=NOON.date())
    found = figures(session, scope_for(session, OCTOBER, factories.agency_id(session)), STANDARD, dt.date(2026, 11, 5))
    return found.judged.total


@pytest.mark.parametrize(
    ("good", "bad", "silent", "needed", "said"),
    [
        (34, 0, 6, (2, 5), "At least 2 more answers are needed if all of them are satisfied"),
        (30, 3, 4, (4, 1), "At least 4 more answers are needed if all of them are satisfied"),
        (27, 3, 3, (3, 1), "At least 3 more answers are needed if all of them are satisfied"),
        (31, 3, 1, (1, 1), "At least 1 more answers are needed if all of them are satisfied"),
    ],
)
def test_a_small_number_of_cases_is_certain_with_few_more_answers_and_that_is_said(
    app: Flask, session: Session, good: int, bad: int, silent: int, needed: tuple[int | None, int], said: str
) -> None:
    row = commune(session, good, bad, silent)
    more_needed = (row.needed_if_all_satisfied, row.needed_if_all_dissatisfied)
    with speaking("en"):
        sentence = verdict_text.sentence(row, STANDARD, closed=False)
    assert (more_needed, row.certain, sentence.partition("90%. ")[2][: len(said)]) == (needed, "", said)
    # The number is the truth: with one less nothing could be concluded, with so many it is.
    everyone = {"population": good + bad + silent, "design": "self-selected"}
    for more, concluded in ((needed[0], True), ((needed[0] or 0) - 1, False)) if needed[0] else ():
        proved = assess(good + more, good + bad + more, "0.90", 0.95, **everyone)
        assert (str(proved.verdict) == "met") is concluded


def test_limits_of_a_mean_score_stay_within_what_the_cases_allow(session: Session) -> None:
    row = commune(session, good=9, bad=1, silent=1)
    assert (row.mean, row.finished, row.answered) == (4.6, 11, 10)
    assert (row.mean_lower, row.mean_upper) == pytest.approx((47 / 11, 51 / 11))


def test_more_answers_are_needed_only_while_cases_can_bring_them(session: Session) -> None:
    row = commune(session, good=92, bad=8, silent=60)
    needed = (row.needed_if_all_satisfied, row.needed_if_all_dissatisfied, row.needed_if_rate_holds)
    assert all(many is None or many <= 60 for many in needed) and needed[0] is not None
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 20, tzinfo=dt.UTC), STANDARD)
    scope = scope_for(session, OCTOBER, factories.agency_id(session))
    total = figures(session, scope, STANDARD, CLOSED).judged.total
    assert total.answered == 100
    needed = (total.needed_if_all_satisfied, total.needed_if_all_dissatisfied, total.needed_if_rate_holds)
    assert needed == (None, None, None)


def test_a_running_period_tells_no_number_of_answers_that_daily_looks_would_change(session: Session) -> None:
    for _ in range(40):
        factories.response(session, 5, when=NOON)
    found = figures(session, scope_for(session, OCTOBER, factories.agency_id(session)), STANDARD, dt.date(2026, 10, 20))
    assert found.judged.total.verdict == "inconclusive"
    total = found.judged.total
    needed = (total.needed_if_all_satisfied, total.needed_if_all_dissatisfied, total.needed_if_rate_holds)
    assert needed == (None, None, None)


def test_small_tables_hold_their_words_as_python_does() -> None:
    assert pd.Series(["H61.50"]).dtype.storage == "python", "Arrow's make a page take a quarter longer"
