"""Counts kept of days that are over: whatever happens, with the last days they give what a full recount gives."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection import exclusions
from survey.collection.exclusions import Grounds
from survey.db.engine import Database
from survey.errors import Conflict
from survey.ledger import sealing
from survey.models import (
    ChangedDay,
    Channel,
    CountedPart,
    CountedSpan,
    DailyCell,
    ExclusionKind,
    ExclusionReason,
    Response,
)
from survey.operations import daily_findings
from survey.periods import local_day, parse
from survey.results import choices, counts, daily_counting
from survey.results.counted_spans import counted_days
from survey.results.scope import Reader, scope_for
from tests.results.test_link_cut_orders import AGENCIES, DAY, MONTHS, Office
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official

_LOGINS = itertools.count(1)
LATER = st.sampled_from((1, 3, 16, 50))
STEPS = st.one_of(
    st.just(("count",)),
    st.just(("count",)),
    st.tuples(st.just("finish"), st.sampled_from(AGENCIES)),
    st.tuples(st.just("answer"), st.integers(0, 9), st.integers(1, 5)),
    st.tuples(st.just("scan"), st.sampled_from(AGENCIES), st.integers(1, 5)),
    st.tuples(st.just("correct"), st.integers(0, 9), st.sampled_from(AGENCIES), st.booleans()),
    st.tuples(st.just("leave_out"), st.integers(0, 9), st.sampled_from(ExclusionKind)),
    st.tuples(st.just("wait"), LATER),
    st.tuples(st.just("wait"), st.just(-6)),
    st.tuples(st.just("close"), st.integers(0, len(MONTHS) - 1)),
    st.tuples(st.just("cut"), st.just(0)),
)
BEGINNING = [
    ("finish", "H61.50"),
    ("answer", 0, 5),
    ("scan", "H61.51", 2),
    ("finish", "H61.1"),
    ("wait", 3),
    ("count",),
]
END = [("finish", "H61.51"), ("answer", 2, 4), ("wait", 1), ("answer", 1, 1)]
KEYS: tuple[tuple[str, ...], ...] = (
    ("unit", "channel"),
    ("agency", "channel", "procedure"),
    ("channel", "respondent"),
    ("channel", "timeliness", "outcome"),  # not kept by two cuts at once
    ("channel", "placement"),
)
QUESTION_KEYS: tuple[tuple[str, ...], ...] = (("question", "channel"), ("question", "unit", "channel", "questionnaire"))
COHORT_KEYS: tuple[tuple[str, ...], ...] = (("unit",), ("agency", "procedure"), ("agency", "procedure", "respondent"))


class CountingOffice(Office):
    """The same, where counts are kept meanwhile, open codes are scanned, and answers left out and counted again."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.staff = [official(session, login=f"dem{next(_LOGINS)}").id for _ in range(2)]

    def count(self) -> None:
        daily_counting.announce(self.session, local_day(self.at))
        for span in list(daily_counting.due(self.session)):
            assert daily_counting.write(self.session, daily_counting.count(self.session, span))

    def scan(self, agency: str, rating: int) -> None:
        other = {"S7": ["slow", "attitude"][: rating % 3]} if rating < 4 else None
        factories.response(self.session, rating, agency, when=self.at, channel=Channel.OPEN, other=other)

    def leave_out(self, number: int, kind: ExclusionKind) -> None:
        answers = self.session.scalars(sa.select(Response.id).order_by(Response.id)).all()
        grounds = Grounds(ExclusionReason.TEST, "thử")
        try:
            proposed = exclusions.propose(
                self.session, kind, [answers[number % len(answers)]], grounds, self.staff[0], self.at
            )
            exclusions.decide(self.session, proposed.id, True, self.staff[1], self.at)
        except Conflict:
            pass

    def check(self) -> None:
        self.session.flush()
        assert list(daily_counting.differences(self.session)) == []
        kept = figures_of(self.session)
        with nothing_kept(self.session):
            alone = figures_of(self.session)
        assert kept.keys() == alone.keys()
        for name, frame in alone.items():
            pd.testing.assert_frame_equal(kept[name], frame, check_dtype=False, obj=str(name))


def figures_of(session: Session) -> dict[object, pd.DataFrame]:
    """Return all that is counted of every period, open or closed."""
    province = factories.agency_id(session, "H61")
    frames: dict[object, pd.DataFrame] = {}
    for period in (MONTHS[0], MONTHS[5], parse("2026")):
        name = f"{period.code} {period.basis}"
        scope = scope_for(session, period, province)
        for by in KEYS:
            frames[name, by] = some(counts.cells(session, scope, by), by)
        for by in QUESTION_KEYS:
            frames[name, by] = some(counts.cells(session, scope, by, ("S2", "S3")), by)
        for by in COHORT_KEYS:
            frames[name, "cohort", by] = some(counts.cohort(session, scope, by), by)
        chosen = [repr(one) for one in choices.choices(session, scope, STANDARD)]
        frames[name, "choices"] = pd.DataFrame({"question": chosen})
    line = [period for period in MONTHS if period.basis == "calendar"]
    frames["series"] = pd.DataFrame(counts.series(session, line, scope_for(session, parse("2026-12"), province)))
    return frames


