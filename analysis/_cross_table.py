"""Small cells of a table with published row and column totals: hide until every hidden count could be another."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis._small_cells import THRESHOLD, Marks
from analysis.validation import Whole, whole

CellPlace = tuple[int, int]


@dataclass(frozen=True)
class CrossSuppression:
    """Marks of a table with its totals appended as last row and last column; one mark on the page for both kinds."""

    primary: Marks
    secondary: Marks
    n: Whole
    threshold: int

    @property
    def hidden(self) -> Marks:
        """Return the cells and totals that are not published, for either reason."""
        return self.primary | self.secondary


def suppress_cross_table(n: ArrayLike, threshold: int = THRESHOLD) -> CrossSuppression:
    """Return which cells and totals of a cross-table, such as agency by month, to hide.

    Primary: 1 ≤ count < threshold, totals too. A table with totals is a circulation: a count flows from its row to its
    column, a row total back into its row, a column total out of its column, the grand total from one to the other. A
    hidden count can be another exactly if it lies on a cycle of hidden counts along which one unit can be moved: up
    with the flow, or down against it where at least 1 is there. For each that does not, the cycle that hides the
    smallest counts is hidden too, zeros last.

    Source: Gusfield 1988, SIAM J. Comput. 17:552 (two-way tables as mixed graphs); Cox 1995, JASA 90:1453.
    Shapes: n rows × columns of counts without totals; the marks have one row and one column more.
    Edges: a table of one cell below the threshold hides all its totals; no small count hides nothing.

    Raises:
        ValueError: n is no table of whole numbers ≥ 0, or a threshold below 1.

    >>> suppress_cross_table([[3, 20, 30], [40, 9, 25], [50, 60, 70]]).hidden[:3, :3].astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    """
    cells = whole(n, "n")
    if cells.ndim != 2 or not cells.size or threshold < 1:
        raise ValueError("n must be a table of rows × columns and threshold at least 1")
    rows = np.hstack([cells, cells.sum(axis=1, keepdims=True)])
    table = np.vstack([rows, rows.sum(axis=0)])
    primary = (table > 0) & (table < threshold)
    hidden = primary.copy()
    for place in np.argwhere(primary):
        cycle = _cheapest_cycle(table, hidden, (int(place[0]), int(place[1])))
        for cell in cycle:
            hidden[cell] = True
    return CrossSuppression(primary, hidden & ~primary, table, threshold)


def _ends(cell: CellPlace, table: Whole) -> tuple[str, str]:
    (i, j), last_row, last_column = cell, table.shape[0] - 1, table.shape[1] - 1
    if i == last_row:
        return ("totals of columns", "totals of rows") if j == last_column else (f"column {j}", "totals of columns")
    return ("totals of rows", f"row {i}") if j == last_column else (f"row {i}", f"column {j}")


def _cheapest_cycle(table: Whole, hidden: Marks, cell: CellPlace) -> list[CellPlace]:
    # A hidden 0 puzzles readers, so zeros cost more than all counts together.
    dear = int(table.max()) * table.size + 1
    moves: dict[str, list[tuple[str, int, CellPlace]]] = {}
    for other in np.ndindex(*table.shape):
        if other == cell:
            continue
        start, end = _ends(other, table)
        count = int(table[other])
        cost = 0 if hidden[other] else count or dear
        moves.setdefault(start, []).append((end, cost, other))
        if count:
            moves.setdefault(end, []).append((start, cost, other))
    start, end = _ends(cell, table)
    up, down = _path(moves, end, start), _path(moves, start, end)
    return min(up, down)[1]


def _path(moves: dict[str, list[tuple[str, int, CellPlace]]], start: str, end: str) -> tuple[int, list[CellPlace]]:
    waiting: list[tuple[int, str, list[CellPlace]]] = [(0, start, [])]
    done: set[str] = set()
    while waiting:
        cost, here, path = heapq.heappop(waiting)
        if here == end:
            return cost, path
        if here not in done:
            done.add(here)
            for there, more, cell in moves.get(here, []):
                heapq.heappush(waiting, (cost + more, there, [*path, cell]))
    raise AssertionError("every count of a table with totals lies on a cycle")
