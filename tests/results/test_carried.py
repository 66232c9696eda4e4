"""The limits of what all cases would have said hold whatever became of the answers' cases since."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from survey.periods import parse
from survey.results import closing, link_cut
from survey.results.figures import figures
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.cases import answer, finish, tell
from tests.support.figures import STANDARD

NOON = dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PEOPLE = 30


@pytest.mark.parametrize("finished", [2, -3], ids=["same month", "month before"])
@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_an_answer_that_its_corrected_case_left_behind_speaks_for_no_case_of_its_unit(
    session: Session, finished: int, cut: bool, closed: bool
) -> None:
    """It stays where a closed period of one kind counts it, and is counted there by a month of the other kind, too."""
    codes = [f"H61.50-261003-{place:04}" for place in range(2 * PEOPLE)]
    for place, code in enumerate(codes):
        when = NOON + (17 if place < PEOPLE else finished) * DAY
        token = finish(session, code, "H61.50", when)
        answer(session, token, 1 if place < PEOPLE else 5, max(when + DAY, NOON))
    closing.close(session, parse("2026-10", "administrative"), NOON + 14 * DAY, STANDARD)
    tell(session, codes[PEOPLE:], "H61.51", NOON + finished * DAY)
    if cut:
        link_cut.mark(session, NOON + 31 * DAY)
        for half in list(link_cut.due(session, NOON + 31 * DAY)):
            link_cut.cut(session, half, NOON + 31 * DAY)
    if closed:
        closing.close(session, parse("2026-10"), NOON + 32 * DAY, STANDARD)
    for agency in ("H61", "H61.50"):
        scope = scope_for(session, parse("2026-10"), factories.agency_id(session, agency))
        rows = figures(session, scope, STANDARD, dt.date(2026, 11, 20), "unit").judged.rows
        [row] = [row for row in rows if row.code == "H61.50"]
        assert (row.answered, row.satisfied, row.rated) == (2 * PEOPLE, PEOPLE, PEOPLE)
        assert row.possible_lower == 0, "nobody whose case this unit finished in October was satisfied"
        assert not row.certain and row.rated_satisfied is None
