"""The one place where arguments are checked, so that every function refuses the same nonsense in the same words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Whole: TypeAlias = NDArray[np.int64]
Real: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
# Of scalars a Python number, of columns an array; a figure that does not exist is None, and NaN inside an array.
Count: TypeAlias = int | Whole
Number: TypeAlias = float | Real
Figure: TypeAlias = float | Real | None
Flag: TypeAlias = bool | Flags
Target: TypeAlias = str | Fraction | Decimal | int
Design: TypeAlias = Literal["random", "census", "self-selected"]


def whole(values: ArrayLike, name: str) -> Whole:
    """Return `values` as int64, refusing anything that is not a whole number of at least 0.

    Raises:
        ValueError: a value is NaN, infinite, fractional, negative, or beyond 2⁵³, where floats stop counting by ones.

    >>> whole([3, 4.0], "k").tolist()
    [3, 4]
    """
    array = np.asarray(values)
    if array.dtype == object or array.dtype.kind not in "iufb":
        raise ValueError(f"{name} must be numbers")
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.floor(array)).all()):
        raise ValueError(f"{name} must be whole numbers")
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative")
    if (array > 2**53).any():
        raise ValueError(f"{name} must not exceed 2^53")
    return array.astype(np.int64)


def counts(k: ArrayLike, n: ArrayLike) -> tuple[Whole, Whole]:
    """Return `k` satisfied of `n` answered, broadcast to one shape, as int64.

    Raises:
        ValueError: not whole numbers, negative, or more satisfied than answered.

    >>> [x.tolist() for x in counts([1, 2], 3)]
    [[1, 2], [3, 3]]
    """
    satisfied, answered = np.broadcast_arrays(whole(k, "k"), whole(n, "n"))
    if (satisfied > answered).any():
        raise ValueError("k must not exceed n")
    return satisfied, answered


def agencies(k: ArrayLike, n: ArrayLike) -> tuple[Whole, Whole]:
    """Return `k` of `n` as counts in one dimension, an agency each, of which at least one has answers.

    Raises:
        ValueError: impossible counts, not one dimension, or no answers at all.

    >>> [x.tolist() for x in agencies([1, 0], [3, 0])]
    [[1, 0], [3, 0]]
    """
    satisfied, answered = counts(k, n)
    if answered.ndim != 1 or not answered.any():
        raise ValueError("k and n must be one-dimensional, with at least one that has answers")
    return satisfied, answered


def finite(values: ArrayLike, name: str) -> Real:
    """Return `values` as float64, refusing NaN and infinity.

    Raises:
        ValueError: a value is not a finite number.

    >>> finite([1, 2.5], "y").tolist()
    [1.0, 2.5]
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iufb" or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers")
    return array.astype(np.float64)


def shares(values: ArrayLike, name: str) -> Real:
    """Return `values` as float64 between 0 and 1: probabilities, p-values, rates.

    Raises:
        ValueError: a value is not a finite number, or lies outside [0, 1].

    >>> shares([0, 0.5], "p").tolist()
    [0.0, 0.5]
    """
    array = finite(values, name)
    if ((array < 0) | (array > 1)).any():
        raise ValueError(f"{name} must lie between 0 and 1")
    return array


def population(n: Whole, N: ArrayLike) -> tuple[Whole, Whole]:
    """Return `n` answered and `N` cases handled, broadcast; more answers than cases means duplicates.

    Raises:
        ValueError: not whole numbers, negative, or n exceeds N.

    >>> [x.tolist() for x in population(np.int64(3), [3, 5])]
    [[3, 3], [3, 5]]
    """
    answered, cases = np.broadcast_arrays(n, whole(N, "N"))
    if (answered > cases).any():
        raise ValueError("n must not exceed N: are there duplicates?")
    return answered, cases


