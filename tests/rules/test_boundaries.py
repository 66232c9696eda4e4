"""The last second of a period and the first of the next: dashboard, drill-down, csv, xlsx, docx and json all agree."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires, reports
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.i18n import speaking
from survey.models import Channel, Response
from survey.periods import LOCAL_ZONE, parse
from survey.results.figures import figures
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.reporting import FILES, build, read_csv, read_json, read_words, read_xlsx, spoken

COUNTED = re.compile(r"([\d.]+)/([\d.]+)\s+phiếu hài lòng")
SIDES = [
    ("calendar", "2026-10", "2026-11", "2026-10-31", "2026-11-01"),
    ("calendar", "2026-12", "2027-01", "2026-12-31", "2027-01-01"),
    ("calendar", "2028-02", "2028-03", "2028-02-29", "2028-03-01"),
    ("administrative", "2026-10", "2026-11", "2026-10-14", "2026-10-15"),
    ("administrative", "2026", "2027", "2026-12-14", "2026-12-15"),
    ("administrative", "2026-Q3", "2026-Q4", "2026-09-14", "2026-09-15"),
]
LATER = dt.datetime(2028, 6, 1, 3, tzinfo=dt.UTC)
TODAY = LATER.date()


@pytest.fixture
def clock() -> Iterator[None]:
    """A day after every period of this file."""
    with time_machine.travel(LATER):
        yield


def last_second(day: str) -> dt.datetime:
    """Return the last second of a day in Viet Nam, as the server's clock tells it: in UTC."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(23, 59, 59), LOCAL_ZONE).astimezone(dt.UTC)


def first_second(day: str) -> dt.datetime:
    """Return the first second of a day in Viet Nam, in UTC still the day before."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(0, 0, 0), LOCAL_ZONE).astimezone(dt.UTC)


def answers_on_both_sides(session: Session, last: str, first: str) -> None:
    """Record 12 answers in the last second of a day, 8 of them satisfied, and 10 with 5 in the next second."""
    for rating in (5, 5, 1) * 4:
        factories.response(session, rating, when=last_second(last))
    for rating in (4, 2) * 5:
        factories.response(session, rating, when=first_second(first))


def counted(words: str) -> tuple[int, int]:
    """Return satisfied and answered as the first sentence of a page or document says them."""
    found = COUNTED.search(words)
    assert found, words[:500]
    return int(found[1].replace(".", "")), int(found[2].replace(".", ""))


def in_six_places(
    app: Flask, client: FlaskClient, session: Session, folder: Path, code: str, basis: str
) -> dict[str, tuple[int, int]]:
    """Return satisfied and answered of the province's period from each place where it can be read."""
    page = f"/staff/?period={code}&basis={basis}"
    with speaking("vi"):
        written = reports.write(build(session, code=code, basis=basis, today=LATER.date()), folder, FILES)
    document, book, flat, data, words = written
    units, line, said = read_xlsx(book), read_csv(flat)[0], read_words(words)[0]
    total = read_json(data)["channels"]["invitation"]["total"]
    return {
        "dashboard": counted(client.get(page).text),
        "drill-down": counted(client.get(f"{page}&agency=H61.50").text),
        "csv": (int(line["satisfied"]), int(line["answered"])),
        "csv for Excel": (int(said["Phiếu hài lòng"]), int(said["Số phiếu"])),
        "xlsx": (sum(row["Phiếu hài lòng"] for row in units), sum(row["Số phiếu"] for row in units)),
        "docx": counted(spoken(document)),
        "json": (total["satisfied"], total["answered"]),
    }


@pytest.mark.parametrize(("basis", "before", "after", "last", "first"), SIDES)
def test_an_answer_counts_on_its_own_side_of_the_turn(
    session: Session, basis: str, before: str, after: str, last: str, first: str
) -> None:
    answers_on_both_sides(session, last, first)
    province = factories.agency_id(session, "H61")
    for code, sides in ((before, (8, 12)), (after, (5, 10))):
        shown = figures(session, scope_for(session, parse(code, basis), province), STANDARD, TODAY).judged.total
        assert (shown.satisfied, shown.answered) == sides


# Each place takes its figures from where they were counted above: one turn of each basis shows that it does.
@pytest.mark.parametrize(("basis", "before", "after", "last", "first"), [SIDES[0], SIDES[3]])
def test_six_places_agree_at_the_turn_of_a_period(
    app: Flask,
    client: FlaskClient,
    session: Session,
    tmp_path: Path,
    clock: None,
    basis: str,
    before: str,
    after: str,
    last: str,
    first: str,
) -> None:
    answers_on_both_sides(session, last, first)
    official(session)
    session.commit()
    sign_in(client)
    assert set(in_six_places(app, client, session, tmp_path / "1", before, basis).values()) == {(8, 12)}
    assert set(in_six_places(app, client, session, tmp_path / "2", after, basis).values()) == {(5, 10)}


