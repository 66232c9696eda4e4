"""Importance of the parts of the service: from complete judged answers only, in a bounded reading, never as a cause."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from analysis.scores import relative_importance
from survey.i18n import speaking
from survey.models import Channel
from survey.periods import parse
from survey.results import caveats, closing, counts
from survey.results.factors import factors
from survey.results.importance import Importance, WeighedFactor, _spread, importance
from survey.results.scope import Reader, scope_for
from tests.support import factories
from tests.support.figures import STANDARD

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
SLOTS = ("r1", "r2", "r3", "r4", "r5")
CAUSES = re.compile(r"vì|do|nhờ|nguyên nhân|tác động|ảnh hưởng|because|cause|effect|impact|drive|influence", re.I)


def rated(session: Session, people: int, seed: int = 1) -> tuple[list[list[int]], list[int]]:
    """Add complete answers in which the first part goes with the overall rating and the last does not."""
    chance, x, y = random.Random(seed), [], []
    for _ in range(people):
        overall = chance.randint(1, 5)
        parts = [overall if chance.random() < share else chance.randint(1, 5) for share in (0.9, 0.5, 0.5, 0.3, 0.0)]
        factories.response(session, overall, when=NOON, ratings=dict(zip(SLOTS, parts, strict=True)))
        x.append(parts)
        y.append(overall)
    return x, y


def weighed(session: Session) -> Importance:
    province = factories.agency_id(session, "H61")
    found = factors(session, scope_for(session, OCTOBER, province), STANDARD)
    return importance(session, scope_for(session, OCTOBER, province), found, max(row.answered for row in found))


def test_the_shares_are_those_of_the_persons_themselves(session: Session) -> None:
    x, y = rated(session, 200)
    factories.response(session, 1, when=NOON, ratings={"r1": 5})
    factories.response(session, 1, when=NOON, ratings=dict.fromkeys(SLOTS, 9))
    factories.response(session, 1, when=NOON, ratings=dict.fromkeys(SLOTS, 5), channel=Channel.OPEN)
    found = weighed(session)
    assert found.rows is not None and found.complete == 200
    expected = relative_importance(x, y, resamples=0)
    assert [row.importance for row in found.rows] == pytest.approx(expected.share.tolist())
    assert found.explained == pytest.approx(expected.r_squared)
    assert max(found.rows, key=lambda row: row.importance).question == "S2"


def test_too_few_or_too_like_answers_are_said_and_not_shown(session: Session, app: Flask) -> None:
    rated(session, 199)
    few = weighed(session)
    assert (few.rows, few.complete, few.alike) == (None, 199, False)
    alike = Importance(None, 400, 200, True, 31, 31, None)
    with speaking("en"):
        assert "at least 200" in caveats.importance(few) and "199" in caveats.importance(few)
        assert "differ too little" in caveats.importance(alike)


def test_answers_that_all_say_the_same_explain_nothing(session: Session) -> None:
    for _ in range(200):
        factories.response(session, 5, when=NOON, ratings=dict.fromkeys(SLOTS, 5))
    found = weighed(session)
    assert (found.rows, found.complete, found.alike) == (None, 200, True)


def test_a_closed_period_keeps_the_answers_as_they_stood(session: Session) -> None:
    province, asked = factories.agency_id(session, "H61"), ["S2", "S3"]
    factories.response(session, 5, when=NOON, ratings={"r1": 4, "r2": 3})
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 2, tzinfo=dt.UTC), STANDARD)
    factories.response(session, 1, when=NOON + dt.timedelta(days=40), ratings={"r1": 1, "r2": 1})
    before = counts.sheets(session, scope_for(session, OCTOBER, province), asked)
    assert before.to_numpy().tolist() == [[4, 3, 5, 1]]
    later = counts.sheets(session, scope_for(session, parse("2026"), province), asked)
    assert int(later["people"].sum()) == 2


@pytest.mark.parametrize("span", [28, 31, 92, 365])
@pytest.mark.parametrize("answered", [0, 20_000, 20_001, 140_000, 10_000_000])
def test_many_answers_are_read_on_some_days_of_every_weekday(span: int, answered: int) -> None:
    days = _spread(span, answered)
    assert days[0] == 0 and max(days) < span
    assert len(days) == span if answered <= 20_000 else 7 <= len(days) <= span
    if span >= 92 and answered:
        assert {day % 7 for day in days} == set(range(7))


def test_only_some_days_are_read_and_that_is_said(session: Session, app: Flask) -> None:
    province = factories.agency_id(session, "H61")
    for day in (1, 2, 4):
        factories.response(session, 4, when=NOON.replace(day=day), ratings={"r1": 4})
    some = counts.sheets(session, scope_for(session, OCTOBER, province), ["S2"], days=[0, 3])
    assert some["people"].to_list() == [2]
    two = factors(session, scope_for(session, OCTOBER, province), STANDARD)[:2]
    rows = tuple(WeighedFactor(**vars(row), importance=share) for row, share in zip(two, (0.7, 0.3), strict=True))
    with speaking("en"):
        assert "8 of 31 days" in caveats.importance(Importance(rows, 400, 200, False, 8, 31, 0.4))
        assert "days" not in caveats.importance(Importance(rows, 400, 200, False, 31, 31, 0.4))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_cause_is_claimed(session: Session, app: Flask, language: str) -> None:
    every = factors(session, scope_for(session, OCTOBER, factories.agency_id(session, "H61")), STANDARD)
    rows = tuple(WeighedFactor(**vars(row), importance=0.2) for row in every)
    with speaking(language):
        meaning = caveats.importance(Importance(rows, 400, 200, False, 31, 31, 0.4))
    assert not [word for word in re.findall(r"\w+", meaning) if CAUSES.fullmatch(word)]


def test_factors_that_are_withheld_are_no_reason_to_speak_of_too_many_or_of_none(session: Session, app: Flask) -> None:
    rated(session, 30)
    commune = factories.agency_id(session)
    scope = scope_for(session, OCTOBER, commune, reader=Reader.UNIT)
    rows = factors(session, scope, STANDARD)
    assert {row.withheld for row in rows if row.answered} == {"open"}
    withheld = importance(session, scope, rows, 30)
    assert (withheld.rows, withheld.hidden, withheld.too_many) == (None, True, False)
    with speaking("en"):
        assert caveats.importance(withheld) == (
            "Importance is not shown, because what people say about each part of the service is not."
        )
