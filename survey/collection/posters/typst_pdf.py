"""Set posters as PDF/A; apart from what they say, so that a process can draw them that knows nothing else."""

from __future__ import annotations

import datetime as dt
import json

from survey.fonts import FOLDER
from survey.settings import DATA


def typeset(data: str) -> bytes:
    """Return a document of posters as PDF/A, a page each."""
    import typst  # native, and loaded only where it draws: never in a process that serves pages

    day = dt.datetime.combine(dt.date(*json.loads(data)["day"]), dt.time(), dt.UTC)
    pdf = typst.compile(
        DATA / "poster.typ",
        root=DATA,
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=["a-2a"],  # tagged, and legible for as long as it is kept
        timestamp=int(day.timestamp()),
    )
    return bytes(pdf)
