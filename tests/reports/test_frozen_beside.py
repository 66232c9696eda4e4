"""A closed report is a fact: whatever comes after the closing moves no figure of it, of nobody and in no language."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires, reports
from survey.collection import exclusions, invitations
from survey.collection.exclusions import Grounds
from survey.comments import follow_up
from survey.i18n import speaking
from survey.models import (
    Agency,
    Channel,
    ClosedPeriod,
    ExclusionKind,
    ExclusionReason,
    Installation,
    Level,
    Response,
    SubjectKind,
    Task,
    TaskStatus,
)
from survey.periods import parse
from survey.reports import frozen_beside
from survey.reports import json as report_json
from survey.results import closing
from survey.results.scope import Reader, Standard, scope_for
from survey.tasks import steps
from survey.tasks.steps import TaskEntry
from survey.tasks.subjects import Subject
from tests.support import factories, reporting
from tests.support.officials import official

SEPTEMBER, OCTOBER, NOVEMBER = parse("2026-09"), parse("2026-10"), parse("2026-11")
CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 3, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 12, 5)
STANDARD = Standard("0.90", 0.95)
BEFORE = reporting.NOON - dt.timedelta(days=30)
TOKENS: dict[str, list[str]] = {}  # of people who are invited and have not answered, by unit


def whole(session: Session) -> str:
    """Return everything that October's reports say: the province's to itself, and a unit's to the unit."""
    texts = []
    session.expire_all()
    for agency, reader, language in (("H61", Reader.PROVINCE, "vi"), ("H61.51", Reader.UNIT, "en")):
        scope = scope_for(session, OCTOBER, factories.agency_id(session, agency), reader=reader)
        with speaking(language):
            report = reports.build(session, scope, STANDARD, TODAY, language=language)
            texts.append(json.dumps(report_json.document(report), default=str, indent=0))
    return "\n".join(texts)


def publish_with_a_renamed_factor(session: Session) -> None:
    bank = questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8"))
    [document] = [one for one in bank if one["id"] == "short_online"]
    renamed = json.loads(json.dumps(document, ensure_ascii=False).replace("Tiếp cận dịch vụ", "Nộp hồ sơ trên mạng"))
    assert renamed != document
    questionnaires.publish(session, renamed | {"version": "99.0"}, LATER)


def import_an_agency_of_before(session: Session) -> None:
    named = {"vi": "Xã Mới Toanh", "en": "Brand New"}
    parent = factories.agency_id(session, "H61")
    first = dt.date(2026, 1, 1)
    session.add(Agency(code="H61.150", name=named, level=Level.COMMUNE, parent_id=parent, valid_from=first))


def rename_a_unit(session: Session) -> None:
    renamed = {"vi": "Phường Tên Khác", "en": "Other Name"}
    session.execute(sa.update(Agency).where(Agency.code == "H61.51").values(name=renamed))


def leave_an_answer_out(session: Session) -> None:
    row = session.scalars(sa.select(Response.id).where(Response.channel == Channel.OPEN)).first()
    assert row is not None
    grounds = Grounds(ExclusionReason.PROGRAM, "Một chương trình gửi hàng loạt")
    one = exclusions.propose(session, ExclusionKind.EXCLUDE, [row], grounds, official(session, "mot").id, LATER)
    exclusions.decide(session, one.id, True, official(session, "hai").id, LATER)


def answer_late(session: Session) -> None:
    """Let those answer who were invited in October and have not: on that day, as their device says."""
    _answer_invitations(session, "H61.51", reporting.NOON)


def answer_late_in_the_month_before(session: Session) -> None:
    _answer_invitations(session, "H61.50", BEFORE)


def _answer_invitations(session: Session, unit: str, when: dt.datetime) -> None:
    for token in TOKENS[unit]:
        source = invitations.find(session.connection(), token, when)
        factories.response(session, 1, when=when, source=source)


def close_the_month_before(session: Session) -> None:
    closing.close(session, SEPTEMBER, LATER, STANDARD)


