"""The product by a clock that jumps while it runs: so many seconds as stand in a file are added to the time of day.

`by_clock` has the fault that the harness must see: it takes what the clock says is older for older.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path
from typing import Any

from survey import periods
from survey.collection import responses

FILE, CARELESS = "clock_jump", "by_clock"
_before, _time = periods.now, time.time
_file = Path(os.environ["HAILONG_INSTANCE"], FILE)


def _jumped() -> float:
    return _time() + float(_file.read_text("utf-8"))


def _now() -> dt.datetime:
    return dt.datetime.fromtimestamp(_jumped(), dt.UTC)


def _by_clock(meta: responses.SubmissionMeta, earlier: Any) -> bool:
    return bool(meta.when < earlier.submitted_at)


time.time = _jumped
for _module in [module for name, module in sys.modules.items() if name.startswith("survey")]:
    if getattr(_module, "now", None) is _before:
        _module.now = _now  # type: ignore[attr-defined]
if Path(os.environ["HAILONG_INSTANCE"], CARELESS).exists():
    responses._overtaken = _by_clock

from survey.app import create_app  # noqa: E402 - with the clock in place

application = create_app()
