"""Answers, corrections, closings and cuts in any order: frozen figures stay, and each case counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.collection.corrected_cases import left_behind
from survey.collection.unlinking import linked
from survey.errors import CaseWithdrawn, Expired
from survey.models import Case, ClosedPeriod, Invitation, Response, Withdrawal
from survey.periods import Basis, Period, local_day, parse
from survey.results import closing, counts, link_cut
from survey.results.carried import limits_of_rated
from survey.results.scope import closed_period, scope_for
from survey.security.tokens import case_hash, new_token
from tests.support import factories
from tests.support.cases import answer, finish, tell
from tests.support.factories import SECRET
from tests.support.figures import STANDARD

DAY = dt.timedelta(days=1)
LAST = dt.datetime(2026, 12, 31, 2, tzinfo=dt.UTC)
AGENCIES = ("H61.50", "H61.51", "H61.1")
MONTHS = [parse(code, basis) for basis in Basis for code in ("2026-10", "2026-11", "2026-12", "2026-Q4")]
STEPS = st.one_of(
    st.tuples(st.just("finish"), st.sampled_from(AGENCIES)),
    st.tuples(st.just("answer"), st.integers(0, 9), st.integers(1, 5)),
    st.tuples(st.just("correct"), st.integers(0, 9), st.sampled_from(AGENCIES), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from((-6, 5, 12, 20))),
    st.tuples(st.just("close"), st.integers(0, len(MONTHS) - 1)),
    st.tuples(st.just("cut"), st.just(0)),
)


BEGINNING = [("finish", "H61.50"), ("answer", 0, 5), ("finish", "H61.51"), ("wait", 1), ("answer", 1, 2)]

END = [("wait", 40), ("close", 0), ("cut", 0), ("wait", -40), ("correct", 0, "H61.1", True), ("answer", 1, 4)]


class Office:
    """Cases finish, people answer and change their minds, months are closed, links are cut: in whatever order."""

    def __init__(self, session: Session) -> None:
        self.session, self.at = session, dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC)
        self.cases: list[tuple[str, str]] = []
        self.ratings: dict[str, int] = {}  # by token: what was said last
        self.begun = new_token()
        self.behind = 0  # answers that stood apart from their cases when their links were cut

    def finish(self, agency: str) -> None:
        code = f"{self.begun}-{len(self.cases)}"
        self.cases.append((code, finish(self.session, code, agency, self.at)))

    def answer(self, number: int, rating: int) -> None:
        if not self.cases:
            return
        token = self.cases[number % len(self.cases)][1]
        try:
            answer(self.session, token, rating, self.at)
            self.ratings[token] = rating
        except (Expired, CaseWithdrawn):
            pass

    def correct(self, number: int, agency: str, withdrawn: bool) -> None:
        if self.cases:
            tell(self.session, [self.cases[number % len(self.cases)][0]], agency, self.at, withdrawn)

    def wait(self, days: int) -> None:
        self.at = min(self.at + days * DAY, LAST)

    def close(self, number: int) -> None:
        if MONTHS[number].ended(local_day(self.at)):
            closing.close(self.session, MONTHS[number], self.at, STANDARD)

    def cut(self, _number: int) -> None:
        link_cut.mark(self.session, self.at)
        for half in list(link_cut.due(self.session, self.at)):
            self.behind += self.left_behind(linked(*half))
            link_cut.cut(self.session, half, self.at)

    def left_behind(self, *conditions: sa.ColumnElement[bool]) -> int:
        """Return how many answers stayed in a closed period's cell which their cases have left."""
        stayed = sa.select(sa.func.count()).select_from(Response).join(Invitation).join(Case)
        return self.session.scalar(stayed.where(Response.counted, left_behind(), *conditions)) or 0

    def belonging(self) -> int:
        """Return how many cases belong to the figures: those that are not withdrawn, or were rated."""
        holding = sa.exists().where(Withdrawal.case_id == Case.id, Withdrawal.restored_at.is_(None))
        codes = {case_hash(SECRET, code): token for code, token in self.cases}
        left = {codes[one] for one in self.session.scalars(sa.select(Case.code_hash).where(holding))} - set(
            self.ratings
        )
        return len(self.cases) - len(left)

    def check(self) -> None:
        self.session.flush()
        for period in self.session.scalars(sa.select(ClosedPeriod)):
            assert closing.differences(self.session, period).empty
            assert closing.digest(self.session, period) == closing.digest_on_record(self.session, period)
        year = scope_for(self.session, parse("2026"), factories.agency_id(self.session, "H61"))
        cells = counts.cells(self.session, year, ("agency",))
        satisfied = sum(rating >= 4 for rating in self.ratings.values())
        assert (cells["answered"].sum(), cells["satisfied"].sum()) == (len(self.ratings), satisfied)
        cohort = counts.cohort(self.session, year, ("agency",))
        sums = [int(cohort[name].sum()) for name in ("finished", "invited", "rated", "carried")]
        behind = self.behind + self.left_behind()
        assert sums == [self.belonging(), self.belonging(), len(self.ratings), behind]
        for less, more in (("invited", "finished"), ("rated", "invited"), ("withdrawn_rated", "withdrawn")):
            assert (cohort[less] <= cohort[more]).all()
        for period in MONTHS:
            if closed_period(self.session, period) is None:
                self.check_limits(period)

    def check_limits(self, period: Period) -> None:
        """What the rated cases of an open period said lies within what its answers tell."""
        scope = scope_for(self.session, period, factories.agency_id(self.session, "H61"))
        both = counts.cells(self.session, scope, ()).join(counts.cohort(self.session, scope, ()))
        least, most = limits_of_rated(both)
        codes = {case_hash(SECRET, code): token for code, token in self.cases}
        finished = sa.select(Case.code_hash).where(Case.finished_day.between(period.first, period.last))
        said = [self.ratings.get(codes[code], 0) for code in self.session.scalars(finished) if code in codes]
        assert least[0] <= sum(rating >= 4 for rating in said) <= most[0]


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make an example smaller would take minutes
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, max_size=30))
@example(steps=[("wait", 20), ("wait", 20), ("close", 0), ("correct", 1, "H61.1", False)])
def test_no_order_of_answers_corrections_closings_and_cuts_moves_a_frozen_figure_or_counts_a_case_twice(
    session: Session, steps: list[tuple[str, ...]]
) -> None:
    office = Office(session)
    try:
        for name, *about in [*BEGINNING, *steps, *END]:
            step: Callable[..., None] = getattr(office, name)
            step(*about)
        office.check()
    finally:
        session.rollback()
        session.expunge_all()
