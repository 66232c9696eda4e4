"""Trends and factors: the same counts as the figures, period by period and question by question."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Agency, Channel, Level, Response
from survey.periods import parse
from survey.results import closing
from survey.results.factors import factors
from survey.results.figures import figures
from survey.results.importance import importance
from survey.results.scope import scope_for
from survey.results.trends import trend
from tests.support import factories
from tests.support.figures import STANDARD, table

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)


def province(session: Session) -> int:
    return factories.agency_id(session, "H61")


@pytest.mark.parametrize("basis", ["calendar", "administrative"])
def test_each_period_of_a_trend_has_the_figures_of_that_period(session: Session, basis: str) -> None:
    for month in (8, 9, 10):
        for day in (1, 14, 15, 28):
            rating = 5 if (month + day) % 3 else 2
            factories.response(session, rating, when=dt.datetime(2026, month, day, 5, tzinfo=dt.UTC))
            for _ in range(9):
                factories.case(session, finished=dt.date(2026, month, day))
    factories.response(session, 1, when=NOON, channel=Channel.OPEN)
    found = trend(session, scope_for(session, parse("2026-10", basis), province(session)), STANDARD, TODAY)
    assert [row.code for row in found.rows] == ["2026-08", "2026-09", "2026-10"]
    for row in found.rows:
        total = figures(
            session, scope_for(session, parse(row.code, basis), province(session)), STANDARD, TODAY
        ).judged.total
        assert (row.answered, row.satisfied) == (total.answered, total.satisfied)
        assert (row.lower, row.upper) == (total.lower, total.upper)
    assert found.change is not None and found.signals is not None
    assert found.change.difference == table(found.rows)["rate"].diff().iloc[-1]


def test_a_trend_without_answers_or_with_one_period_says_nothing(session: Session) -> None:
    empty = trend(session, scope_for(session, parse("2026-10"), province(session)), STANDARD, TODAY)
    assert (len(empty.rows), empty.signals, empty.change) == (1, None, None)
    factories.response(session, 5, when=NOON)
    single = trend(session, scope_for(session, parse("2026-10"), province(session)), STANDARD, TODAY)
    assert (len(single.rows), single.signals, single.change) == (1, None, None)


def test_a_running_period_is_shown_but_not_compared(session: Session) -> None:
    factories.response(session, 5, when=NOON - dt.timedelta(days=31))
    factories.response(session, 5, when=NOON)
    found = trend(session, scope_for(session, parse("2026-10"), province(session)), STANDARD, dt.date(2026, 10, 20))
    assert [row.answered for row in found.rows] == [1, 1]
    assert (found.signals, found.change) == (None, None)
    total = figures(
        session, scope_for(session, parse("2026-10"), province(session)), STANDARD, dt.date(2026, 10, 20)
    ).judged.total
    assert [(row.lower, row.upper) for row in found.rows] == [(0.025, 1.0), (total.lower, total.upper)]


@pytest.mark.parametrize("close", [False, True])
def test_an_agency_that_began_later_keeps_its_predecessors_answers_after_closing(session: Session, close: bool) -> None:
    for rating in (5, 5, 1):
        factories.response(session, rating, "H61.51", when=NOON)
    old = session.get_one(Agency, factories.agency_id(session, "H61.51"))
    new = factories.agency(session, "H61.60", Level.COMMUNE, "Xã Mới", "New Commune", province(session))
    new.valid_from, old.valid_to, old.successor_id = dt.date(2026, 11, 1), dt.date(2026, 10, 31), new.id
    session.flush()
    if close:
        closing.close(session, parse("2026-10"), dt.datetime(2026, 11, 5, tzinfo=dt.UTC), STANDARD)
    for one in (old, new):
        found = trend(session, scope_for(session, parse("2026-10"), one.id), STANDARD, TODAY)
        assert [(row.answered, row.satisfied) for row in found.rows] == [(3, 2)]


@pytest.mark.parametrize("basis", ["calendar", "administrative"])
def test_a_trend_marks_the_period_in_which_another_version_began_to_be_asked(session: Session, basis: str) -> None:
    for month in (8, 9, 10):
        factories.response(session, 5, when=dt.datetime(2026, month, 10, 5, tzinfo=dt.UTC))
    october = scope_for(session, parse("2026-10", basis), province(session))
    assert trend(session, october, STANDARD, TODAY).asked_anew == (), "the first version is no change"
    document = questionnaires.named(session, questionnaires.SHORT).document
    for version, day in (("3.0", 2), ("3.1", 5)):
        when = dt.datetime(2026, 9, day, 20, tzinfo=dt.UTC)  # the next day in Viet Nam
        questionnaires.publish(session, {**document, "version": version}, when)
    full = questionnaires.named(session, questionnaires.FULL).document
    questionnaires.publish(session, {**full, "version": "3.0"}, NOON)
    [anew] = trend(session, october, STANDARD, TODAY).asked_anew
    assert (anew.code, anew.since, anew.version) == ("2026-09", dt.date(2026, 9, 6), "3.1")
    closing.close(session, parse("2026-09", basis), dt.datetime(2026, 10, 16, tzinfo=dt.UTC), STANDARD)
    assert trend(session, october, STANDARD, TODAY).asked_anew == (anew,)


def test_a_questionnaire_without_factors_has_none(session: Session) -> None:
    october = scope_for(session, parse("2026-10"), province(session))
    assert factors(session, october, STANDARD)
    bank = questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8"))
    short = next(document for document in bank if document["id"] == questionnaires.SHORT)
    items = [item for item in short["items"] if item.get("target_item")]
    only = {**short, "version": "3.0", "items": items}
    questionnaires.publish(session, only, NOON)
    none = factors(session, scope_for(session, parse("2026-10"), province(session)), STANDARD)
    assert none == ()
    found = importance(session, scope_for(session, parse("2026-10"), province(session)), none, 1)
    assert found.rows is None


def test_factors_leave_no_opinion_out_and_open_answers_apart(session: Session) -> None:
    factories.response(session, 5, when=NOON, ratings={"r1": 4, "r3": 9})
    factories.response(session, 5, when=NOON, ratings={"r1": 1, "r3": 9})
    factories.response(session, 5, when=NOON, ratings={"r1": 1}, channel=Channel.OPEN)
    found = factors(session, scope_for(session, parse("2026-10"), province(session)), STANDARD)
    assert [row.question for row in found] == ["S2", "S3", "S4", "S5", "S6"]
    first, third = found[0], found[2]
    assert (first.answered, first.satisfied, first.level_1, first.level_4, first.mean) == (2, 1, 1, 1, 2.5)
    assert (third.answered, third.no_opinion) == (0, 2)
    assert first.name == {"vi": "Tiếp cận dịch vụ", "en": "Access to the service"}


def test_a_closed_period_keeps_its_figures_in_the_trend(session: Session) -> None:
    for rating in (5, 5, 1):
        factories.response(session, rating, when=NOON)
    closing.close(session, parse("2026-10"), dt.datetime(2026, 11, 2, tzinfo=dt.UTC), STANDARD)
    session.execute(sa.update(Response).values(counted=False))
    found = trend(session, scope_for(session, parse("2026-10"), province(session)), STANDARD, TODAY)
    total = figures(session, scope_for(session, parse("2026-10"), province(session)), STANDARD, TODAY).judged.total
    assert [(row.answered, row.satisfied) for row in found.rows] == [(3, 2)]
    assert (total.answered, total.satisfied) == (3, 2)
