"""Small cells of periods that overlap: what a period may tell beside all that was told before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis._small_cells import THRESHOLD, Marks
from analysis.validation import Whole, whole

TimeSpan = tuple[int, int]
Joins = NDArray[np.int64]
NOTHING = 1e-7


@dataclass(frozen=True)
class TimeSuppression:
    """What to hide of each span: its `total` (one mark a span) and its `rows` (spans × rows)."""

    total: Marks
    rows: Marks
    threshold: int


def suppress_over_time(
    n: ArrayLike, spans: Sequence[TimeSpan], threshold: int = THRESHOLD, *, insiders: bool = False
) -> TimeSuppression:
    """Return what each span must hide so that no figure of fewer than `threshold` answers follows from all together.

    `n` counts the answers of each row in each slice of time, slices in their order; a span (i, j) publishes the slices
    i to j − 1: what its answers said in all, and by row. The numbers of answers are known to everybody, what they
    said is not. Spans are decided in the order given, each beside those before it, so that nothing that was told is
    ever hidden again.

    The sums of a line, of one row or of all, are differences of its sums up to each moment: two moments are joined if
    the difference between them can be told, and so is that of all moments that are joined to them. A span of a line is
    told only if no two neighbours among the joined moments have 1 to threshold − 1 answers between them. What all rows
    said minus what the told rows said is told too: between moments that are joined for all rows, the rows that are not
    joined must be several with at least `threshold` answers; where it is one, its moments become joined. Of the rows
    that may be told the smallest is hidden until that holds.

    With `insiders` somebody may know beforehand all that one row said, such as the people of the unit that the row is
    of: then the rows that are not joined must be three at least, and without the largest of them still have `threshold`
    answers. More than one row is known to nobody.

    Source: this product's own; the moments and what joins them are the graph of Gusfield 1988 (SIAM J. Comput. 17:552)
    for a table of one row.
    Shapes: n rows × slices; the marks spans × rows.
    Edges: a span with fewer than `threshold` answers tells nothing; a row without answers in it is never hidden.

    Raises:
        ValueError: n is no table of whole numbers ≥ 0, a span is empty or outside of it, or a threshold below 1.

    >>> hidden = suppress_over_time([[4, 20, 30], [40, 30, 9]], [(0, 1), (1, 2), (2, 3), (0, 3)], 10)
    >>> hidden.rows.astype(int).tolist(), hidden.total.tolist()
    ([[1, 1], [0, 0], [1, 1], [0, 0]], [False, False, False, False])

    The people of the second row would learn what the 4 of the first said, so the third is hidden with them:

    >>> rows = [[4], [12], [25], [40]]
    >>> suppress_over_time(rows, [(0, 1)], 10).rows.astype(int).tolist()
    [[1, 1, 0, 0]]
    >>> suppress_over_time(rows, [(0, 1)], 10, insiders=True).rows.astype(int).tolist()
    [[1, 1, 1, 0]]
    """
    cells = whole(n, "n")
    if cells.ndim != 2 or threshold < 1 or any(not 0 <= i < j <= cells.shape[1] for i, j in spans):
        raise ValueError("n must be a table of rows × slices, each span within it, and threshold at least 1")
    rows = np.pad(cells.cumsum(axis=1), ((0, 0), (1, 0)))
    sums = np.vstack([rows.sum(axis=0), rows])
    joined = sums.copy()  # moments without an answer between them are one
    total, hidden = np.ones(len(spans), bool), np.zeros((len(spans), len(cells)), bool)
    for place, (i, j) in enumerate(spans):
        answers = sums[:, j] - sums[:, i]
        hidden[place] = answers[1:] > 0
        if answers[0] < threshold:
            continue
        alone = _with_lines(joined, [0], i, j)
        if not _wide(sums[0], alone[0], i, threshold):
            continue
        rows_alone = _with_lines(alone, range(1, len(sums)), i, j)
        fit = [
            row
            for row in range(1, len(sums))
            if answers[row] >= threshold and _wide(sums[row], rows_alone[row], i, threshold)
        ]
        fit.sort(key=lambda row: (-answers[row], row))
        while (after := _consequences(sums, _with_lines(alone, fit, i, j), i, threshold, insiders)) is None and fit:
            fit.pop()
        if after is not None:
            joined, total[place] = after, False
            hidden[place, [row - 1 for row in fit]] = False
    return TimeSuppression(total, hidden, threshold)


def _with_lines(joined: Joins, lines: Sequence[int], i: int, j: int) -> Joins:
    """Return the moments as they are joined once the span from i to j of some lines is told."""
    after, some = joined.copy(), np.array(lines, dtype=np.int64)
    labels = after[some]
    after[some] = np.where(labels == labels[:, [j]], labels[:, [i]], labels)
    return after


def _wide(sums: Whole, joined: Joins, i: int, threshold: int) -> bool:
    """Return whether neighbours among the moments joined to i are never a few answers apart."""
    apart = np.diff(np.unique(sums[joined == joined[i]]))
    return bool((apart >= threshold).all())


def _consequences(sums: Whole, joined: Joins, i: int, threshold: int, insiders: bool) -> Joins | None:
    """Return the moments with all that follows by subtracting rows from the total; None if that would be too much."""
    moments = np.flatnonzero(joined[0] == joined[0, i])
    moments = moments[np.unique(sums[0, moments], return_index=True)[1]]
    while True:
        labels, at = joined[1:, moments], sums[1:, moments]
        open_rows = labels[:, :, None] != labels[:, None, :]
        number = open_rows.sum(axis=0)
        apart = np.abs(at[:, :, None] - at[:, None, :]) * open_rows
        answers = apart.sum(axis=0)
        if insiders:  # whoever knows one of the rows is left with the others, of which there must be several
            answers = np.where(number == 2, 0, answers - apart.max(axis=0, initial=0))
        if ((number > 1) & (answers < threshold)).any():
            return None
        ones = np.argwhere(np.triu(number == 1))
        if not len(ones):
            return None if _one_row_remains(joined) else joined
        first, last = ones[0]
        row = 1 + int(open_rows[:, first, last].argmax())
        joined = _with_lines(joined, [row], int(moments[first]), int(moments[last]))
        if not _wide(sums[row], joined[row], int(moments[first]), threshold):
            return None


def _one_row_remains(joined: Joins) -> bool:
    """Return whether differences of totals can be added up to a sum in which all rows but one are told.

    Such a sum is a number for each moment that adds up to 0 over all moments that are joined for all rows, and over
    those that are joined for each of the other rows; for the one row it then must do so too.
    """
    alone = (joined[0] == joined[0][:, None]).sum(axis=0) == 1  # there the number is 0
    joined = joined[:, ~alone]
    same = (joined[:, :, None] == joined[:, None, :]).astype(np.float64)
    every = same.sum(axis=0)
    sizes, vectors = np.linalg.eigh(every)
    basis = vectors[:, sizes > NOTHING]
    without_one = basis.T @ (every - same[1:]) @ basis
    try:
        np.linalg.cholesky(without_one - NOTHING * np.eye(basis.shape[1]))
    except np.linalg.LinAlgError:
        return True
    return False
