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
from survey.results import verdict_text
from survey.results.figures import NEEDED, Row, figures
from survey.security.tokens import new_token
from tests.support import factories

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.date(2026, 11, 20)
ASKED = {"target": "0.90", "confidence": 0.95}


def province(session: Session) -> int:
    return factories.agency_id(session, "H61")


def test_every_unit_has_a_row_even_without_answers(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    found = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED)
    assert found.judged["code"].tolist() == ["H61.1", "H61.2", "H61.50", "H61.51", "H61.52"]
    assert found.judged.set_index("code")["answered"].to_dict() == {
        "H61.1": 0, "H61.2": 0, "H61.50": 1, "H61.51": 0, "H61.52": 0,
    }  # fmt: skip
    assert found.total["judged"]["rate"] == 1.0
    assert found.total["open"] | {"rate": None} == found.total["open"]


def test_an_empty_period_has_the_whole_scale_as_its_interval(session: Session) -> None:
    for today in (CLOSED, dt.date(2026, 10, 12)):
        found = figures(session, OCTOBER, province(session), today=today, **ASKED)
        total = found.total["judged"]
        assert (total["answered"], total["rate"], total["lower"], total["upper"]) == (0, None, 0.0, 1.0)
        assert (total["verdict"], total["certain"], found.weighted) == ("inconclusive", "", None)
        assert found.judged["verdict"].eq("inconclusive").all()


def test_open_answers_stand_apart_and_carry_no_verdict(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    before = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED)
    for _ in range(3):
        factories.response(session, 1, when=NOON, channel=Channel.OPEN)
    factories.response(session, 2, when=NOON, channel=Channel.KIOSK)
    after = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED)
    pd.testing.assert_frame_equal(before.judged, after.judged)
    assert (after.total["open"]["answered"], after.total["kiosk"]["answered"]) == (3, 1)
    assert "verdict" not in after.open and "verdict" not in after.total["kiosk"]


def test_a_running_period_is_judged_by_limits_that_hold_every_day(session: Session) -> None:
    for _ in range(36):
        factories.response(session, 5, when=NOON)
    running = figures(session, OCTOBER, province(session), today=dt.date(2026, 10, 31), **ASKED)
    closed = figures(session, OCTOBER, province(session), today=dt.date(2026, 11, 1), **ASKED)
    assert (running.provisional, closed.provisional) == (True, False)
    assert (running.total["judged"]["verdict"], closed.total["judged"]["verdict"]) == ("inconclusive", "met")
    assert running.total["judged"]["lower"] < 0.9 <= closed.total["judged"]["lower"]
    assert closed.total["judged"]["certain"] == "met" and running.total["judged"]["certain"] == ""


def test_by_procedure_only_open_answers_may_belong_to_none(session: Session) -> None:
    factories.response(session, 4, when=NOON, procedure="2.000815")
    factories.response(session, 2, when=NOON, procedure="1.001193")
    factories.response(session, 3, when=NOON, channel=Channel.OPEN)
    found = figures(session, OCTOBER, province(session), "procedure", today=CLOSED, **ASKED)
    assert found.judged["code"].tolist() == ["2.000815", "1.001193"]
    assert found.judged["satisfied"].tolist() == [1, 0]
    assert found.open["code"].tolist() == ["2.000815", "1.001193", ""]
    assert found.open["level_3"].tolist() == [0, 0, 1]


def test_silence_is_bounded_by_the_cases_finished_in_the_period(session: Session) -> None:
    for _ in range(3):
        factories.response(session, 5, when=NOON)
    for _ in range(7):
        factories.case(session, finished=NOON.date())
    total = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED).total["judged"]
    assert (total["finished"], total["invited"], total["rated"]) == (10, 3, 3)
    assert (total["response_rate"], total["possible_lower"], total["possible_upper"]) == (0.3, 0.3, 1.0)
    assert total["break_even"] == pytest.approx(6 / 7)


def test_the_weighted_total_gives_each_unit_its_share_of_the_cases(session: Session) -> None:
    for agency, cases, good, bad in (("H61.50", 30, 9, 1), ("H61.51", 70, 5, 5)):
        for rating in [5] * good + [2] * bad:
            factories.response(session, rating, agency, when=NOON)
        for _ in range(cases - good - bad):
            factories.case(session, agency, finished=NOON.date())
    found = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED)
    assert found.total["judged"]["rate"] == 0.7
    assert found.weighted is not None and found.weighted.rate == pytest.approx(0.3 * 0.9 + 0.7 * 0.5)


