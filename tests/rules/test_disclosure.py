"""Read as a commune's account, day after day: no integer solver finds what few people said from all that is shown."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import docx
import numpy as np
import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import reports
from survey.collection import invitations
from survey.models import Case, CaseOutcome, Channel, Procedure, Response
from survey.periods import parse
from survey.results import closing, counts
from survey.results.counts import LEVELS
from survey.results.cuts import AnswerPart, Cut, parts, raw
from survey.results.figures import figures
from survey.results.scope import Reader, Standard, scope_for
from survey.results.standing import RowFilter
from tests.support import factories
from tests.support.changed_rates import rates_before
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.portal import program
from tests.support.reporting import FILES, read_json, read_words, read_xlsx
from tests.support.solver import Printed, printed_in, solved

STANDARD = Standard("0.90", 0.95)
OCTOBER = parse("2026-10")
COUNTS_ONLY = {"answered", "withheld", "code", "name", "verdict", "suppress", "finished", "invited", "rated"}
COUNTS_ONLY |= {"response_rate", "flag_complement", "review", "named"}
PLACES = ("2.000815", "1.001193", "1.000894")
PERIODS = [parse(code) for code in ("2026-09", "2026-10", "2026-11", "2026-Q3", "2026-Q4", "2026")]
PERIODS += [parse(code, "administrative") for code in ("2026-09", "2026-10", "2026-11", "2026-12")]
RATINGS = itertools.cycle([5, 2, 4, 1, 3, 5, 4, 2])  # no batch and no row is of one mind, which would say it of each


def when(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


def answer_on(session: Session, day: dt.date, seed: int) -> None:
    """Let some people answer: many about one procedure, few about the others, some by an open link."""
    rng = np.random.default_rng([seed, day.toordinal()])
    for procedure, often in zip(PLACES, (1.4, 0.5, 0.2), strict=True):
        for _ in range(rng.poisson(often)):
            token = factories.invitation(session, "H61.50", procedure, when(day))
            source = invitations.find(session.connection(), token, when(day))
            case = session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
            assert case is not None
            case.outcome = CaseOutcome.REFUSED if rng.random() < 0.15 else CaseOutcome.GRANTED
            case.due_day = day + dt.timedelta(days=int(rng.integers(-1, 9)))  # one in ten is late
            session.flush()
            factories.response(session, next(RATINGS), when=when(day), source=source)
            if rng.random() < 0.1:  # and changes the mind
                factories.response(session, next(RATINGS), when=when(day), source=source)
    for _ in range(rng.poisson(0.3)):
        factories.response(session, next(RATINGS), "H61.50", when=when(day), channel=Channel.OPEN)


def shown_numbers(session: Session, reader: Reader, today: dt.date, *, every: bool = False) -> Iterator[Printed]:
    """Yield the numbers that pages, files and the API take for a commune on a day, with the answers that each is of.

    Of the periods that are still open or, because the closed ones do not change, `every` one at the end. Its lists say
    beside each rate how it has moved, and so what the rate was before.

    Whoever reads them knows whom he served, and in which order the answers came: he knows the worst that can be known.
    """
    commune = factories.agency_id(session)
    names = {row.code: row.id for row in session.scalars(sa.select(Procedure))}
    for period in PERIODS:
        scope = scope_for(session, period, commune, reader=reader)
        if period.first > today or (scope.closing is not None and not every):
            continue
        reading = counts.standing(scope)
        columns = (Response.id, Response.channel, Response.procedure_id)
        there = [tuple(row) for those in reading for row in session.execute(sa.select(*columns).where(*those))]
        counted = figures(session, scope, STANDARD, today, "procedure")
        for listed in (figures(session, scope, STANDARD, today, "unit"), counted):
            yield from itertools.starmap(Printed, rates_before(session, listed))
        for channel, part in counted.channels.items():
            yield from printed_in(part.total, frozenset(key for key, way, _ in there if way == channel))
            for row in part.rows:
                if not row.pooled:  # which is the total minus the other rows
                    of = names.get(row.code)
                    yield from printed_in(row, frozenset(key for key, way, p in there if (way, p) == (channel, of)))
        for cut in Cut if every else ():  # of an open period none is shown
            for part in parts(session, scope, STANDARD, cut):
                yield from printed_in(part, _in_part(session, part.part, reading))


def _in_part(session: Session, part: AnswerPart, reading: Sequence[tuple[RowFilter, ...]]) -> frozenset[int]:
    """Return the numbers of the answers in a part, read row by row."""
    rows = [row for those in reading for row in session.scalars(sa.select(Response).where(*those))]
    names = {"procedure": "procedure_id", "placement": "placement_id"}
    return frozenset(
        row.id
        for row in rows
        if row.channel == part.channel and raw(getattr(row, names.get(part.key, part.key))) in part.wanted
    )


def small_groups(session: Session) -> dict[object, frozenset[int]]:
    """Return what nobody may find: single answers, and whatever falls together with fewer than ten in a period.

    That is a procedure, an outcome, late or not, or a procedure with one of these.
    """
    columns = (
        Response.id,
        Response.day,
        Response.channel,
        Response.procedure_id,
        Response.outcome,
        Response.timeliness,
    )
    there = [tuple(row) for row in session.execute(sa.select(*columns).where(Response.counted))]
    groups: dict[object, frozenset[int]] = {("answer", key): frozenset({key}) for key, *_ in there[::9]}
    for period, kept in itertools.product(PERIODS, ((0,), (1,), (2,), (0, 1), (0, 2), (0, 1, 2))):
        cells: dict[object, set[int]] = {}
        for key, day, channel, *values in there:
            if period.first <= day <= period.last:
                cells.setdefault((kept, channel, *[values[place] for place in kept]), set()).add(key)
        for name, cell in cells.items():
            if len(cell) < STANDARD.fewest:
                groups[period.code, str(period.basis), name] = frozenset(cell)
    return groups


CLOSINGS = {
    dt.date(2026, 9, 17): parse("2026-09", "administrative"),
    dt.date(2026, 10, 3): parse("2026-09"),
    dt.date(2026, 10, 4): parse("2026-Q3"),
    dt.date(2026, 10, 18): parse("2026-10", "administrative"),
    dt.date(2026, 11, 3): parse("2026-10"),
    dt.date(2026, 11, 18): parse("2026-11", "administrative"),
}


@pytest.fixture
def autumn(session: Session, campaign: bool, vietnamese: None) -> tuple[Session, set[Printed], set[Printed]]:
    """Three months of a commune: what was printed for its own account at daily looks, and for the province's."""
    own = set[Printed]()
    day = dt.date(2026, 9, 1)
    while day <= dt.date(2026, 11, 20):
        answer_on(session, day, 5)
        day += dt.timedelta(days=1)
        if day in CLOSINGS:
            closing.close(session, CLOSINGS[day], when(day), STANDARD)
        if day in CLOSINGS or day.day % (1 if campaign else 6) == 0:
            session.flush()
            own |= set(shown_numbers(session, Reader.UNIT, day))
    own |= set(shown_numbers(session, Reader.UNIT, day, every=True))
    return session, own, set(shown_numbers(session, Reader.PROVINCE, day, every=True))


