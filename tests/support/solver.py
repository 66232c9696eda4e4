"""Whoever adds and subtracts all that was ever shown, by an integer solver: of which groups the words are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from survey.results.cuts import PartRow
from survey.results.rows import FiguresRow


@dataclass(frozen=True)
class Printed:
    """One number that was shown: which answers it sums up, by their ids, and how many of them are satisfied."""

    answers: frozenset[int]
    satisfied: int


def printed_in(row: FiguresRow | PartRow, answers: frozenset[int]) -> Iterator[Printed]:
    """Yield what a row of these answers tells, if it tells what they said."""
    assert len(answers) == row.answered
    if answers and row.satisfied is not None:
        yield Printed(answers, row.satisfied)


def solved(printed: set[Printed], groups: dict[object, frozenset[int]]) -> set[object]:
    """Return the groups of which the solver finds how many are satisfied, from all numbers together."""
    asked = sorted(set().union(*(one.answers for one in printed), *groups.values()))
    place = {key: number for number, key in enumerate(asked)}
    rows = np.zeros((len(printed), len(asked)))
    for number, one in enumerate(printed):
        rows[number, [place[key] for key in one.answers]] = 1
    sums = np.array([one.satisfied for one in printed], dtype=float)
    given = [LinearConstraint(rows, sums, sums)] if printed else []
    certain = set()
    for name, group in groups.items():
        aim = np.zeros(len(asked))
        aim[[place[key] for key in group]] = 1
        ends = [
            milp(sign * aim, constraints=given, integrality=np.ones(len(asked)), bounds=Bounds(0, 1))
            for sign in (1, -1)
        ]
        assert all(end.success for end in ends)
        if round(ends[0].fun) == round(-ends[1].fun):
            certain.add(name)
    return certain