def deal_with_a_comment(session: Session) -> None:
    row = session.scalars(sa.select(follow_up.FollowUp)).first()
    assert row is None  # nobody has touched one before
    for receipt, question in session.execute(sa.text("SELECT response_id, question FROM comment")).all():
        status = follow_up.FollowUpStatus.DONE
        session.add(follow_up.FollowUp(response_id=receipt, question=question, status=status, turn=1))


def finish_a_task(session: Session) -> None:
    done = {"status": TaskStatus.DONE, "result": "Đã xong", "settled_day": LATER.date()}
    assert session.execute(sa.update(Task).values(done)).rowcount


def move_house(session: Session) -> None:
    session.execute(sa.update(Installation).values(place={"vi": "Trà Vinh", "en": "Tra Vinh"}))


CHANGES: list[Callable[[Session], None]] = [
    publish_with_a_renamed_factor,
    import_an_agency_of_before,
    rename_a_unit,
    leave_an_answer_out,
    answer_late,
    answer_late_in_the_month_before,
    close_the_month_before,
    deal_with_a_comment,
    finish_a_task,
    move_house,
]
UNSEEN = (close_the_month_before, move_house)  # tells what its answers tell; stands in the head of the document


@pytest.fixture
def province(session: Session) -> Session:
    """October with answers, comments, an open task and an earlier month that is still open."""
    reporting.answers(session)
    for _number in range(12):
        factories.response(session, 2, "H61.51", when=reporting.NOON, comments={"S8": "Chờ lâu quá"})
        factories.response(session, 5, "H61.50", when=BEFORE)
    for unit, when in (("H61.51", reporting.NOON), ("H61.50", BEFORE)):
        TOKENS[unit] = [factories.invitation(session, unit, when=when) for _number in range(3)]
    staff = official(session, "chu", "H61.51")
    unit = factories.agency_id(session, "H61.51")
    about = Subject(SubjectKind.VERDICT, unit, "", {}, OCTOBER)
    steps.add(session, about, TaskEntry(staff.id, dt.date(2026, 11, 20), "Xem lại quy trình"), staff.id, CLOSED)
    return session


def test_nothing_in_a_closed_report_moves(province: Session) -> None:
    frozen_beside.close(province, OCTOBER, CLOSED, STANDARD)
    before, place = whole(province), reporting.build(province).place
    for change in CHANGES:
        change(province)
        province.flush()
        assert whole(province) == before, change.__name__
    assert reporting.build(province).place == place


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about what is read, not where it is stored
def test_while_a_period_is_open_each_of_them_is_seen(province: Session) -> None:
    before = whole(province)
    for change in CHANGES:
        if change not in UNSEEN:
            change(province)
            province.flush()
            after = whole(province)
            assert after != before, change.__name__
            before = after


def test_what_stands_beside_the_figures_is_part_of_the_digest_on_record(province: Session) -> None:
    closed = frozen_beside.close(province, OCTOBER, CLOSED, STANDARD)
    assert closing.as_recorded(province, closed)
    kept = closed.beside
    assert kept is not None and kept["tasks"][0]["what"] == "Xem lại quy trình"
    changed = kept | {"comments": []}
    province.execute(sa.update(ClosedPeriod).values(beside=changed))
    province.expire_all()
    assert not closing.as_recorded(province, closed)


def test_a_closed_report_stands_as_of_its_closing_on_whatever_day_it_is_made(province: Session) -> None:
    frozen_beside.close(province, OCTOBER, CLOSED, STANDARD)
    documents = []
    for today in (dt.date(2026, 11, 3), dt.date(2031, 1, 1)):
        with speaking("vi"):
            document = report_json.document(reporting.build(province, today=today))
        documents.append(document.model_dump_json())
        assert document.as_of == dt.date(2026, 11, 2)
        assert document.tasks.model_dump() == {"open": 1, "late": 0, "done": 0, "dropped": 0}
    assert documents[0] == documents[1]