def drawn(design: Design) -> bool:
    """Tell whether the answers may be treated as a random part, or all, of the cases.

    Raises:
        ValueError: a design that does not exist.

    >>> drawn("census"), drawn("self-selected")
    (True, False)
    """
    if design not in ("random", "census", "self-selected"):
        raise ValueError("design must be 'random', 'census' or 'self-selected'")
    return design != "self-selected"


def tail(confidence: float, sides: int = 2) -> float:
    """Return the probability in one tail: (1 - confidence) / sides.

    Raises:
        ValueError: confidence outside (0, 1), or sides not 1 or 2.

    >>> round(tail(0.95), 12)
    0.025
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    if sides not in (1, 2):
        raise ValueError("sides must be 1 or 2")
    # In decimals, so that 0.95 gives 0.025 and not 0.02500000000000002: the verdict compares with it.
    return float((1 - Decimal(repr(float(confidence)))) / sides)


def open_share(values: ArrayLike, name: str) -> Real:
    """Return `values` as float64, refusing anything that does not lie strictly between 0 and 1.

    Raises:
        ValueError: a value is NaN, at most 0 or at least 1.

    >>> float(open_share(0.5, "p"))
    0.5
    """
    share = np.asarray(values, dtype=np.float64)
    if not ((share > 0) & (share < 1)).all():
        raise ValueError(f"{name} must lie between 0 and 1")
    return share


def exact_target(target: Target) -> Fraction:
    """Return the target as an exact fraction: "0.90" is 9/10, never 0.9000000000000000222.

    Raises:
        ValueError: a binary float, not a number, or outside (0, 1).

    >>> exact_target("0.90")
    Fraction(9, 10)
    """
    if isinstance(target, float):
        raise ValueError('give the target as a string or Fraction, such as "0.90": a float is not exactly 90 %')
    try:
        share = Fraction(target)
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise ValueError(f"{target!r} is not a share such as '0.90' or '9/10'") from error
    if not 0 < share < 1:
        raise ValueError("the target must lie between 0 and 1")
    return share


def plain(value: Any) -> Any:
    """Return a Python scalar for a zero-dimensional result, and the array itself otherwise.

    >>> plain(np.float64(0.5)), plain(np.array(True))
    (0.5, True)
    """
    array = np.asarray(value)
    return array.item() if array.ndim == 0 else array


def none_for_nan(value: Any) -> Any:
    """Return what `plain` returns, with None in place of a scalar NaN: a figure that does not exist.

    >>> none_for_nan(np.float64("nan")), none_for_nan(0.5)
    (None, 0.5)
    """
    result = plain(value)
    return None if isinstance(result, float) and np.isnan(result) else result


def weights(values: ArrayLike, name: str = "weights") -> Real:
    """Return `values` as floats, refusing anything not finite, anything negative, and a sum of 0.

    Raises:
        ValueError: a weight is NaN, infinite or negative, or all are 0.

    >>> weights([1, 2.5]).tolist()
    [1.0, 2.5]
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{name} must be finite and not negative")
    if not array.sum() > 0:
        raise ValueError(f"{name} must not all be 0")
    return array


def persons_by_items(x: ArrayLike, name: str = "x") -> Real:
    """Return a persons × items table of finite numbers as floats.

    Raises:
        ValueError: not two-dimensional, or a value is missing: leave incomplete persons out first.

    >>> persons_by_items([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    table = np.asarray(x, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"{name} must be a table of persons × items")
    if not np.isfinite(table).all():
        raise ValueError(f"{name} has missing values: leave incomplete persons out first")
    return table


def columns(present: Iterable[object], needed: Iterable[str]) -> None:
    """Refuse a table that lacks one of the columns that are `needed`, naming those that are present.

    Raises:
        ValueError: a column is missing.

    >>> columns(["office", "answered"], ["answered"])
    """
    there = [str(name) for name in present]
    missing = [name for name in needed if name not in there]
    if missing:
        raise ValueError(f"no column {', '.join(missing)}; there are: {', '.join(there)}")
