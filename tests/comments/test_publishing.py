"""What units tell everybody: written by one, decided by another, each step kept, nothing published by its writer."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.comments import publishing
from survey.comments.publishing import Actor, EntryWords, PublishingStep
from survey.errors import Conflict, Forbidden
from survey.models import AuditEntry, Improvement, ImprovementStatus, Role
from tests.support import factories
from tests.support.officials import official

AT = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 20)
WORDING = EntryWords("Chờ lâu ở quầy một cửa", "Đã mở thêm một quầy vào buổi sáng.", dt.date(2026, 11, 2))


def actors(session: Session) -> tuple[Actor, Actor]:
    """Return a writer of a commune and one who decides for the province."""
    writer = official(session, "xa", "H61.50", Role.MANAGER)
    decider = official(session, "tinh", "H61", Role.MANAGER)
    return Actor(writer.id, False), Actor(decider.id, True)


def entry(session: Session, actor: Actor, code: str = "H61.50") -> Improvement:
    return publishing.add(session, factories.agency_id(session, code), WORDING, actor, AT, hand_in=True)


def test_an_entry_is_published_by_another_account_and_every_step_is_on_record(session: Session) -> None:
    writer, decider = actors(session)
    one = entry(session, writer)
    assert one.status == ImprovementStatus.WAITING and not publishing.published_by_agency(session)
    publishing.take(session, one, PublishingStep.REFUSE, decider, AT, turn=1, reason="Nói rõ quầy nào")
    better = EntryWords(WORDING.voice, "Đã mở quầy số 3.", WORDING.since)
    publishing.take(session, one, PublishingStep.HAND_IN, writer, AT, turn=2, wording=better)
    publishing.take(session, one, PublishingStep.PUBLISH, decider, AT, turn=3)
    assert [shown.measure for shown in publishing.published(session, {one.agency_id}, 0, 9)] == ["Đã mở quầy số 3."]
    publishing.take(session, one, PublishingStep.WITHDRAW, writer, AT, turn=4, reason="Quầy đã đóng")
    assert not publishing.published(session, {one.agency_id}, 0, 9)
    steps = publishing.history(session, one)
    assert [step.status.name for step in steps] == ["WAITING", "REFUSED", "WAITING", "PUBLISHED", "WITHDRAWN"]
    assert [step.reason for step in steps] == [None, "Nói rõ quầy nào", None, None, "Quầy đã đóng"]
    assert [step.measure for step in steps][:3] == [WORDING.measure, WORDING.measure, "Đã mở quầy số 3."]
    acts = session.scalars(
        sa.select(AuditEntry.act).where(AuditEntry.act.startswith("improvement")).order_by(AuditEntry.id)
    ).all()
    assert sorted(acts) == sorted(
        f"improvement.{act}" for act in ("handed_in", "refused", "handed_in", "published", "withdrawn")
    )


def test_whoever_had_a_hand_in_the_words_never_decides_on_them(session: Session) -> None:
    writer, decider = actors(session)
    second = Actor(official(session, "tinh2", "H61", Role.ADMINISTRATOR).id, True)
    one = entry(session, decider)
    for actor in (decider, writer):
        assert not {PublishingStep.PUBLISH, PublishingStep.REFUSE} & set(publishing.offered(session, one, actor))
        for step in (PublishingStep.PUBLISH, PublishingStep.REFUSE):
            with pytest.raises(Forbidden):
                publishing.take(session, one, step, actor, AT, turn=1, reason="x")
    publishing.take(session, one, PublishingStep.TAKE_BACK, second, AT, turn=1)
    publishing.take(session, one, PublishingStep.HAND_IN, writer, AT, turn=2, wording=WORDING)
    for actor in (decider, second):
        with pytest.raises(Forbidden):
            publishing.take(session, one, PublishingStep.PUBLISH, actor, AT, turn=3)
    assert one.status == ImprovementStatus.WAITING


@pytest.mark.parametrize(
    "step", sorted(set(PublishingStep) - {PublishingStep.PUBLISH, PublishingStep.REFUSE, PublishingStep.TAKE_BACK})
)
def test_a_step_that_does_not_lead_on_from_here_is_refused(session: Session, step: PublishingStep) -> None:
    writer, _decider = actors(session)
    one = entry(session, writer)
    with pytest.raises(Conflict):
        publishing.take(session, one, step, writer, AT, turn=1, wording=WORDING, reason="x")
    assert (one.status, one.turn, len(publishing.history(session, one))) == (ImprovementStatus.WAITING, 1, 1)


def test_what_is_approved_is_what_was_seen(session: Session) -> None:
    writer, decider = actors(session)
    one = entry(session, writer)
    publishing.take(session, one, PublishingStep.TAKE_BACK, writer, AT, turn=1)
    publishing.take(session, one, PublishingStep.HAND_IN, writer, AT, turn=2, wording=WORDING)
    with pytest.raises(Conflict):
        publishing.take(session, one, PublishingStep.PUBLISH, decider, AT, turn=1)
    assert one.status == ImprovementStatus.WAITING


@pytest.mark.usefixtures("vietnamese")
@pytest.mark.parametrize(
    ("wording", "wrong"),
    [
        (WORDING, set()),
        (EntryWords("", "", None), {"voice", "measure", "since"}),
        (EntryWords("a" * 301, "b" * 601, dt.date(2026, 11, 21)), {"voice", "measure", "since"}),
        (EntryWords("Bà gọi 0987612345", "Đã gọi lại", dt.date(2020, 1, 1)), {"voice", "since"}),
        (EntryWords("Chờ lâu", "Đã trả lời ông Nguyễn Văn Tám", TODAY), {"measure"}),
    ],
)
def test_words_are_there_short_enough_without_people_and_of_what_is_done(wording: EntryWords, wrong: set[str]) -> None:
    assert publishing.faults(wording, TODAY).keys() == wrong


@pytest.mark.parametrize(("reason", "wrong"), [("Chưa rõ", False), ("", True), ("x" * 501, True)])
def test_a_refusal_has_a_reason(reason: str, wrong: bool) -> None:
    assert bool(publishing.reason_faults(reason)) == wrong