def test_the_printed_days_are_the_counted_days(app: Flask, session: Session, tmp_path: Path) -> None:
    for basis, first, last in (
        ("calendar", "01/10/2026", "31/10/2026"),
        ("administrative", "15/09/2026", "14/10/2026"),
    ):
        with speaking("vi"):
            [path] = reports.write(build(session, basis=basis), tmp_path, ["docx"])
        assert f"từ ngày {first} đến hết ngày {last}" in spoken(path)


def test_a_late_answer_counts_when_it_was_given_and_its_case_when_it_was_finished(session: Session) -> None:
    finished = first_second("2026-10-30")
    found = invitations.find(
        session.connection(), factories.invitation(session, when=finished), last_second("2026-11-02")
    )
    sheet, sending = (
        questionnaires.asked_now(session),
        responses.SubmissionMeta(new_token(), last_second("2026-11-02"), "vi"),
    )
    responses.record(session.connection(), factories.SECRET, found, sheet, Answers({"overall": 5}), sending)
    province = factories.agency_id(session, "H61")
    october, november = (
        figures(session, scope_for(session, parse(code), province), STANDARD, TODAY) for code in ("2026-10", "2026-11")
    )
    keys = ("answered", "finished", "invited", "rated")
    assert [getattr(october.judged.total, key) for key in keys] == [0, 1, 1, 1]
    assert [getattr(november.judged.total, key) for key in keys] == [1, 0, 0, 0]


def test_ten_thousand_open_answers_move_the_judged_figure_by_nothing(
    app: Flask, client: FlaskClient, session: Session, tmp_path: Path, clock: None
) -> None:
    when = last_second("2026-10-20")
    for rating in [5] * 30 + [1] * 10:
        factories.response(session, rating, when=when)
    official(session)
    session.commit()
    sign_in(client)
    province = factories.agency_id(session, "H61")
    before = figures(session, scope_for(session, parse("2026-10"), province), STANDARD, TODAY)
    places = in_six_places(app, client, session, tmp_path / "1", "2026-10", "calendar")
    flood(session, 10_000, when)
    session.commit()
    after = figures(session, scope_for(session, parse("2026-10"), province), STANDARD, TODAY)
    assert after.judged == before.judged
    assert after.open.total.answered == 10_000
    assert in_six_places(app, client, session, tmp_path / "2", "2026-10", "calendar") == places
    assert set(places.values()) == {(30, 40)}


def flood(session: Session, number: int, when: dt.datetime) -> None:
    """Store that many open answers, all fully satisfied."""
    placement = factories.placement(session, "H61.50", "FLOOD1")
    row = {
        "placement_id": placement.id,
        "agency_id": placement.agency_id,
        "channel": Channel.OPEN,
        "submitted_at": when,
        "questionnaire_id": questionnaires.asked_now(session).id,
        "day": when.date(),
        "counted": True,
        "overall": 5,
        "language": "vi",
    }
    session.execute(sa.insert(Response), [{**row, "receipt": secrets.token_bytes(10)} for _ in range(number)])


@pytest.mark.parametrize("ratings", [[], [5] * 40, [1] * 40])
def test_none_all_and_no_answers_are_shown_without_a_gap(
    app: Flask, client: FlaskClient, session: Session, tmp_path: Path, clock: None, ratings: list[int]
) -> None:
    for rating in ratings:
        factories.response(session, rating, when=last_second("2026-10-20"))
    for _ in range(500):
        factories.case(session, finished=dt.date(2026, 10, 20))
    official(session)
    session.commit()
    sign_in(client)
    page = client.get("/staff/?period=2026-10&basis=calendar").text
    with speaking("vi"):
        [path] = reports.write(build(session, today=LATER.date()), tmp_path, ["docx"])
    said = {
        0: "Chưa có phiếu đánh giá trong kỳ.",
        40: "0/40 phiếu hài lòng (0,0%",
        200: "40/40 phiếu hài lòng (100,0%; khoảng tin cậy 95%: 91,1%–100,0%)",
    }[sum(ratings)]
    assert said.partition(" (")[0] in page and said in spoken(path)
    for words in (page, spoken(path)):
        assert not re.search(r"\bNaN\b|\bnan\b|\bNone\b", words)
    silent = [line for line in spoken(path).splitlines() if line.startswith("Không có phiếu:")]
    assert any("Phường Trà Vinh" in line for line in silent) is (not ratings)
    assert "<svg" in page
