"""A list on a form, as themes and moved days are: a row for each entry, sent whole, with what is wrong by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from survey.i18n import gettext


def rows_sent(*names: str) -> list[dict[str, str]]:
    """Return the rows of the form in hand, each with these fields; what is beyond the shortest field is no row."""
    columns = [request.form.getlist(name) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]


def words_by_row(faults: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[int, list[str]]:
    """Return by row what is wrong with it, in words; each fault has its row, a msgid and its values."""
    words: dict[int, list[str]] = {}
    for row, message, values in faults:
        words.setdefault(row, []).append(gettext(message, **values))
    return words
