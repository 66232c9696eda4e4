"""The counts cube: how many people chose each rating, for every agency, month, question or whatever else is asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.validation import Whole

RATINGS = 6
# 32k rows of 8 bytes stay in a core's second-level cache: twice as fast as whole columns (docs/statistics.md §12).
CHUNK_ROWS = 32_768


@dataclass(frozen=True, eq=False)
class CountCube:
    """Counts per cell and rating; the last axis of `counts` is the rating 0 to 5, where 0 is "no answer".

    `axes` names the other axes in order, `labels[axis]` their positions. Cubes over the same cells add up with `+`.
    """

    counts: Whole
    axes: tuple[str, ...]
    labels: Mapping[str, tuple[Any, ...]]

    @property
    def satisfied(self) -> Whole:
        """How many rated 4 or 5, per cell."""
        return np.asarray(self.counts[..., 4:].sum(axis=-1))

    @property
    def answered(self) -> Whole:
        """How many rated at all (1 to 5), per cell."""
        return np.asarray(self.levels.sum(axis=-1))

    @property
    def levels(self) -> Whole:
        """How many chose each of the ratings 1 to 5, per cell: what `mean_score` takes."""
        return self.counts[..., 1:]

    def marginal(self, *keep: str) -> CountCube:
        """Return the cube summed over all axes but `keep`, in the order asked.

        Raises:
            ValueError: an axis that the cube does not have, or one named twice.

        >>> cube = tally({"agency": np.array([0, 1, 1]), "month": np.array([0, 0, 1])}, np.array([5, 4, 2]),
        ...              {"agency": ["A", "B"], "month": ["01", "02"]})
        >>> cube.marginal("agency").satisfied.tolist(), cube.marginal().answered.tolist()
        ([1, 1], 3)
        """
        if unknown := [axis for axis in keep if axis not in self.axes]:
            raise ValueError(f"the cube has no axis {unknown[0]!r}, only {', '.join(self.axes)}")
        if len(set(keep)) < len(keep):
            raise ValueError("an axis can be kept only once")
        gone = tuple(place for place, axis in enumerate(self.axes) if axis not in keep)
        summed = self.counts.sum(axis=gone, dtype=np.int64)
        left = [axis for axis in self.axes if axis in keep]
        order = [left.index(axis) for axis in keep]
        return CountCube(summed.transpose([*order, len(left)]), keep, {axis: self.labels[axis] for axis in keep})

    def __add__(self, other: CountCube) -> CountCube:
        """Return the counts of both, for data read in pieces.

        Raises:
            ValueError: the cubes are not over the same cells.
        """
        if self.axes != other.axes or dict(self.labels) != dict(other.labels):
            raise ValueError("only cubes over the same cells can be added")
        return CountCube(self.counts + other.counts, self.axes, self.labels)


def tally(
    codes: Mapping[str, NDArray[Any]],
    rating: NDArray[Any] | Mapping[str, NDArray[Any]],
    labels: Mapping[str, Sequence[Any]],
) -> CountCube:
    """Count the ratings of people in one pass over their columns.

    `codes[axis]` holds each row's position in `labels[axis]`; `rating` its rating 0 to 5 (0 = no answer), or one such
    column per question, which adds a last axis "question". Narrow integers (uint8, uint16) are the fastest.

    Shapes: all columns of one length; the cube's counts are int64 with one axis per code, then question, then rating.
    Edges: no rows give zeros.
    Source: docs/statistics.md §12.

    Raises:
        ValueError: columns of different length, not of integers, or values without a label.

    >>> cube = tally({"agency": np.array([0, 1, 1, 1])}, np.array([5, 4, 0, 2]), {"agency": ["A", "B"]})
    >>> cube.satisfied.tolist(), cube.answered.tolist()
    ([1, 1], [1, 2])
    """
    questions = dict(rating) if isinstance(rating, Mapping) else {"": np.asarray(rating)}
    columns = {axis: np.asarray(column) for axis, column in codes.items()}
    names = {axis: tuple(labels[axis]) for axis in columns}
    rows = len(next(iter(questions.values()))) if questions else 0
    for axis, column in columns.items():
        _check(column, f"codes of {axis}", len(names[axis]), rows)
    for question, column in questions.items():
        _check(np.asarray(column), f"ratings {question}".strip(), RATINGS, rows)
    shape = tuple(len(name) for name in names.values())
    counts = _histograms(list(columns.values()), list(questions.values()), shape, rows)
    if isinstance(rating, Mapping):
        cube = np.moveaxis(counts.reshape(len(questions), *shape, RATINGS), 0, -2)
        return CountCube(cube, (*columns, "question"), {**names, "question": tuple(questions)})
    return CountCube(counts.reshape(*shape, RATINGS), tuple(columns), names)


def _check(column: NDArray[Any], name: str, limit: int, rows: int) -> None:
    if column.shape != (rows,):
        raise ValueError(f"{name}: all columns must have one length")
    if column.dtype.kind not in "iu":
        raise ValueError(f"{name} must be whole numbers")
    if rows and (int(column.max()) >= limit or int(column.min()) < 0):
        raise ValueError(f"{name} must lie between 0 and {limit - 1}")


def _histograms(codes: list[NDArray[Any]], questions: list[NDArray[Any]], shape: tuple[int, ...], rows: int) -> Whole:
    size = math.prod(shape) * RATINGS
    counts = np.zeros((len(questions), size), dtype=np.int64)
    # A chunk must not be shorter than its histogram, or adding the histogram up would cost more than counting.
    step = max(CHUNK_ROWS, size)
    cell, place = np.empty(step, dtype=np.intp), np.empty(step, dtype=np.intp)
    for start in range(0, rows, step):
        part = slice(start, min(start + step, rows))
        length = part.stop - start
        base, target = cell[:length], place[:length]
        base[:] = 0
        for column, labels in zip(codes, shape, strict=True):
            base *= labels
            base += column[part]
        base *= RATINGS
        for question, column in enumerate(questions):
            np.add(base, column[part], out=target)
            counts[question] += np.bincount(target, minlength=size)
    return counts
