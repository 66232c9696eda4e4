"""The links between answers and cases are cut when they are over, and no figure, receipt or case changes by it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection import comments, invitations, receipts, unlinking
from survey.delivery import messages
from survey.delivery.contact import Contact
from survey.delivery.messages import NewMessage
from survey.errors import Expired
from survey.i18n import speaking
from survey.models import (
    AddressKind,
    AuditEntry,
    Base,
    Case,
    Channel,
    ClosedPeriod,
    Delivery,
    FrozenCoverage,
    Invitation,
    MessageKind,
    Response,
)
from survey.operations import doctor
from survey.periods import parse
from survey.reports import json as report_json
from survey.results import closing, counts, link_cut
from survey.results.invitation_coverage import invitation_coverage
from survey.results.scope import scope_for
from survey.security.tokens import case_hash, receipt_code
from survey.web.survey import survey_of
from tests.support import factories, reporting
from tests.support.cases import answer, finish, tell
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
CUT = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
PERIODS = (
    *(("2026-10", "calendar"), ("2026-10", "administrative"), ("2026-11", "administrative")),
    ("2026-Q4", "calendar"),
)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
AN = Contact(AddressKind.EMAIL, "an@example.vn")


def cut(app: Flask, session: Session, when: dt.datetime = CUT) -> int:
    """Commit, let the worker make the two rounds that a cut takes, and return how many links are left."""
    session.commit()
    for hours in (0, 1):
        with time_machine.travel(when + hours * HOUR, tick=False):
            link_cut.run(survey_of(app).database)
    session.expire_all()
    return linked(session)


def linked(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).where(Response.invitation_id.is_not(None))) or 0


def coverage(session: Session, code: str, basis: str = "calendar") -> str:
    scope = scope_for(session, parse(code, basis), factories.agency_id(session, "H61"))
    return repr(invitation_coverage(session, scope, CUT))


def everything(session: Session) -> str:
    """Return all that is said of closed periods and of those that are still open."""
    with speaking("en"):
        said = [json.dumps(report_json.document(reporting.build(session, "en")), default=str)]
    for code, basis in PERIODS:
        scope = scope_for(session, parse(code, basis), factories.agency_id(session, "H61"))
        said.append(coverage(session, code, basis))
        said.append(counts.cohort(session, scope, ("agency", "procedure", "respondent")).to_csv())
        said.append(counts.cells(session, scope, ("agency", "procedure", "channel", "respondent")).to_csv())
        said.append(counts.cells(session, scope, ("unit",), ["S2", "S3"]).to_csv())
    return "\n".join(said)


def changed_after_closing(session: Session) -> list[bytes]:
    """Answer on the last evening, and again when the month is closed; return both receipts."""
    evening = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    for rating in (5, 4, 3, 3, 2, 2):
        factories.response(session, rating, when=evening - 10 * DAY)
    token = factories.invitation(session, when=evening)
    first = answer(session, token, 5, evening, "Rất tốt")
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    closing.close(session, parse("2026-10", "administrative"), CLOSED, STANDARD)
    return [first, answer(session, token, 1, CLOSED + DAY)]


def test_no_figure_of_a_closed_or_an_open_period_changes(app: Flask, session: Session) -> None:
    reporting.answers(session)
    for days in (0, 4, 20):
        token = factories.invitation(session, when=NOON + days * DAY)
        messages.add(session, SECRET, [NewMessage(token, AN)], NOON + days * DAY, 3)
        answer(session, token, 4, NOON + (days + 5) * DAY)
    changed_after_closing(session)
    closing.close(session, parse("2026-11", "administrative"), CUT, STANDARD)
    before = everything(session)
    assert cut(app, session, CUT + 20 * DAY) == 1  # of September, which is open
    assert everything(session) == before
    for period in session.scalars(sa.select(ClosedPeriod)):
        assert closing.differences(session, period).empty
        assert closing.digest(session, period) == closing.digest_on_record(session, period)
    assert {finding.state for finding in doctor.closed_periods(session)} == {"ok"}


def test_a_period_that_an_older_program_closed_keeps_its_coverage(app: Flask, session: Session) -> None:
    late = factories.invitation(session, when=CLOSED - 2 * DAY)
    messages.add(session, SECRET, [NewMessage(late, AN)], CLOSED - 2 * DAY, 3)
    changed_after_closing(session)
    answer(session, late, 5, CLOSED + DAY)  # of a case of October, in November
    before = coverage(session, "2026-10")
    session.execute(sa.delete(FrozenCoverage))
    assert coverage(session, "2026-10") == before
    closing.close(session, parse("2026-11"), CUT + 20 * DAY, STANDARD)
    assert cut(app, session, CUT + 30 * DAY) == 0
    assert coverage(session, "2026-10") == before


def test_a_receipt_still_proves_that_the_answer_is_kept_and_counted(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    first, second = changed_after_closing(session)
    assert cut(app, session) == 0
    halves = (dt.date(2026, 10, 15), dt.date(2026, 10, 31))
    for receipt, counted in ((first, False), (second, True)):
        proof = receipts.recorded(session.connection(), receipt)
        assert proof == receipts.Recorded(*halves, counted, excluded=False, test=False)
    rows = {row.receipt: row for row in session.scalars(sa.select(Response))}
    assert rows[second].supersedes_id == rows[first].id
    assert comments.of_response(session.connection(), rows[first].id) == {"S8": "Rất tốt"}
    session.rollback()
    words = check_page(client.get(f"/receipt/{receipt_code(second)}?lang=en"), "en").words
    assert "in the result of" in words and "15" in words and "nobody can tell whose answer it is" in words
    words = check_page(client.get(f"/receipt/{receipt_code(first)}?lang=vi")).words
    assert "31/10/2026" in words


def test_a_used_link_is_ended_for_good_whatever_a_clock_says(app: Flask, session: Session, client: FlaskClient) -> None:
    token = factories.invitation(session, when=NOON)
    answer(session, token, 5, NOON)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    session.commit()
    with time_machine.travel(CUT, tick=False), speaking("vi"):
        assert app.test_cli_runner().invoke(args=["hailong", "work", "--once"]).exit_code == 0
    assert linked(session) == 1  # marked first, and cut in a later round
    with pytest.raises(Expired, match="already answered"):
        invitations.find(session.connection(), token, NOON)
    assert cut(app, session) == 0
    with pytest.raises(Expired, match="already answered"):
        answer(session, token, 1, NOON)
    session.rollback()
    with time_machine.travel(NOON, tick=False):
        ended = client.get(f"/r/{token}?lang=en")
    assert ended.status_code == 410 and "already answered" in check_page(ended, "en").words


def test_nothing_is_cut_before_the_period_is_closed_and_every_answer_is_in(app: Flask, session: Session) -> None:
    token = factories.invitation(session, when=NOON, days=30)
    answer(session, token, 5, NOON)
    factories.response(session, 4, when=NOON)
    assert cut(app, session) == 2  # not closed
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    expires = NOON + 30 * DAY
    assert cut(app, session, expires + link_cut.LAST_ARRIVAL - 2 * HOUR) == 2  # somebody may still answer
    assert link_cut.late(session, expires + link_cut.LAST_ARRIVAL + HOUR) == 0
    assert link_cut.late(session, expires + link_cut.LAST_ARRIVAL + 3 * DAY) == 1
    assert cut(app, session, expires + link_cut.LAST_ARRIVAL + HOUR) == 0
    assert link_cut.late(session, expires + 30 * DAY) == 0
    factories.response(session, 4, when=dt.datetime(2026, 10, 31, 5, tzinfo=dt.UTC), channel=Channel.OPEN)
    [entry] = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "links.ended"))
    assert entry.about == {"first": "2026-10-01", "last": "2026-10-14", "number": 2}


def test_a_half_that_has_just_ended_waits_for_what_is_still_on_its_way(app: Flask, session: Session) -> None:
    token = factories.invitation(session, when=dt.datetime(2026, 10, 31, 3, tzinfo=dt.UTC), days=1)
    answer(session, token, 5, dt.datetime(2026, 10, 31, 5, tzinfo=dt.UTC))
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    assert cut(app, session, dt.datetime(2026, 11, 15, 5, tzinfo=dt.UTC)) == 1
    assert cut(app, session, dt.datetime(2026, 11, 16, 5, tzinfo=dt.UTC)) == 0


def test_reminders_that_tell_when_somebody_answered_go_and_the_invitations_messages_stay(
    app: Flask, session: Session
) -> None:
    tokens = [factories.invitation(session, when=NOON) for _ in range(2)]
    messages.add(session, SECRET, [NewMessage(token, AN) for token in tokens], NOON, 3)
    answer(session, tokens[0], 5, NOON + HOUR)
    messages.sweep(session, NOON + 2 * HOUR)
    messages.sweep(session, NOON + 8 * DAY)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    assert cut(app, session) == 0
    used = {row.id: row.used for row in session.scalars(sa.select(Invitation))}
    left = session.execute(sa.select(Delivery.invitation_id, Delivery.kind)).all()
    assert sorted((used[number], kind) for number, kind in left) == [
        (False, MessageKind.INVITATION),
        (False, MessageKind.REMINDER),
        (True, MessageKind.INVITATION),
    ]


def test_everything_that_hangs_on_an_answer_moves_with_it() -> None:
    naming = unlinking._dependants()
    hanging = {table.name: column for table, column in naming.items()}
    assert hanging["comment"] == "response_id"
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table in naming:  # then by the column that moves, or its rows would be left behind
                columns = {one.column.name for one in key.elements}
                assert naming[key.referred_table] in columns, f"{table.name} hangs on {key.referred_table.name}"


def test_a_correction_moves_the_answer_with_its_case_until_the_link_is_cut(app: Flask, session: Session) -> None:
    code = "H61.50-261010-0001"
    token = finish(session, code, "H61.50", NOON)
    answer(session, token, 2, NOON)
    answer(session, token, 4, NOON + HOUR)
    tell(session, [code], "H61.51", NOON - DAY)
    units = [factories.agency_id(session, "H61.50"), factories.agency_id(session, "H61.51")]
    assert session.scalars(sa.select(Response.agency_id)).all() == [units[1]] * 2
    quarter = scope_for(session, parse("2026-Q4"), factories.agency_id(session, "H61"))

    def shown() -> tuple[object, ...]:
        cells, cohort = counts.cells(session, quarter, ("agency",)), counts.cohort(session, quarter, ("agency",))
        return cells.to_csv(), cohort.to_csv()

    closing.close(session, OCTOBER, CLOSED, STANDARD)
    before = shown()
    assert cut(app, session) == 0
    tell(session, [code], "H61.52", CLOSED, withdrawn=True)
    case = session.scalars(sa.select(Case).where(Case.code_hash == case_hash(SECRET, code))).one()
    assert (case.resolving_agency_id, case.finished_day) == (units[1], dt.date(2026, 10, 9))
    assert shown() == before
