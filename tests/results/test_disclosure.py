"""What a reader may see: an open period by batches, of reasons, cuts and comments no more than of the figures."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.models import CaseOutcome, Channel, Level, Response, Role
from survey.periods import parse
from survey.results import closing
from survey.results.choices import reasons
from survey.results.cuts import Cut, parts
from survey.results.disclosure import nameable
from survey.results.factors import factors
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, reader_of, scope_for
from tests.support import factories
from tests.support.figures import CLOCK

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
    comments = CommentsInScope(session, scope, True, CLOCK)
    assert comments.number(CommentFilter()) == (40 if closed else 34), "they come with the answers"


def test_a_province_sees_at_once_all_that_is_not_of_few(session: Session) -> None:
    day = dt.date(2026, 10, 20)
    for agency, number in (("H61.50", 40), ("H61.51", 12), ("H61.1", 10), ("H61.2", 4), ("H61.52", 3)):
        for _ in range(number):
            factories.response(session, next(RATINGS), agency, when=at(day), ratings={"r1": next(RATINGS)})
    scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"))
    shown, whole = (figures(session, scope, Standard("0.90", 0.95, fewest), day) for fewest in (10, 1))
    rows, every = ({row.code: row for row in one.judged.rows if not row.pooled} for one in (shown, whole))
    assert {code: row.withheld for code, row in rows.items() if row.answered} == {
        "H61.50": "",
        "H61.51": "",
        "H61.1": "others",  # or the total minus the others would be what seven said
        "H61.2": "few",
        "H61.52": "few",
    }
    assert {code: row for code, row in rows.items() if not row.withheld} == {
        code: row for code, row in every.items() if not rows[code].withheld
    }
    assert shown.judged.total == whole.judged.total and shown.judged.total.answered == 69
    (pool,) = [row for row in shown.judged.rows if row.pooled]
    assert (pool.answered, pool.satisfied) == (
        17,
        sum(every[code].satisfied or 0 for code in ("H61.1", "H61.2", "H61.52")),
    )
    for part in (factors, reasons):
        assert part(session, scope, Standard("0.90", 0.95)) == part(session, scope, Standard("0.90", 0.95, 1))


def test_what_comes_after_a_closing_for_its_days_moves_no_open_period_of_a_commune(session: Session) -> None:
    day, commune = dt.date(2026, 10, 20), factories.agency_id(session)
    tokens = [factories.invitation(session, when=at(day)) for _ in range(19)]
    sources = [invitations.find(session.connection(), token, at(day)) for token in tokens]
    for source in sources[:17]:
        factories.response(session, 5, when=at(day), source=source)
    closing.close(session, OCTOBER, at(dt.date(2026, 11, 1)), STANDARD)

    def seen(reader: Reader, period: str = "2026-Q4") -> tuple[int, int | None]:
        scope = scope_for(session, parse(period), commune, reader=reader)
        total = figures(session, scope, STANDARD, dt.date(2026, 11, 2)).judged.total
        return total.answered, total.satisfied

    assert (seen(Reader.UNIT), seen(Reader.PROVINCE)) == ((10, 10), (17, 17))
    factories.response(session, 1, when=at(day), source=sources[0])  # somebody who changes an answer
    factories.response(session, 1, when=at(day), source=sources[18])  # from a device that was off line
    assert seen(Reader.PROVINCE) == (18, 16)
    assert seen(Reader.UNIT) == (10, 10)
    closing.close(session, parse("2026-Q4"), at(dt.date(2027, 1, 2)), STANDARD)
    assert seen(Reader.UNIT, "2026") == (10, 10), "nor does the year tell one more"
    assert seen(Reader.UNIT, "2026-10") == (17, 17)


def test_a_batch_is_of_one_channel_and_one_half_month(session: Session) -> None:
    first, second, commune = dt.date(2026, 10, 10), dt.date(2026, 10, 20), factories.agency_id(session)
    for _ in range(9):  # not one batch is whole and followed by another one, though there are 27
        factories.response(session, 4, when=at(first))
        factories.response(session, 4, when=at(second))
        factories.response(session, 4, when=at(second), channel=Channel.OPEN)
    seen = figures(session, scope_for(session, OCTOBER, commune, reader=Reader.UNIT), STANDARD, second)
    assert (seen.judged.total.answered, seen.open.total.answered) == (0, 0)
    factories.response(session, 4, when=at(first))
    seen = figures(session, scope_for(session, OCTOBER, commune, reader=Reader.UNIT), STANDARD, second)
    assert (seen.judged.total.answered, seen.open.total.answered) == (5, 0)


@pytest.mark.parametrize(("number", "seen"), [(9, 0), (10, 5), (15, 10)])
def test_few_answers_of_a_closed_half_are_in_no_figure_of_a_longer_period_that_runs(
    session: Session, number: int, seen: int
) -> None:
    for _ in range(number):
        factories.response(session, 4, when=at(dt.date(2026, 10, 20)))
    closing.close(session, OCTOBER, at(dt.date(2026, 11, 1)), STANDARD)
    scope = scope_for(session, parse("2026-Q4"), factories.agency_id(session), reader=Reader.UNIT)
    assert figures(session, scope, STANDARD, dt.date(2026, 11, 2)).judged.total.answered == seen


def test_a_running_quarter_less_a_closed_month_leaves_no_few_of_one_office(session: Session) -> None:
    """Three offices of a department, one of which four people answered: the month has told them all together."""
    department, day = factories.agency_id(session, "H61.1"), dt.date(2026, 10, 20)
    for code, answers in (("H61.1.1", 20), ("H61.1.2", 4), ("H61.1.3", 12)):
        factories.agency(session, code, Level.OFFICE, f"Phòng {code}", f"Office {code}", department)
        for _ in range(answers):
            factories.response(session, 4, code, when=at(day))
    closing.close(session, OCTOBER, at(dt.date(2026, 11, 1)), STANDARD)

    def answered(code: str, period: str) -> int:
        scope = scope_for(session, parse(period), factories.agency_id(session, code), reader=Reader.UNIT)
        return figures(session, scope, STANDARD, dt.date(2026, 11, 2)).judged.total.answered

    month, running = answered("H61.1", "2026-10"), answered("H61.1", "2026-Q4")
    offices = sum(answered(f"H61.1.{number}", "2026-Q4") for number in (1, 2, 3))
    assert (month, running, offices) == (36, 20, 20), "15 and 5: of each of the larger offices a batch is left, too"


def test_who_goes_on_to_the_full_form_is_no_new_answer_that_moves_a_batch(session: Session) -> None:
    day, commune = dt.date(2026, 10, 20), factories.agency_id(session)
    numbers = []
    for _ in range(16):
        source = invitations.find(session.connection(), factories.invitation(session, when=at(day)), at(day))
        for rating in (next(RATINGS), next(RATINGS)):
            factories.response(session, rating, when=at(day), source=source)
        scope = scope_for(session, OCTOBER, commune, reader=Reader.UNIT)
        numbers.append(figures(session, scope, STANDARD, day).judged.total.answered)
    assert numbers == [max(0, number // 5 * 5 - 5) for number in range(1, 17)]


def refused(session: Session, outcome: CaseOutcome, number: int) -> None:
    """Let some answers be of cases that ended so, the newest first."""
    newest = sa.select(Response.id).order_by(Response.id.desc()).limit(number)
    session.execute(sa.update(Response).where(Response.id.in_(newest)).values(outcome=outcome))


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize(("single", "shown"), [(1, False), (10, True)])
def test_a_commune_sees_an_outcome_only_where_no_procedure_is_left_with_few_others(
    session: Session, single: int, shown: bool
) -> None:
    for procedure, outcomes in (
        (PLACES[0], {CaseOutcome.GRANTED: single, CaseOutcome.REFUSED: 11}),
        (PLACES[1], {CaseOutcome.GRANTED: 40}),
    ):
        for outcome, number in outcomes.items():
            for _ in range(number):
                factories.response(session, next(RATINGS), procedure=procedure, when=at(dt.date(2026, 10, 20)))
            refused(session, outcome, number)
    closing.close(session, OCTOBER, at(dt.date(2026, 11, 3)), STANDARD)
    commune = factories.agency_id(session)
    seen = {
        reader: [row.shown for row in parts(session, scope_for(session, OCTOBER, commune, reader=reader), STANDARD, by)]
        for reader, by in ((Reader.UNIT, Cut.OUTCOME), (Reader.PROVINCE, Cut.OUTCOME))
    }
    assert seen == {Reader.UNIT: [shown, shown], Reader.PROVINCE: [True, True]}
    whole = parts(session, scope_for(session, OCTOBER, commune, reader=Reader.UNIT), STANDARD, Cut.PROCEDURE)
    assert all(row.shown for row in whole)


def test_who_is_asked_after_another_answer_is_not_counted_where_that_answer_is_withheld(session: Session) -> None:
    for turn in range(9):
        why = {"S7": ["late"]} if turn < 3 else {}
        factories.response(session, 2 if why else 5, when=at(dt.date(2026, 10, 20)), other=why)
    question = reasons(session, scope_for(session, OCTOBER, factories.agency_id(session)), STANDARD)
    assert question is not None
    assert (question.answered, question.withheld, question.shown) == (None, "few", False)


@given(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), st.integers(0, 30)))
def test_a_comment_names_nothing_that_leaves_few_from_whom_it_could_be(cells: dict[tuple[int, int, int], int]) -> None:
    answering = {cell: number for cell, number in cells.items() if number}
    named = nameable(answering.items(), 10)
    as_told: dict[tuple[int, ...], int] = {}
    for cell, number in answering.items():
        name = next((cell[:length] for length in (3, 2, 1) if cell[:length] in named), None)
        if name is not None:
            as_told[name] = as_told.get(name, 0) + number
    assert all(number >= 10 for number in as_told.values())


def test_who_looks_decides_by_agency_and_role(session: Session) -> None:
    province, commune = factories.agency_id(session, "H61"), factories.agency_id(session)
    asked = [(province, Role.VIEWER), (province, Role.AUDITOR), (commune, Role.ADMINISTRATOR), (commune, None)]
    asked.append((commune, Role.AUDITOR))  # one of the commune's own people
    seen = [reader_of(session, agency, role) for agency, role in asked]
    assert seen == [Reader.PROVINCE, Reader.AUDITOR, Reader.UNIT, Reader.UNIT, Reader.UNIT]
