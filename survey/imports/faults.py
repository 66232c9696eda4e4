"""Faults and warnings of a file: each named by line and column, with what to do; case codes never in clear."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from analysis.formulas import inert
from survey.errors import ImportRefused
from survey.i18n import gettext, msgid, nfc
from survey.organisation.code_formats import CASE_CODE, OLD_CASE_CODE

MOST = 10_000
LONGEST = 80
HIDDEN = "•••"
SECRET = re.compile(rf"{CASE_CODE.pattern}|{OLD_CASE_CODE.pattern}", re.IGNORECASE)
TWICE = msgid("The same code and first day stand in line %(other)s already. Keep one of the two lines.")
ENDS_EARLY = msgid("The last day is before the first one. Correct one of the two.")
ODD_SHAPE = msgid("This code of an agency has an unusual shape. It is taken as it is.")
REFUSED = msgid("The file has %(number)s faults. Nothing was imported; correct them and import the file again.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault or warning: `message` is a msgid, `values` fill it; `column` is the header as the file writes it."""

    line: int
    column: str
    value: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[..., str]) -> str:
        """Return the message in the language of `translate`."""
        return str(translate(self.message, **self.values))


@dataclass
class Findings:
    """What is wrong (`faults`) or odd (`warnings`) in one file.

    `lines` are the lines with a fault, `odd` counts all warnings, `titles` are the file's headers by our words.
    """

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    odd: int = 0
    titles: dict[str, str] = field(default_factory=dict)

    def fault(self, line: int, column: str, value: object, message: str, **values: Any) -> None:
        """Name a fault.

        Raises:
            ImportRefused: there are so many that reading on helps nobody.
        """
        self.faults.append(Fault(line, column, shown(value), message, values))
        self.lines.add(line)
        if len(self.faults) >= MOST:
            self.check()

    def warn(self, line: int, column: str, value: object, message: str, **values: Any) -> None:
        """Name something odd that is taken all the same."""
        self.odd += 1
        if len(self.warnings) < MOST:
            self.warnings.append(Fault(line, column, shown(value), message, values))

    def check(self) -> None:
        """Refuse the file if it has a fault.

        Raises:
            ImportRefused: it has; carries all of them in the order of the lines.
        """
        if self.faults:
            ordered = sorted(self.faults, key=lambda fault: fault.line)
            raise ImportRefused(REFUSED, ordered, number=len(ordered))


def shown(value: object) -> str:
    """Return a cell as a list of faults may show it: short, on one line, no case code.

    >>> shown("hồ sơ H15.50.05.13-261008-0975"), shown(None)
    ('hồ sơ •••', '')
    """
    text = SECRET.sub(HIDDEN, " ".join(nfc("" if value is None else str(value)[:2000]).split()))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def write(path: Path, faults: Iterable[Fault]) -> None:
    """Write faults in the language in use, as a table that a spreadsheet opens safely, readable by its owner only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([gettext("Line"), gettext("Column"), gettext("What stands there"), gettext("What to do")])
        for fault in faults:
            lines.writerow([fault.line, inert(fault.column), inert(fault.value), inert(fault.text(gettext))])


def head(path: Path, most: int) -> list[list[str]]:
    """Return the first lines of a table of faults that was written here, its headers among them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(islice(csv.reader(file), most + 1))
