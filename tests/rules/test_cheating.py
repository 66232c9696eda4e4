"""Cheating simulated, in short: `python -m bench cheating` has the long form, docs/trust.en.md what came of it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bench.cheating import FALSE_SHARES, SEED, simulated


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the SELECTs are tried on both in test_unit_signs
def test_officers_who_give_half_of_the_answers_are_named_and_honest_units_are_not(session: Session) -> None:
    offices, result = simulated(session, SEED)
    flagged = {one.unit for one in result.signs}
    honest = {unit for unit, office in offices.items() if not office.false}
    worst = {unit for unit, office in offices.items() if office.false == max(FALSE_SHARES)}
    assert len(honest) == 52 and not flagged & honest
    assert worst <= flagged
