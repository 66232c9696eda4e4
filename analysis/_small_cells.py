"""Small cells: hide the counts of a few persons, and what would give them away by subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.validation import Whole, plain, whole

THRESHOLD = 5
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Suppression:
    """Cells to hide for their own sake (`primary`) and to protect others (`secondary`); one mark on the page for both.

    `total` tells for each cell that the total of its group must not be published either.
    """

    primary: Marks
    secondary: Marks
    total: Marks
    n: Whole
    group: NDArray[Any]
    threshold: int

    @property
    def hidden(self) -> Marks:
        """Return the cells that are not published, for either reason."""
        return self.primary | self.secondary


@dataclass(frozen=True)
class HiddenTable:
    """One `Suppression` per level of a hierarchy: `levels[0]` the cells, `levels[j]` the totals of `labels[j−1]`."""

    levels: tuple[Suppression, ...]
    labels: tuple[NDArray[Any], ...]


def suppress_small_cells(n: ArrayLike, group: ArrayLike, threshold: int = THRESHOLD, together: int = 0) -> Suppression:
    """Return which cells of groups with published totals to hide so that no count below `threshold` can be found.

    Primary: 1 ≤ n < threshold (0 is shown). Secondary: if one cell alone is hidden, the next smallest non-zero cell of
    its group too. That is the NHS rule, and not enough by itself. So cells of equal size are hidden together (the order
    of the list would tell them apart); the next smallest is also hidden where all hidden cells must be 1 (their sum is
    their number) or must be threshold − 1; and the whole group is hidden where no other non-zero cell is left. `total`
    marks groups whose total is itself small, or in which even that is not enough (one cell; all 1; all threshold − 1):
    there the total gives the cells away, see `suppress_hierarchy`. Nobody then finds a hidden cell by subtraction, not
    even who knows this rule. With `together` the hidden cells of a group have at least so many answers between them:
    where n is shown and only what was answered is hidden, the total minus the others tells what they said as one.

    Source: NHS England, Friends and Family Test publication rule; the sharper stop is this product's own.
    Shapes: n and group one-dimensional, of one length; the marks in the same order. n, k and share share one mark.
    Edges: groups without small cells stay untouched; threshold 1 hides nothing.

    Raises:
        ValueError: counts that are not whole or are negative, lengths that differ, a threshold below 1.

    >>> suppressions = suppress_small_cells([3, 12, 40, 7], ["A", "A", "A", "A"])
    >>> suppressions.primary.tolist(), suppressions.secondary.tolist()
    ([True, False, False, False], [False, False, False, True])
    """
    labels = np.asarray(group)
    sizes, place, _ = _checked(n, labels, threshold)
    primary = _small(sizes, threshold)
    sums = np.bincount(place, sizes).astype(np.int64)
    hidden, alone = _protect(sizes, place, primary, np.zeros(sums.size, bool), threshold, together)
    total = (_small(sums, threshold) | alone)[place]
    return Suppression(primary, hidden & ~primary, total, sizes, labels, threshold)


def suppress_hierarchy(n: ArrayLike, levels: Sequence[ArrayLike], threshold: int = THRESHOLD) -> HiddenTable:
    """Return what to hide when totals are published at several levels, such as commune, department, province.

    `levels` gives for each cell its label at every level, from the nearest group to the widest. Each level is treated
    as `suppress_small_cells` treats cells; a total that must be hidden becomes a hidden cell one level up; and under a
    total that is hidden to protect another, the smallest non-zero cell is hidden too, or adding up would restore it.

    Source: as `suppress_small_cells`; nested tables, Hundepool et al. 2012, Statistical Disclosure Control, ch. 4.
    Shapes: n of one dimension, each level of the same length; the totals of a level come sorted by label.
    Edges: the widest totals have no total above them, so that among them only small ones are hidden.

    Raises:
        ValueError: as `suppress_small_cells`, or a label belongs to two labels of the next level.

    >>> table = suppress_hierarchy([3, 50, 60], [["a", "b", "b"], ["province"] * 3])
    >>> [level.hidden.tolist() for level in table.levels]
    [[True, True, False], [True, True], [False]]
    """
    sizes, places, names = _nested(n, levels, threshold)
    hidden = [_small(size, threshold) for size in sizes]
    primary = [marks.copy() for marks in hidden]
    alone = [np.zeros(size.size, bool) for size in sizes]
    for level, place in enumerate(places):
        hidden[level], lone = _protect(sizes[level], place, hidden[level], hidden[level + 1], threshold)
        alone[level + 1] = lone
        hidden[level + 1] |= lone
    for level in reversed(range(len(places))):
        hidden[level] |= _given_away(sizes[level], places[level], hidden[level], hidden[level + 1])
    parents = [names[level][place] for level, place in enumerate(places)] + [np.zeros(sizes[-1].size, int)]
    above = [hidden[level + 1][place] for level, place in enumerate(places)] + [np.zeros(sizes[-1].size, bool)]
    suppressions = tuple(
        Suppression(primary[j], hidden[j] & ~primary[j], above[j], sizes[j], parents[j], threshold)
        for j in range(len(sizes))
    )
    return HiddenTable(suppressions, tuple(names))


def hide_low_scores(counts: ArrayLike, threshold: int = THRESHOLD) -> Any:
    """Return whether the five-level detail of a cross-table row must give way to n and satisfied alone.

    That is where fewer than `threshold` persons, none included, gave the scores 1 and 2: among the answers to one
    officer, both "it was one of these two" and "it was nobody" say too much.

    Source: ONS/GSS disclosure guidance for tables of few contributors; docs/statistics.md §6.
    Shapes: counts of ratings 1..5 along the last axis; one mark per row.
    Edges: a row without answers has nothing to hide.

    Raises:
        ValueError: the last axis does not hold five whole numbers ≥ 0.

    >>> hide_low_scores([[1, 2, 10, 45, 40], [4, 3, 10, 45, 40]]).tolist()
    [True, False]
    """
    rows = whole(counts, "counts")
    if rows.ndim == 0 or rows.shape[-1] != 5:
        raise ValueError("counts must hold the five ratings along the last axis")
    return plain((rows[..., :2].sum(axis=-1) < threshold) & (rows.sum(axis=-1) > 0))


def _checked(n: ArrayLike, labels: NDArray[Any], threshold: int) -> tuple[Whole, NDArray[np.int64], NDArray[Any]]:
    sizes = whole(n, "n")
    if sizes.ndim != 1 or labels.shape != sizes.shape:
        raise ValueError("n and group must be of one dimension and one length")
    if threshold < 1:
        raise ValueError("threshold must be at least 1")
    names, place = np.unique(labels, return_inverse=True)
    return sizes, place.astype(np.int64), names


def _nested(
    n: ArrayLike, levels: Sequence[ArrayLike], threshold: int
) -> tuple[list[Whole], list[NDArray[np.int64]], list[NDArray[Any]]]:
    sizes, places, names = [whole(n, "n")], [], []
    below = np.arange(sizes[0].size)
    for labels in levels:
        cells, place, name = _checked(n, np.asarray(labels), threshold)
        first = np.zeros(below.max(initial=-1) + 1, dtype=np.int64)
        first[below] = place
        if (first[below] != place).any():
            raise ValueError("levels are not nested: a label belongs to two labels of the next level")
        places.append(first)
        names.append(name)
        sizes.append(np.bincount(place, cells, name.size).astype(np.int64))
        below = place
    return sizes, places, names


def _small(sizes: Whole, threshold: int) -> Marks:
    return (sizes > 0) & (sizes < threshold)


def _protect(
    sizes: Whole, place: NDArray[np.int64], marked: Marks, total_hidden: Marks, threshold: int, together: int = 0
) -> tuple[Marks, Marks]:
    hidden, alone = marked.copy(), np.zeros(total_hidden.size, bool)
    for group in np.unique(place[marked]):
        members = np.flatnonzero(place == group)
        if total_hidden[group]:
            continue
        while not _safe(sizes[members], hidden[members], threshold, together):
            spare = members[~hidden[members] & (sizes[members] > 0)]
            if not spare.size:
                hidden[members] = True
                alone[group] = bool((sizes[members] > 0).all())
                break
            hidden[spare[sizes[spare] == sizes[spare].min()]] = True
    return hidden, alone


def _safe(sizes: Whole, hidden: Marks, threshold: int, together: int) -> bool:
    number, total = int(hidden.sum()), int(sizes[hidden].sum())
    all_largest = bool((sizes[hidden] == threshold - 1).all())
    return number >= 2 and total > number and total >= together and not all_largest


def _given_away(sizes: Whole, place: NDArray[np.int64], hidden: Marks, total_hidden: Marks) -> Marks:
    more = np.zeros(sizes.size, bool)
    for group in np.flatnonzero(total_hidden):
        members = np.flatnonzero(place == group)
        if hidden[members].any():
            continue
        spare = members[sizes[members] > 0]
        more[spare[sizes[spare] == sizes[spare].min()] if spare.size else members] = True
    return more
