"""Read the resident survey that the reference rows name; it lies beside the project and never inside it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

PROJECT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("REALDATA_DIR", PROJECT.parent / "shared" / "realdata"))


def residents() -> pd.DataFrame:
    path = FOLDER / "kcmo_resident_survey_2021-09.csv"
    if not path.exists():
        pytest.skip(f"{path.name} has no licence to be kept here: set REALDATA_DIR to the folder that holds it")
    return pd.read_csv(path)


def rated(frame: pd.DataFrame, *items: str) -> pd.DataFrame:
    return frame[frame[list(items)].isin([1, 2, 3, 4, 5]).all(axis=1)]