def test_a_unit_that_ended_before_the_period_is_not_listed(session: Session) -> None:
    gone = session.get(Agency, factories.agency_id(session, "H61.51"))
    assert gone is not None
    gone.valid_to = dt.date(2026, 9, 30)
    session.flush()
    found = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED)
    assert "H61.51" not in found.judged["code"].tolist()
    earlier = figures(session, parse("2026-09"), province(session), today=CLOSED, **ASKED)
    assert "H61.51" in earlier.judged["code"].tolist()


def test_a_certain_verdict_stands_only_when_the_answers_are_those_of_the_cases(session: Session) -> None:
    for _ in range(9):
        factories.response(session, 5, when=NOON)
    factories.case(session, finished=NOON.date())
    certain = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED).total["judged"]
    assert (certain["certain"], certain["verdict"], certain["answered"]) == ("met", "met", 9)
    assert certain["lower"] >= 0.9
    late = invitations.find(
        session.connection(), factories.invitation(session, when=NOON - dt.timedelta(days=10), days=30), NOON
    )
    sheet = questionnaires.asked_now(session)
    sending = responses.SubmissionMeta(new_token(), NOON, "vi")
    responses.record(session.connection(), factories.SECRET, late, sheet, Answers({"overall": 1}), sending)
    mixed = figures(session, OCTOBER, province(session), today=CLOSED, **ASKED).total["judged"]
    assert (mixed["answered"], mixed["rated"]) == (10, 9)
    assert (mixed["certain"], mixed["verdict"]) == ("", "inconclusive")


def commune(session: Session, good: int, bad: int, silent: int) -> Row:
    """Return the judged figures of a commune with so many finished cases and answers in October."""
    for rating in [5] * good + [1] * bad:
        factories.response(session, rating, when=NOON)
    for _ in range(silent):
        factories.case(session, finished=NOON.date())
    found = figures(session, OCTOBER, factories.agency_id(session), today=dt.date(2026, 11, 5), **ASKED)
    return found.total["judged"]


@pytest.mark.parametrize(
    ("good", "bad", "silent", "needed", "said"),
    [
        (17, 0, 3, (1, 3), "At least 1 more answers are needed if all of them are satisfied"),
        (15, 1, 4, (3, 2), "At least 3 more answers are needed if all of them are satisfied"),
        (9, 1, 3, (3, 1), "At least 3 more answers are needed if all of them are satisfied"),
        (17, 1, 1, (1, 1), "At least 1 more answers are needed if all of them are satisfied"),
    ],
)
def test_a_small_number_of_cases_is_certain_with_few_more_answers_and_that_is_said(
    app: Flask, session: Session, good: int, bad: int, silent: int, needed: tuple[int | None, int], said: str
) -> None:
    row = commune(session, good, bad, silent)
    told = tuple(None if pd.isna(row[name]) else int(row[name]) for name in NEEDED[:2])
    with speaking("en"):
        sentence = verdict_text.sentence(row, target="0.90", confidence=0.95)
    assert (told, row["certain"], sentence.partition("90%. ")[2][: len(said)]) == (needed, "", said)
    # The number is the truth: with one less nothing could be concluded, with so many it is.
    everyone = {"population": good + bad + silent, "design": "self-selected"}
    for more, concluded in ((needed[0], True), ((needed[0] or 0) - 1, False)) if needed[0] else ():
        proved = assess(good + more, good + bad + more, "0.90", 0.95, **everyone)
        assert (str(proved.verdict) == "met") is concluded


def test_a_running_period_tells_no_number_of_answers_that_daily_looks_would_change(session: Session) -> None:
    for _ in range(40):
        factories.response(session, 5, when=NOON)
    found = figures(session, OCTOBER, factories.agency_id(session), today=dt.date(2026, 10, 20), **ASKED)
    assert found.total["judged"]["verdict"] == "inconclusive"
    assert all(pd.isna(found.total["judged"][name]) for name in NEEDED)
