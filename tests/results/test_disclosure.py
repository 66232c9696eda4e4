"""What a reader may see: an open period by batches, of reasons, cuts and comments no more than of the figures."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from sqlalchemy.orm import Session

from survey.comments.reading import CommentFilter, CommentsInScope
from survey.models import Role
from survey.periods import parse
from survey.results import closing
from survey.results.choices import reasons
from survey.results.cuts import Cut, parts
from survey.results.factors import factors
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, reader_of, scope_for
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
OCTOBER = parse("2026-10")
PLACES = ("2.000815", "1.001193", "1.000894")
RATINGS = itertools.cycle([5, 2, 4, 1, 3])


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


def test_an_open_period_moves_by_five_for_a_commune_and_at_once_for_the_province(session: Session) -> None:
    day, commune = dt.date(2026, 10, 20), factories.agency_id(session)
    seen: dict[Reader, list[int]] = {Reader.UNIT: [], Reader.PROVINCE: []}
    for _ in range(26):
        factories.response(session, next(RATINGS), when=at(day))
        for reader, numbers in seen.items():
            made = figures(session, scope_for(session, OCTOBER, commune, reader=reader), STANDARD, day, "procedure")
            numbers.append(made.judged.total.answered)
            if reader.guarded:
                assert [row.withheld for row in made.judged.rows if row.answered] in ([], ["open"])
    assert seen[Reader.PROVINCE] == list(range(1, 27))
    assert seen[Reader.UNIT] == [max(0, number // 5 * 5 - 5) for number in range(1, 27)]


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize("closed", [False, True])
def test_a_commune_sees_cuts_reasons_factors_and_comments_as_far_as_its_figures_go(
    session: Session, closed: bool
) -> None:
    day = at(dt.date(2026, 10, 20))
    for procedure, number in zip(PLACES[::-1], (4, 12), strict=False):
        for _ in range(number):
            factories.response(session, next(RATINGS), procedure=procedure, when=day)
    for turn in range(40):
        said = {"other": {"S7": ["late"] if turn % 2 else ["login"]}, "comments": {"S8": "Chờ lâu quá."}}
        factories.response(session, 2, procedure=PLACES[0], when=day, ratings={"r1": next(RATINGS)}, **said)
    if closed:
        closing.close(session, OCTOBER, at(dt.date(2026, 11, 3)), STANDARD)
    scope = scope_for(session, OCTOBER, factories.agency_id(session), reader=Reader.UNIT)
    rows = parts(session, scope, STANDARD, Cut.PROCEDURE)
    seen = [(row.answered, row.withheld) for row in rows]
    assert seen == ([(40, ""), (12, "others"), (4, "few")] if closed else [(34, "open"), (12, "open"), (4, "few")])
    why = reasons(session, scope, STANDARD)
    assert why is not None and (why.answered, why.shown) == ((40, True) if closed else (34, False))
    assert [row.shown for row in factors(session, scope, STANDARD) if row.answered] == [closed]
    assert not any(row.shown for row in factors(session, scope, STANDARD, rows[0].part)), "two cuts single people out"
    comments = CommentsInScope(session, scope, weekly=True)
    assert comments.number(CommentFilter()) == (40 if closed else 34), "they come with the answers"


def test_who_looks_decides_by_agency_and_role(session: Session) -> None:
    province, commune = factories.agency_id(session, "H61"), factories.agency_id(session)
    asked = [(province, Role.VIEWER), (commune, Role.ADMINISTRATOR), (commune, Role.AUDITOR), (commune, None)]
    seen = [reader_of(session, agency, role) for agency, role in asked]
    assert seen == [Reader.PROVINCE, Reader.UNIT, Reader.AUDITOR, Reader.UNIT]
