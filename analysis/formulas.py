"""Text that a spreadsheet opens as text: a cell that begins like a formula would be computed."""

from __future__ import annotations

WIDE = ("＝", "＋", "－", "＠")  # operators too, for spreadsheet programs set to an Asian language
FORMULA = ("=", "+", "-", "@", "\t", "\r", *WIDE)


def inert(text: str) -> str:
    """Return a text for a cell, with an apostrophe before what a spreadsheet would take for a formula.

    >>> inert("=1+1"), inert("＝1+1"), inert("1+1")
    ("'=1+1", "'＝1+1", '1+1')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