def test_a_solver_finds_no_small_cell_and_no_answer_in_all_that_a_commune_was_shown(
    autumn: tuple[Session, set[Printed], set[Printed]], campaign: bool
) -> None:
    session, own, others = autumn
    groups = dict(list(small_groups(session).items())[:: 1 if campaign else 2])
    assert len(groups) > 50
    assert max(len(one.answers) for one in own) > 60, "it was shown figures at all"
    assert solved(own, groups) == set()
    october = scope_for(session, OCTOBER, factories.agency_id(session), reader=Reader.UNIT)
    seen = figures(session, october, STANDARD, dt.date(2026, 11, 20), "procedure")
    assert list(rates_before(session, seen)), "and how they had moved"
    # The same eyes on what is not guarded find some: the solver can.
    assert solved(own | others, groups)


@pytest.fixture
def closed_october(session: Session) -> Session:
    """A commune's closed October: 40 answers about one procedure, 12 about another, 4 about a third; 4 by open link."""
    for procedure, number in zip(PLACES, (40, 12, 4), strict=True):
        for _ in range(number):
            factories.response(session, next(RATINGS), "H61.50", procedure, when(dt.date(2026, 10, 10)))
    for _ in range(4):
        factories.response(session, next(RATINGS), "H61.50", when=when(dt.date(2026, 10, 10)), channel=Channel.OPEN)
    closing.close(session, OCTOBER, when(dt.date(2026, 11, 3)), STANDARD)
    official(session, "xa", "H61.50")
    return session


