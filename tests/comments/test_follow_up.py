"""Follow-up: every step is kept, nothing strange gets in, and what is overdue is found by the same rule everywhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.comments.clock import Clock
from survey.comments.follow_up import FollowUpChange, faults, follow_up, held, owners, steps
from survey.comments.follow_up_counts import follow_up_counts
from survey.comments.reading import CommentFilter, CommentRow, CommentsInScope
from survey.comments.standing import LATE, STATUSES
from survey.db.engine import Database, Lock
from survey.errors import Conflict
from survey.models import AuditEntry, Channel, FollowUp, FollowUpStatus, FollowUpStep, Role, Staff
from survey.organisation import agencies
from survey.organisation.working_days import WorkingDays
from survey.periods import parse
from survey.redaction.checking import Faults
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import CLOCK
from tests.support.officials import PASSWORD, official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)  # a Wednesday; the clock gives until 6 November
LATER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
IN_HAND, DONE = FollowUpStatus.IN_HAND, FollowUpStatus.DONE
pytestmark = pytest.mark.usefixtures("vietnamese")


def comments(session: Session, agency: str = "H61", clock: Clock = CLOCK) -> CommentsInScope:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, agency))
    return CommentsInScope(session, scope, False, clock, 1)


def write(session: Session, text: str = "Chờ lâu", rating: int = 2, when: dt.datetime = NOON, **more: Any) -> None:
    factories.response(session, rating, when=when, comments={"S8": text}, **more)


def only(session: Session, agency: str = "H61", clock: Clock = CLOCK) -> CommentRow:
    (row,) = comments(session, agency, clock).page(CommentFilter())
    return row


def take(session: Session, staff: Staff, note: str = "", **values: Any) -> int:
    rows = comments(session).page(CommentFilter())
    return follow_up(session, rows, FollowUpChange(values, note), staff.id, LATER)


def wrong(session: Session, note: str = "", **values: Any) -> Faults:
    rows = comments(session).page(CommentFilter())
    may_own = owners(session, agencies.tree(session), [row.agency_id for row in rows])
    return faults(rows, FollowUpChange(values, note), may_own, CLOCK)


def test_every_step_is_kept_with_what_it_changed_and_the_trail_names_no_comment(session: Session) -> None:
    staff = official(session, role=Role.MANAGER)
    write(session)
    assert only(session).standing.status == FollowUpStatus.NEW and not session.scalar(sa.select(FollowUp.turn))
    assert take(session, staff, status=IN_HAND, owner_id=staff.id, due_day=None, answer=None) == 1
    assert take(session, staff, "Đã gọi bộ phận một cửa", due_day=dt.date(2026, 12, 1)) == 1
    assert take(session, staff, status=DONE, answer="Đã thêm một quầy.") == 1
    assert take(session, staff, status=DONE) == 0, "what stands so already takes no step"
    row = only(session)
    assert (row.standing.status, row.standing.owner_id, row.standing.turn) == (DONE, staff.id, 3)
    assert (row.standing.due, row.standing.answer) == (dt.date(2026, 12, 1), "Đã thêm một quầy.")
    taken = steps(session, row)
    assert [dict(step.changed) for step in taken] == [
        {"status": IN_HAND, "owner_id": staff.id},
        {"due_day": dt.date(2026, 12, 1)},
        {"status": DONE, "answer": "Đã thêm một quầy."},
    ]
    assert [(step.day, step.staff_id) for step in taken] == [(dt.date(2026, 11, 20), staff.id)] * 3
    assert taken[1].note == "Đã gọi bộ phận một cửa"
    entries = session.scalars(
        sa.select(AuditEntry.about).where(AuditEntry.act == "comments.handled").order_by(AuditEntry.id)
    ).all()
    assert entries == [{"number": 1}] * 3


def test_only_accounts_that_may_change_something_and_see_all_the_units_are_offered(session: Session) -> None:
    for login, agency, role in (
        ("tinh", "H61", Role.MANAGER),
        ("xa", "H61.50", Role.ADMINISTRATOR),
        ("khac", "H61.51", Role.MANAGER),
        ("xem", "H61.50", Role.VIEWER),
        ("kiem", "H61", Role.AUDITOR),
        ("nghi", "H61.50", Role.MANAGER),
    ):
        official(session, login, agency, role).enabled = login != "nghi"
    tree, own, other = agencies.tree(session), *(factories.agency_id(session, code) for code in ("H61.50", "H61.51"))
    assert [one.login for one in owners(session, tree, [own])] == ["xa", "tinh"], "the nearest first"
    assert [one.login for one in owners(session, tree, [own, other])] == ["tinh"]


def test_what_cannot_be_is_refused_by_field(session: Session) -> None:
    own, other = official(session, "xa", "H61.50", Role.MANAGER), official(session, "khac", "H61.51", Role.MANAGER)
    write(session)
    assert wrong(session, status=IN_HAND, owner_id=own.id, due_day=dt.date(2026, 11, 23), answer="Xong.") == {}
    assert set(wrong(session, owner_id=other.id)) == {"owner_id"}
    assert set(wrong(session, status=IN_HAND)) == set(wrong(session, status=IN_HAND, owner_id=None)) == {"owner_id"}
    for day in ("2026-11-24", "2026-11-22", "2026-11-19", "2027-11-30"):  # a holiday, a Sunday, past, too far
        assert set(wrong(session, due_day=dt.date.fromisoformat(day))) == {"due_day"}, day
    named = wrong(session, "Bà gọi 0987612345", answer="Xin gọi anh Tuấn 0912345678")
    assert set(named) == {"note", "answer"} and named["note"][1]["redacted"] == "Bà gọi [số điện thoại]"
    assert set(wrong(session, "x" * 1001, answer="x" * 2001)) == {"note", "answer"}
    assert take(session, own, status=IN_HAND, owner_id=own.id, due_day=dt.date(2026, 11, 20)) == 1
    assert wrong(session, status=IN_HAND, due_day=dt.date(2026, 11, 20)) == {}, "what stands already is kept"


def test_a_comment_that_went_meanwhile_is_not_changed(session: Session) -> None:
    write(session)
    row = only(session)
    assert [one.key for one in held(comments(session), frozenset({row.key}))] == [row.key]
    with pytest.raises(Conflict):
        held(comments(session), frozenset({row.key, (bytes(10), "S8")}))
    with pytest.raises(Conflict):
        held(comments(session, "H61.51"), frozenset({row.key}))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)  # SQLite has one writer anyhow
def test_while_a_comment_is_held_nobody_cuts_links(session: Session, store: Database) -> None:
    write(session)
    held(comments(session), frozenset({only(session).key}))
    with store.session(writes=True) as other:
        assert other.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(int(Lock.LINKS)))) is False
    session.rollback()
    with store.session(writes=True) as other:
        assert other.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(int(Lock.LINKS)))) is True


def test_the_clock_runs_from_the_end_of_the_week_and_for_levels_1_to_3_only(session: Session) -> None:
    for ahead in range(-2, 5):  # from Monday to Sunday
        write(session, f"{ahead}", 3, NOON + ahead * DAY)
    assert {row.standing.due for row in comments(session).page(CommentFilter())} == {dt.date(2026, 11, 6)}
    write(session, "khen", 4)
    praise = comments(session).page(CommentFilter(levels=frozenset({4})))
    assert [(row.standing.due, row.standing.late) for row in praise] == [(None, False)]


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_the_database_finds_overdue_exactly_what_the_pages_call_so(session: Session, data: st.DataObject) -> None:
    with session.begin_nested() as trial:
        staff = accounts.add(session, "hanh", "Hạnh", Role.MANAGER, factories.agency_id(session, "H61"), PASSWORD, NOON)
        for number in range(data.draw(st.integers(1, 6))):
            day = data.draw(st.integers(-13, 17), label="day")
            write(session, f"{number}", data.draw(st.integers(1, 5), label="level"), NOON + day * DAY)
        day = st.dates(dt.date(2026, 10, 1), dt.date(2026, 12, 20))
        moved = data.draw(st.dictionaries(day, st.booleans(), max_size=4), label="moved")
        clock = Clock(WorkingDays(moved), data.draw(st.integers(1, 20)), data.draw(day, label="today"))
        there = comments(session, clock=clock)
        for row in there.page(CommentFilter()):
            values = data.draw(
                st.fixed_dictionaries({}, optional={"status": st.sampled_from(FollowUpStatus), "due_day": day})
            )
            follow_up(session, [row], FollowUpChange(values), staff.id, LATER)
        rows = there.page(CommentFilter())
        for state in (*STATUSES, LATE):
            by_database = {row.key for row in there.page(CommentFilter(status=state))}
            by_page = {
                row.key
                for row in rows
                if (row.standing.late if state == LATE else row.standing.status == STATUSES[state])
            }
            assert by_database == by_page, state
            assert there.offered().statuses.get(state, 0) == len(by_page)
        trial.rollback()


def test_the_counts_of_a_report_add_up_and_overdue_is_told_of_many_only(session: Session) -> None:
    staff = official(session, role=Role.MANAGER)
    for number in range(9):
        write(session, f"chậm {number}", 1, agency="H61.50" if number % 2 else "H61.51")
    take(session, staff, status=DONE)
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session))

    def counts() -> Any:
        province = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
        return follow_up_counts(session, province, CLOCK, 10)

    assert counts().of() == {
        **dict.fromkeys(("comments_new", "comments_in_hand", "comments_not_for_us"), 0),
        "comments": 9,
        "comments_done": 9,
        "comments_late": None,
    }
    write(session, "quầy", 2, channel=Channel.OPEN)
    assert counts().of()["comments_late"] == 0, "that it is late would tell the level of one among few"
    for _ in range(9):
        factories.response(session, 5, when=NOON, channel=Channel.OPEN)
    assert (counts().of()["comments_late"], counts().of(Channel.INVITATION)["comments_late"]) == (1, None)
    assert (counts().of(Channel.OPEN)["comments_new"], counts().of(unit=scope.agency_id)["comments"]) == (1, 5)
    by_unit = [counts().of(unit=unit) for unit in counts().units]
    for name in ("comments", "comments_new", "comments_done"):
        assert sum(one[name] for one in by_unit) == counts().of()[name]


def test_two_steps_of_a_comment_have_two_turns(session: Session) -> None:
    staff = official(session, role=Role.MANAGER)
    write(session)
    take(session, staff, "một")
    take(session, staff, "hai")
    assert session.scalars(sa.select(FollowUpStep.turn).order_by(FollowUpStep.turn)).all() == [1, 2]
