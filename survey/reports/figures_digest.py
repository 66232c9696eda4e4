"""The digest of a report's figures: the same in every format and language, so that paper can be checked.

Only counts, codes and verdicts enter it, no rate, word or date of writing: of these all else follows. Which ones they
are never changes, for a digest is compared with that of years ago.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from survey.reports.report import Report

SYMBOLS, GROUP = 28, 4  # 112 bits: nobody finds other figures with the same digest
PATTERN = re.compile(rf"[0-9A-F]{{{SYMBOLS}}}")
_LEVELS = tuple(f"level_{rating}" for rating in range(1, 6))
_ROW = ("code", "answered", "satisfied", *_LEVELS, "no_opinion", "withheld", "verdict")
_ASKED = ("code", "finished", "invited", "rated", "withdrawn", "withdrawn_rated")
_FACTOR = ("questionnaire", "question", "answered", "satisfied", *_LEVELS, "no_opinion", "withheld")
_TREND = ("code", "answered", "satisfied", "withheld")


def figures_digest(report: Report) -> str:
    """Return the digest of a report's figures: 28 symbols of SHA-256, printed by `grouped`."""
    figures, period, reasons = report.units, report.units.period, report.overview.reasons
    channels = {
        channel.name: [
            _fields(of.channels[channel].total, _ROW) + [_fields(row, _ROW) for row in of.channels[channel].rows]
            for of in (figures, report.procedures)
        ]
        for channel in figures.channels
    }
    content: list[Any] = [
        figures.agency.code,
        [period.code, str(period.basis), period.first.isoformat(), period.last.isoformat()],
        [figures.target, figures.confidence, figures.closed],
        channels,
        [_fields(row, _FACTOR) for row in report.overview.factors],
        [] if reasons is None else [reasons.answered, [[one.value, one.people] for one in reasons.choices]],
        [_fields(row, _TREND) for row in report.overview.trend.rows],
        [_fields(line, _ASKED) for line in (*report.asked.lines, report.asked.total)],
        [report.comments.of(), report.tasks.counts, report.letters and report.letters.of().numbers],
        [[one.channel.name, one.out.answered, one.since.answered] for one in report.exclusions.channels],
    ]
    if report.call_back is not None:  # a report without one has the digest that it always had
        content.append(asdict(report.call_back.counts))
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:SYMBOLS].upper()


def grouped(digest: str) -> str:
    """Return what is printed of a digest: seven groups of four.

    >>> grouped("0f" * 32)
    '0F0F-0F0F-0F0F-0F0F-0F0F-0F0F-0F0F'
    """
    printed = digest[:SYMBOLS].upper()
    return "-".join(printed[place : place + GROUP] for place in range(0, len(printed), GROUP))


def parsed(typed: str) -> str | None:
    """Return the digest that somebody typed, however it is grouped; None if it is none.

    >>> parsed(" 0f0f 0f0f-0F0F-0F0F-0F0F-0F0F-0F0F") == ("0F" * 14), parsed("0F0F")
    (True, None)
    """
    symbols = re.sub(r"[\s\u2010-\u2015-]", "", typed).upper().replace("O", "0")
    return symbols if PATTERN.fullmatch(symbols) else None


def check_address(public_url: str, digest: str) -> str:
    """Return the address of the public page that checks a report against the register.

    >>> check_address("https://example.vn", "0F" * 14)
    'https://example.vn/report/0F0F-0F0F-0F0F-0F0F-0F0F-0F0F-0F0F'
    """
    return f"{public_url}/report/{grouped(digest)}"


def _fields(row: object, names: Iterable[str]) -> list[object]:
    return [getattr(row, name, None) for name in names]
