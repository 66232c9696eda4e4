"""Counts laid beside the rows of a table: each unit or procedure has its row, with zeros where nothing was counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from survey.results.live_counts import MEASURES


def with_every_row(index: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of one channel, with a row for every unit or procedure and one for answers to none of them."""
    joined, loose = beside(index, cells, MEASURES), cells[cells["id"].isna()]
    if not len(loose):
        return joined
    extra = loose[list(MEASURES)].assign(id=0, code="")
    extra["name"] = pd.Series([{} for _ in range(len(loose))], index=extra.index, dtype=object)
    return pd.concat([joined, extra[list(joined)]], ignore_index=True) if len(joined) else extra[list(joined)]


def beside(index: pd.DataFrame, counted: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return each row of `index` with what was counted under its id, zeros where nothing was."""
    there = counted[counted["id"].notna()]
    places = pd.Index(there["id"].astype("int64")).get_indexer(pd.Index(index["id"].astype("int64")))
    numbers = np.vstack([there[list(measures)].to_numpy("int64"), np.zeros((1, len(measures)), "int64")])[places]
    columns = zip(measures, numbers.T, strict=True)
    return pd.DataFrame(dict[Any, Any](index.items()) | dict(columns), index=index.index)
