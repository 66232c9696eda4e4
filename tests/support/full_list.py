"""The lists with all columns as tests read them: their addresses, and each row as words."""

from __future__ import annotations

import re

TABLE, PROCEDURES = (f"/staff/{listed}?period=2026-10&view=full" for listed in ("units", "procedures"))
ROW = re.compile(r'<tr>\s*<th scope="row">.*?</tr>', re.S)


def words(html: str) -> str:
    """Return the words of a page or a part of it, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(page: str) -> list[str]:
    """Return the words of each row of the table."""
    return [words(row) for row in ROW.findall(page.partition("<tbody>")[2].partition("</tbody>")[0])]