def some(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the rows in which anything was counted."""
    return frame[(frame.drop(columns=list(by)) != 0).any(axis=1)].reset_index(drop=True)


@contextmanager
def nothing_kept(session: Session) -> Iterator[None]:
    """Let everything be counted from the answers for the time of a block."""
    whole = session.begin_nested()
    session.execute(sa.update(CountedSpan).values(edition=0), execution_options={"synchronize_session": False})
    yield
    whole.rollback()


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, max_size=24))
@example(steps=[("wait", 50), ("count",), ("scan", "H61.1", 1), ("wait", 50), ("close", 0), ("count",), ("cut", 0)])
def test_whatever_happens_kept_counts_and_the_last_days_are_a_full_recount(
    session: Session, steps: list[tuple[str, ...]]
) -> None:
    office = CountingOffice(session)
    try:
        for name, *about in [*BEGINNING, *steps, *END]:
            step: Callable[..., None] = getattr(office, str(name))
            step(*about)
        office.check()
        office.count()
        office.check()
    finally:
        session.rollback()
        session.expunge_all()


NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)
TODAY = dt.date(2026, 10, 8)
OCTOBER = parse("2026-10")


def answers(store: Database, number: int = 3, when: dt.datetime = NOON) -> None:
    """Let people answer, and commit."""
    with store.session(writes=True) as session:
        for place in range(number):
            factories.response(session, 1 + place % 5, when=when)
        session.commit()


def judged(store: Database, reader: Reader = Reader.PROVINCE) -> tuple[int, int]:
    """Return how many answers a reader is shown of October, and by how many of its days these are counted anew."""
    with store.session(writes=False) as session:
        scope = scope_for(session, OCTOBER, factories.agency_id(session, "H61"), reader=reader)
        live = counted_days(session, CountedPart.ANSWERS, OCTOBER.first, OCTOBER.last).live
        days = sum((last - first).days + 1 for first, last in live)
        return int(counts.cells(session, scope, ())["answered"].iloc[0]), days


def test_what_changes_after_a_day_was_counted_is_seen_at_once_and_counted_at_the_next_round(store: Database) -> None:
    answers(store)
    assert judged(store) == (3, 31)
    assert daily_counting.keep(store, TODAY) == 4  # the 6th and 7th, of answers and of cases
    assert daily_counting.keep(store, TODAY) == 0
    assert judged(store) == (3, 29)
    answers(store)
    assert judged(store) == (6, 30)
    assert daily_counting.keep(store, TODAY) == 2
    assert judged(store) == (6, 29)
    assert daily_counting.rebuild(store, TODAY) == 4
    assert judged(store) == (6, 29)


def test_a_half_in_which_little_changes_any_more_is_one_span(store: Database) -> None:
    answers(store)
    daily_counting.keep(store, TODAY)
    daily_counting.keep(store, dt.date(2026, 12, 20))
    with store.session(writes=False) as session:
        spans = session.execute(
            sa.select(CountedSpan.first, CountedSpan.last)
            .where(CountedSpan.part == CountedPart.ANSWERS, CountedSpan.first < dt.date(2026, 11, 1))
            .order_by(CountedSpan.first)
        )
        halves = [(dt.date(2026, 10, 1), dt.date(2026, 10, 14)), (dt.date(2026, 10, 15), dt.date(2026, 10, 31))]
        assert [tuple(row) for row in spans] == halves
        held = session.scalars(sa.select(DailyCell.span_id).distinct()).all()
        assert len(held) == 1, "nothing is left of the days of a half"
    assert judged(store) == (3, 0)


def test_what_comes_while_a_day_is_counted_keeps_it_from_being_read(store: Database) -> None:
    answers(store)
    daily_counting.keep(store, TODAY)
    answers(store)
    with store.session(writes=False) as session:
        [span] = [one for one in daily_counting.due(session) if one.part == CountedPart.ANSWERS]
        counted = daily_counting.count(session, span)
    answers(store)
    with store.session(writes=True) as session:
        assert daily_counting.write(session, counted)
        assert not daily_counting.write(session, counted), "somebody else has counted it meanwhile"
        session.commit()
    assert judged(store) == (9, 30)
    daily_counting.keep(store, TODAY)
    assert judged(store) == (9, 29)


def test_numbering_the_ledger_changes_no_day(store: Database) -> None:
    answers(store)
    daily_counting.keep(store, TODAY)
    sealing.number(store)
    with store.session(writes=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ChangedDay)) == 0


def test_whoever_must_not_see_answers_come_one_by_one_is_not_shown_kept_counts(store: Database) -> None:
    answers(store, 12)
    daily_counting.keep(store, TODAY)
    assert judged(store) == (12, 29)
    assert judged(store, Reader.UNIT)[0] == 5, "two batches came, the last of them is not shown yet"


def test_a_count_that_somebody_changed_is_found_and_made_anew(store: Database) -> None:
    answers(store)
    daily_counting.keep(store, TODAY)
    with store.session(writes=True) as session:
        session.execute(sa.update(DailyCell).values(level_5=DailyCell.level_5 + 1))
        session.commit()
    with store.session(writes=False) as session:
        states = [finding.state for finding in daily_findings.daily_counts(session, TODAY)]
        assert states == ["fault", "ok"]
        hour = session.scalars(sa.select(DailyCell.span_id)).first() or 0
    assert len(daily_counting.compare(store, hour % 24)) == 1
    assert daily_counting.keep(store, TODAY) == 2
    with store.session(writes=False) as session:
        assert [finding.state for finding in daily_findings.daily_counts(session, TODAY)] == ["ok"]
        late = [finding.state for finding in daily_findings.daily_counts(session, TODAY + 3 * DAY)]
    assert late == ["warning", "ok"]