def test_of_a_row_with_few_answers_every_surface_tells_how_many_and_nothing_else(
    closed_october: Session, client: FlaskClient, tmp_path: Path
) -> None:
    rare, pooled = "Thủ tục đăng ký kết hôn", "Các thủ tục ít phiếu"
    with time_machine.travel(when(dt.date(2026, 11, 20)), tick=False):
        sign_in(client, "xa")
        listed = client.get("/staff/procedures?period=2026-10")
        full = client.get("/staff/procedures?period=2026-10&view=full")
        check_page(listed)
        check_page(full)
        told = program(closed_october, client, "H61.50").get("/counts?period=2026-10&by=procedure").json
    found = {row[0].split(" 1.")[0].split(" 2.")[0]: " ".join(row[1:]) for row in _rows(full.text)}
    assert "Ít phiếu (n = 4)" in found[rare] or "ít phiếu (n = 4)" in found[rare]
    assert "%" not in found[rare].replace("100,0% 4/4", "")
    assert "16" in found[pooled] and "%" in found[pooled]  # with the next smallest: alone it would be told by the total
    drawn_rows = re.findall(r'<tr role="row" class="compared-row.*?</tr>', listed.text, re.DOTALL)
    assert len(drawn_rows) == 2 and not [row for row in drawn_rows if rare in row]
    assert f"{rare} (n = 4)" in listed.text and "2 thủ tục không hiện riêng" in drawn_rows[-1]
    assert told is not None
    few = next(line for line in told["judged"]["lines"] if line["code"] == "1.000894")
    assert (few["answered"], few["withheld"]) == (4, "few")
    assert {few[name] for name in ("satisfied", "rate", "lower", "upper", "mean", "rated_satisfied", *LEVELS)} == {None}
    assert told["open"]["total"]["withheld"] == "few" and told["open"]["total"]["level_1"] is None
    scope = scope_for(closed_october, OCTOBER, factories.agency_id(closed_october), reader=Reader.UNIT)
    report = reports.build(closed_october, scope, STANDARD, dt.date(2026, 11, 20), language="vi")
    document, book, _flat, data, words = reports.write(report, tmp_path, FILES)
    rows = read_json(data)["channels"]["invitation"]["procedures"]
    of_json = next(row for row in rows if row["code"] == "1.000894")
    assert {name for name, value in of_json.items() if value not in (None, "", 0.0, 1.0)} <= COUNTS_ONLY
    judged = [line for line in read_words(words) if "mời" in line["Kênh"]]
    for line in (*judged, *read_xlsx(book, "Thủ tục")):
        if line["Tên"] == rare:
            assert str(line["Số phiếu"]) == "4"
            assert not line["Phiếu hài lòng"] and not line["Tỷ lệ hài lòng"] and not line["Cận dưới"]
    for table in docx.Document(str(document)).tables:
        for row in table.rows:
            cells = [cell.text for cell in row.cells]
            if rare in cells:
                assert not [cell for cell in cells if "%" in cell]


def test_no_heading_concludes_from_fewer_than_thirty_and_none_tells_fewer_than_ten(
    session: Session, client: FlaskClient
) -> None:
    official(session)
    for number, heading in ((9, "Ít phiếu (n = 9)"), (29, "Ít phiếu, chưa kết luận"), (30, "Chưa đạt")):
        answered = session.scalar(sa.select(sa.func.count()).select_from(Response)) or 0
        for _ in range(number - answered):
            factories.response(session, 1, when=when(dt.date(2026, 10, 10)))
        session.commit()
        with time_machine.travel(when(dt.date(2026, 11, 20)), tick=False):
            sign_in(client)
            page = client.get("/staff/?period=2026-10").text
        found = re.search(r'<h2 id="verdict">(.*?)</h2>', page, re.DOTALL)
        assert found and html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip().startswith(heading)
        told = re.search(r'<div class="rate">', page) is not None
        assert told is (number >= 10)


def _rows(page: str) -> list[list[str]]:
    """Return the rows of the table of all columns as texts."""
    table = re.search(r'<table class="full">(.*?)</table>', page, re.DOTALL)
    assert table
    lines = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines)
    return [[html.unescape(" ".join(re.sub(r"<[^>]+>", " ", cell).split())) for cell in row] for row in cells if row]
