"""Targets: which holds for a day, what may still be changed, and that a closed period keeps its own."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict, NotFound
from survey.models import AuditEntry, StoredTarget
from survey.organisation import targets
from survey.organisation.targets import TargetDraft
from survey.periods import Basis, parse
from survey.results import closing
from survey.results.revision import revision
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
TODAY = NOON.date()
ENTRY = {
    "kind": "headline",
    "share": "92,5 %",
    "first": "2026-11-10",
    "last": "",
    "title_vi": "Chỉ tiêu của tỉnh",
    "title_en": "Target of the province",
    "source_vi": "Kế hoạch 50/KH-UBND",
    "source_en": "Plan 50/KH-UBND",
}


def enter(session: Session, first: str, share: str = "0.92", last: str = "", *, headline: bool = True) -> StoredTarget:
    texts = {"vi": "Chỉ tiêu", "en": "Target"}
    ends = dt.date.fromisoformat(last) if last else None
    draft = TargetDraft(headline, share, dt.date.fromisoformat(first), ends, texts, texts)
    staff = session.scalar(sa.select(AuditEntry.staff_id).where(AuditEntry.staff_id.is_not(None)))
    return targets.add(session, draft, NOON, staff or official(session).id)


def shares(session: Session, day: str) -> tuple[str | None, str | None]:
    held = targets.in_force(session, dt.date.fromisoformat(day))
    return held.headline and held.headline.share, held.beside and held.beside.share


def standard(session: Session, code: str, basis: Basis = Basis.CALENDAR) -> tuple[str, str | None]:
    scope = scope_for(session, parse(code, basis), factories.agency_id(session, "H61"))
    held = scope.held_to(STANDARD)
    return held.target, held.beside and held.beside.share


def test_the_national_target_stands_beside_the_setting_in_2026_and_in_no_other_year(session: Session) -> None:
    assert [standard(session, code) for code in ("2025-12", "2026-01", "2026", "2027-01")] == [
        ("0.90", None),
        ("0.90", "0.95"),
        ("0.90", "0.95"),
        ("0.90", None),
    ]
    beside = targets.in_force(session, TODAY).beside
    assert beside is not None and "1565/QĐ-TTg" in beside.source["vi"] and beside.source["en"]


def test_a_period_is_held_against_the_targets_of_its_last_day(session: Session) -> None:
    enter(session, "2026-11-14")
    assert standard(session, "2026-10")[0] == "0.90"
    assert standard(session, "2026-11")[0] == "0.92"
    assert standard(session, "2026-11", Basis.ADMINISTRATIVE)[0] == "0.92"  # which ends on the 14th
    assert standard(session, "2026-10", Basis.ADMINISTRATIVE)[0] == "0.90"
    enter(session, "2026-11-30", "0.93")
    assert standard(session, "2026-11")[0] == "0.93"
    assert standard(session, "2026-11", Basis.ADMINISTRATIVE)[0] == "0.92"


def test_a_target_beside_the_headline_ends_and_the_one_before_it_does_not_come_back(session: Session) -> None:
    enter(session, "2026-11-01", "0.97", "2026-11-20", headline=False)
    assert [shares(session, day)[1] for day in ("2026-10-31", "2026-11-01", "2026-11-20", "2026-11-21")] == [
        "0.95",
        "0.97",
        "0.97",
        None,
    ]


def test_a_closed_period_keeps_its_targets_whatever_is_entered_or_set_later(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    closed = closing.close(session, parse("2026-09"), NOON, STANDARD)
    assert closed.target == "0.90" and closed.targets is not None
    session.execute(sa.update(StoredTarget).values(share="0.99", title={"vi": "khác", "en": "other"}))
    scope = scope_for(session, parse("2026-09"), factories.agency_id(session, "H61"))
    held = scope.held_to(STANDARD)
    assert held.beside is not None and (held.target, held.beside.share) == ("0.90", "0.95")
    assert held.beside.title["en"] == "National target for 2026"
    assert standard(session, "2026-11")[1] == "0.99"


def test_a_headline_that_the_province_has_entered_is_frozen_with_its_source(session: Session) -> None:
    plan = {"title": {}, "source": {"vi": "KH 50"}}
    session.add(StoredTarget(headline=True, share="0.85", valid_from=dt.date(2026, 1, 1), **plan))
    session.flush()
    closed = closing.close(session, parse("2026-09"), NOON, STANDARD)
    assert closed.target == "0.85"
    scope = scope_for(session, parse("2026-09"), factories.agency_id(session, "H61"))
    headline = scope.held_to(STANDARD).headline
    assert headline is not None and headline.source == {"vi": "KH 50"}


def test_a_period_that_was_closed_before_targets_were_kept_has_the_one_of_then_alone(session: Session) -> None:
    closed = closing.close(session, parse("2026-09"), NOON, STANDARD)
    closed.targets = None
    session.flush()
    assert standard(session, "2026-09") == ("0.90", None)


def test_what_is_entered_is_on_record_and_figures_are_drawn_anew(session: Session) -> None:
    before = revision(session)
    row = enter(session, "2027-01-01")
    targets.end(session, row.id, NOON, official(session, "hai").id)
    acts = session.scalars(sa.select(AuditEntry).where(AuditEntry.act.startswith("target.")).order_by(AuditEntry.id))
    assert [(one.act, one.about) for one in acts] == [
        ("target.added", {"target": "0.92", "headline": 1, "first": "2027-01-01", "last": ""}),
        ("target.taken_back", {"target": "0.92", "headline": 1, "first": "2027-01-01", "last": ""}),
    ]
    assert revision(session) != before
    assert shares(session, "2027-01-01") == (None, None)


def test_what_has_begun_is_not_changed(session: Session) -> None:
    staff = official(session).id
    national = session.scalars(sa.select(StoredTarget)).one()
    targets.end(session, national.id, NOON, staff)
    assert shares(session, TODAY.isoformat())[1] == "0.95" and shares(session, "2026-10-15")[1] is None
    with pytest.raises(Conflict):
        targets.end(session, national.id, NOON, staff)
    headline = enter(session, "2026-10-15")
    for first in ("2026-10-13", "2026-10-14", "2026-10-15"):
        with pytest.raises(Conflict):
            enter(session, first)
    with pytest.raises(Conflict):
        targets.end(session, headline.id, NOON + dt.timedelta(days=1), staff)
    with pytest.raises(NotFound):
        targets.end(session, 10**9, NOON, staff)
    assert shares(session, "2026-10-15") == ("0.92", None)


def test_a_target_is_planned_in_force_or_past(session: Session) -> None:
    enter(session, "2026-10-20", "0.91")
    enter(session, "2026-10-25", "0.92")
    rows = targets.listed(session)

    def states(day: str) -> dict[str, str]:
        return {row.share: targets.state(row, rows, dt.date.fromisoformat(day)) for row in rows}

    assert states("2026-10-19") == {"0.91": "planned", "0.92": "planned", "0.95": "in_force"}
    assert states("2026-10-20") == {"0.91": "in_force", "0.92": "planned", "0.95": "in_force"}
    assert states("2027-01-01") == {"0.91": "past", "0.92": "in_force", "0.95": "past"}


def test_a_form_without_fault_is_a_target(session: Session) -> None:
    draft, faults = targets.read(session, ENTRY, TODAY)
    assert not faults and draft is not None
    assert (draft.headline, draft.share, draft.valid_from, draft.valid_to) == (
        True,
        "0.925",
        dt.date(2026, 11, 10),
        None,
    )
    assert draft.title == {"vi": "Chỉ tiêu của tỉnh", "en": "Target of the province"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *[("share", typed) for typed in ("", "9", "100", "49.99", "99.99", "0.95", "nan", "95%%", "٩٥", "9e1")],
        *[("first", typed) for typed in ("", "2026-10-14", "2025-01-01", "mai", "2026-13-01")],
        ("last", "2026-12-31"),  # of a headline
        *[
            (f"{name}_{language}", typed)
            for name in ("title", "source")
            for language in ("vi", "en")
            for typed in ("", "x" * 301)
        ],
    ],
)
def test_each_fault_of_a_form_is_said_at_its_field(session: Session, field: str, typed: str) -> None:
    draft, faults = targets.read(session, ENTRY | {field: typed}, TODAY)
    assert draft is None and list(faults) == [field]


def test_a_last_day_before_the_first_one_is_refused(session: Session) -> None:
    beside = ENTRY | {"kind": "beside", "last": "2026-11-09"}
    assert list(targets.read(session, beside, TODAY)[1]) == ["last"]
    assert not targets.read(session, beside | {"last": "2026-11-10"}, TODAY)[1]
    enter(session, "2026-11-10", headline=False)
    assert list(targets.read(session, beside | {"last": ""}, TODAY)[1]) == ["first"]
