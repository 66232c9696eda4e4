"""Work once per distinct cell: a million cells hold far fewer different pairs of counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.validation import Whole

WORTH_SORTING = 4096


def by_unique_rows(function: Callable[..., tuple[NDArray[Any], ...]], *columns: Whole) -> tuple[NDArray[Any], ...]:
    """Return `function(*columns)`, computed once for each distinct combination of the columns' values.

    Shapes: columns of one shape in, arrays of that shape out.
    Source: docs/statistics.md §12 (0.3 s instead of 1.7 s).

    >>> [x.tolist() for x in by_unique_rows(lambda k, n: (k + n,), np.array([1, 2]), np.array([5, 5]))]
    [[6, 7]]
    """
    columns = tuple(np.broadcast_arrays(*columns))
    shape = columns[0].shape
    flat = [column.ravel() for column in columns]
    if flat[0].size < WORTH_SORTING:
        return tuple(np.asarray(result).reshape(shape) for result in function(*flat))
    code = np.zeros(flat[0].size, dtype=np.int64)
    room = 1
    for column in flat:
        width = int(column.max()) + 1
        room *= width
        if room >= 2**63:
            return tuple(np.asarray(result).reshape(shape) for result in function(*flat))
        code = code * width + column
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    results = function(*(column[first] for column in flat))
    return tuple(np.asarray(result)[place].reshape(shape) for result in results)
