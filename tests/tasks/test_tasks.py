"""Which tasks stand beside the figures of a period, and how a task moves on from step to step."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.audit.acts import Act
from survey.errors import Conflict
from survey.models import AuditEntry, Role, SubjectKind, Task, TaskStatus, TaskStep
from survey.organisation import agencies
from survey.periods import parse
from survey.results.scope import scope_for
from survey.tasks import listing, steps
from survey.tasks.steps import LONGEST, TaskEntry
from survey.tasks.subjects import Subject
from tests.support import factories
from tests.support.officials import official

DUE = dt.date(2026, 11, 23)
AT = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def owner(session: Session) -> int:
    return official(session, "xa", "H61.50", Role.MANAGER).id


def task(
    session: Session, owner: int, period: str = "2026-10", agency: str = "H61.50", settled: dt.date | None = None
) -> Task:
    """Make a task of the verdict of a month, done on a day if one is given."""
    about = Subject(SubjectKind.VERDICT, factories.agency_id(session, agency), "", {}, parse(period))
    one = steps.add(session, about, TaskEntry(owner, DUE, f"Việc {period}"), owner, AT)
    if settled:
        at = dt.datetime.combine(settled, dt.time(5), dt.UTC)
        steps.change(session, one.id, 1, done(owner), owner, at)
    return one


def done(owner: int, result: str = "Đã xong", note: str = "") -> TaskEntry:
    return TaskEntry(owner, DUE, status=TaskStatus.DONE, result=result, note=note)


def test_a_task_stands_beside_its_period_and_later_ones_and_when_settled_for_a_year(
    session: Session, owner: int
) -> None:
    october = parse("2026-10")
    since = october.first - listing.KEPT
    there = [
        task(session, owner).id,
        task(session, owner, "2026-09").id,
        task(session, owner, "2026-09", settled=since).id,
    ]
    task(session, owner, "2026-11")  # of a later period
    task(session, owner, "2026-09", settled=since - DAY)
    other = task(session, owner, agency="H61.51").id
    own = listing.beside(session, scope_for(session, october, factories.agency_id(session)), DUE)
    assert sorted(row.id for row in own.of(SubjectKind.VERDICT)) == there
    assert own.counts == {"open": 2, "late": 0, "done": 1, "dropped": 0}
    province = listing.beside(session, scope_for(session, october, factories.agency_id(session, "H61")), DUE + DAY)
    assert province.counts == {"open": 0, "late": 3, "done": 1, "dropped": 0}, "what is done is never overdue"
    assert province.of(SubjectKind.VERDICT) == [], "a unit's task is none of the province's own figure"
    assert [row.id for row in province.of(SubjectKind.VERDICT, unit=factories.agency_id(session, "H61.51"))] == [other]


def test_a_task_is_overdue_from_the_day_after_its_day(session: Session, owner: int) -> None:
    own = [factories.agency_id(session)]
    task(session, owner)
    task(session, owner, settled=DUE)
    for today, late in ((DUE, 0), (DUE + DAY, 1)):
        assert listing.numbers(session, own, today, owner) == {"open": 1, "mine": 1, "late": late, "settled": 1}
        assert listing.late_by_agency(session, today).total() == late
        shown = listing.listed(session, own, today, "late", owner, 0, 50)
        assert [row.state for row in shown] == ["late"] * late
        assert listing.listed(session, own, today, "settled", owner, 0, 50)[0].state == "done"


def test_every_step_is_on_record_and_makes_another_report_and_one_that_changes_nothing_is_none(
    session: Session, owner: int
) -> None:
    one = task(session, owner)
    session.expire_all()
    before = agencies.installation(session).revision
    assert steps.change(session, one.id, 1, done(owner), owner, AT)
    assert not steps.change(session, one.id, 2, done(owner), owner, AT + DAY)
    assert steps.change(session, one.id, 2, done(owner, "Đã xong hẳn"), owner, AT + 3 * DAY)
    with pytest.raises(Conflict):
        steps.change(session, one.id, 2, done(owner, note="Tôi thấy bước cũ"), owner, AT + DAY)
    session.expire_all()
    assert agencies.installation(session).revision == before + 2
    assert one.settled_day == dt.date(2026, 11, 20), "later words move not the day on which it was done"
    acts = session.scalars(
        sa.select(AuditEntry.act).where(AuditEntry.about["task"].as_integer() == one.id).order_by(AuditEntry.id)
    )
    assert sorted(acts) == [Act.TASK_ADDED, Act.TASK_CHANGED, Act.TASK_CHANGED]
    assert [step.turn for step in session.scalars(sa.select(TaskStep).order_by(TaskStep.turn))] == [1, 2, 3]


def test_only_the_units_own_people_who_may_act_and_still_sign_in_take_on_its_tasks(
    session: Session, owner: int
) -> None:
    official(session, "khac", "H61.51", Role.MANAGER)
    official(session, "xem", "H61.50", Role.VIEWER)
    official(session, "tinh", "H61", Role.MANAGER)
    official(session, "nghi", "H61.50", Role.MANAGER)
    accounts.disable(session, "nghi", AT)
    may = steps.owners(session, agencies.tree(session), factories.agency_id(session))
    assert [one.id for one in may] == [owner]


@pytest.mark.parametrize("field", ["what", "result", "note"])
def test_no_word_of_a_task_is_too_long_or_tells_who_somebody_is(session: Session, owner: int, field: str) -> None:
    may = steps.owners(session, agencies.tree(session), factories.agency_id(session))
    for words, wrong in (("Việc", []), ("x" * (LONGEST[field] + 1), [field]), ("Gọi bà Lan 0987612345", [field])):
        result = words if field == "result" else ""
        entry = TaskEntry(owner, DUE, "Việc", TaskStatus.DONE if result else TaskStatus.OPEN, result)
        entry = replace(entry, **{field: words})
        assert list(steps.faults(session, entry, may, DUE, None)) == wrong
