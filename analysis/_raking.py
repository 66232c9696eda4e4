"""Raking: weights that bring answers to known totals on several margins, with the errors that it leaves."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis._effective_sample_size import kish
from analysis.validation import Real, weights

CLOSE, CLOSEST = 1e-10, 1e-13
TRIM = 5.0
ROUNDS = 1000


class TrimmedWeights(UserWarning):
    """Some weights were larger than the limit and were cut, so that the margins hold only nearly."""


@dataclass(frozen=True)
class Raked:
    """A table fitted to its margins: `weights` = fitted/table, `margin_error` the largest relative miss left."""

    fitted: Real
    weights: Real
    rounds: int
    margin_error: float
    trimmed: int
    n_eff: float
    design_effect: float
    table: Real
    rows: Real
    columns: Real


@dataclass(frozen=True)
class Calibrated:
    """Weights of single answers fitted to their margins, with what is needed for standard errors."""

    weights: Real
    rounds: int
    margin_error: float
    trimmed: int
    n_eff: float
    design_effect: float
    margins: tuple[NDArray[np.int64], ...]


def rake(table: ArrayLike, rows: ArrayLike, columns: ArrayLike, trim: float = TRIM) -> Raked:
    """Return the table of answers (rows × columns) fitted in turn to known row and column totals.

    Each round multiplies rows by rows/Σ and then columns by columns/Σ, until no total misses by more than 1e-10 of
    itself and rounding allows no better. Weights above `trim` times the median weight of the answers are cut there,
    the rest scaled up to the total.

    Source: Deming & Stephan 1940, Ann. Math. Stat. 11:427; Deville & Särndal 1992, JASA 87:376.
    Shapes: table R × C of counts or weights, rows R, columns C; design_effect = n·Σw²/(Σw)² over answers.
    Edges: a total of 0 empties its row or column. `trim=inf` cuts nothing.

    Raises:
        ValueError: a needed total has no answers, the two sets of totals differ in sum, or no table with these zeros
            fits the totals. Warns TrimmedWeights when weights were cut.

    >>> rake([[10, 30, 5], [20, 25, 40]], [80, 120], [50, 70, 80]).fitted.round(6).tolist()
    [[21.724107, 45.385895, 12.889998], [28.275893, 24.614105, 67.110002]]
    """
    answers, row_totals, column_totals = weights(table, "table"), weights(rows, "rows"), weights(columns, "columns")
    if answers.ndim != 2 or answers.shape != (row_totals.size, column_totals.size):
        raise ValueError("the table must have one row per row total and one column per column total")
    row, column = (index.ravel() for index in np.indices(answers.shape))
    fitted, rounds = _fit(answers.ravel(), [(row, row_totals, "row"), (column, column_totals, "column")])
    held = answers.ravel()
    weight = np.divide(fitted, held, out=np.zeros_like(fitted), where=held > 0)
    weight, trimmed = _trim(weight, held, trim)
    error = _margin_error(weight * held, [(row, row_totals), (column, column_totals)])
    n_eff = (weight * held).sum() ** 2 / (weight**2 * held).sum()
    return Raked(
        (weight * held).reshape(answers.shape),
        weight.reshape(answers.shape),
        rounds,
        error,
        trimmed,
        float(n_eff),
        float(held.sum() / n_eff),
        answers,
        row_totals,
        column_totals,
    )


def calibrate(
    design_weights: ArrayLike,
    margins: Sequence[tuple[ArrayLike, Mapping[Any, float]]],
    trim: float = TRIM,
) -> Calibrated:
    """Return weights of single answers raked to any number of margins.

    Each margin is a label per answer and the known total of each label, as in `[(kind, {"citizen": 900, …}), …]`.

    Source: Deville & Särndal 1992, JASA 87:376; the loop is that of `rake`.
    Shapes: design weights n, each margin n labels.
    Edges: as `rake`.

    Raises:
        ValueError: a label without a total, a total without answers, totals that differ in sum, or no convergence.
            Warns TrimmedWeights when weights were cut.

    >>> fit = calibrate([1, 1, 1, 1], [(["a", "a", "a", "b"], {"a": 60, "b": 40})])
    >>> fit.weights.tolist()
    [20.0, 20.0, 20.0, 40.0]
    """
    start = weights(design_weights)
    coded = [_coded(labels, totals, start.size) for labels, totals in margins]
    fitted, rounds = _fit(start, [(code, total, name) for code, total, name in coded])
    weight, trimmed = _trim(fitted, np.ones_like(fitted), trim)
    error = _margin_error(weight, [(code, total) for code, total, _ in coded])
    size = kish(weight)
    return Calibrated(
        weight, rounds, error, trimmed, size.n_eff, size.design_effect, tuple(code for code, _, _ in coded)
    )


def _coded(labels: ArrayLike, totals: Mapping[Any, float], size: int) -> tuple[NDArray[np.int64], Real, str]:
    values = np.asarray(labels).tolist()
    position = {label: place for place, label in enumerate(totals)}
    if len(values) != size:
        raise ValueError("a margin must have one label per answer")
    unknown = [value for value in values if value not in position]
    if unknown:
        raise ValueError(f"no total is given for {unknown[0]!r}")
    return np.array([position[value] for value in values]), weights(list(totals.values()), "totals"), "margin"


def _fit(start: Real, margins: Sequence[tuple[NDArray[np.int64], Real, str]]) -> tuple[Real, int]:
    for code, total, name in margins:
        missing = (np.bincount(code, start, total.size) == 0) & (total > 0)
        if missing.any():
            raise ValueError(f"{name} total number {int(missing.argmax()) + 1} has no answers: merge it with another")
    sums = [total.sum() for _, total, _ in margins]
    if max(sums) - min(sums) > 1e-9 * max(sums):
        raise ValueError("the totals of all margins must have the same sum")
    fitted, last = start.copy(), np.inf
    for done in range(1, ROUNDS + 1):
        for code, total, _ in margins:
            held = np.bincount(code, fitted, total.size)
            fitted *= np.divide(total, held, out=np.zeros_like(total), where=held > 0)[code]
        error = _margin_error(fitted, [(code, total) for code, total, _ in margins])
        if error <= CLOSEST or (error <= CLOSE and error >= last):
            return fitted, done
        last = error
    raise ValueError(f"no weights fit these totals after {ROUNDS} rounds: too many cells are empty, merge some")


def _margin_error(fitted: Real, margins: Sequence[tuple[NDArray[np.int64], Real]]) -> float:
    misses = [
        np.abs(np.bincount(code, fitted, total.size) - total) / np.where(total > 0, total, 1) for code, total in margins
    ]
    return float(max(miss.max() for miss in misses))


def _trim(weight: Real, held: Real, trim: float) -> tuple[Real, int]:
    order = np.argsort(weight)
    # Answers whose total is 0 weigh nothing and must not pull the median down.
    running = np.cumsum(np.where(weight > 0, held, 0.0)[order])
    limit = trim * weight[order][np.searchsorted(running, running[-1] / 2)]
    large = (weight > limit) & (held > 0)
    if not large.any():
        return weight, 0
    warnings.warn(
        f"{int(large.sum())} weights above {trim:g} times the median were cut; margins hold only nearly",
        TrimmedWeights,
        stacklevel=3,
    )
    cut, total = np.where(large, limit, weight), (weight * held).sum()
    scale = (total - (cut * held)[large].sum()) / (cut * held)[~large].sum()
    return np.where(large, cut, cut * scale), int(large.sum())
