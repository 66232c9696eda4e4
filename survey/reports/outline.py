"""What a printed report consists of, from top to bottom, in one language: .docx and .pdf are written from it alone.

Nothing here knows a file format: a block says what it is, and each writer gives that its look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from survey.reports.issuing import Issuing

TextRole: TypeAlias = Literal["body", "basis", "quote", "note", "method", "code"]


@dataclass(frozen=True)
class ReportTable:
    """One printed table: a letter of `align` for each column (l, r, c); `total`: the last row is a total.

    Widths are in millimetres. A row with fewer cells than there are columns is drawn out: its last cell takes the room
    of those that are missing; one with a single cell is a `band` that heads the rows below it.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    align: str
    total: bool = False

    @property
    def bands(self) -> frozenset[int]:
        """Return the places of the rows that head others."""
        return frozenset(place for place, row in enumerate(self.rows) if len(row) == 1)


@dataclass(frozen=True)
class ReportChart:
    """One chart as a specification that the drawing engine takes (JSON), with the sentence that stands for it."""

    spec: str = field(repr=False)
    alternative: str


@dataclass(frozen=True)
class OutlineHeading:
    """A numbered heading of the body: I., II."""

    numeral: str
    text: str


@dataclass(frozen=True)
class OutlineText:
    """A paragraph: of the body, a legal basis, somebody else's words, a small note, of the method, lines to copy."""

    text: str
    role: TextRole = "body"


@dataclass(frozen=True)
class OutlineTable:
    """A ruled table below its number and title."""

    number: int
    title: str
    table: ReportTable


@dataclass(frozen=True)
class OutlineFigure:
    """A picture above its number and title."""

    number: int
    title: str
    chart: ReportChart


@dataclass(frozen=True)
class OutlineQrCode:
    """The QR code of an address or of some lines, the sentence that stands for it, and its width in millimetres."""

    address: str
    alternative: str
    width: int = 30


OutlineBlock: TypeAlias = OutlineHeading | OutlineText | OutlineTable | OutlineFigure | OutlineQrCode


@dataclass(frozen=True)
class OutlineAnnex:
    """An annex on a page of its own: "Phụ lục I", its title, to what it is attached, and what it holds."""

    name: str
    title: str
    attached: str
    blocks: tuple[OutlineBlock, ...]


@dataclass(frozen=True)
class OutlineHead:
    """The head of the document: who issues it, for whom, under which number and day.

    `superior` and `issuer` are the lines of a name, broken where no word breaks. `number` stands before and `symbol`
    behind the blank for the number, `place` before and `year` behind those for day and month. `scope`: the mark of a
    document that is not for everybody, empty for one that is; `demo`: that of demonstration data; `code`: that by
    which its figures are checked, empty while they may still change.
    """

    superior: tuple[str, ...]
    issuer: tuple[str, ...]
    nation: str
    motto: str
    number: str
    symbol: str
    draft: str
    scope: str
    dated: str
    kind: str
    title: str
    demo: str
    code: str
    addressees: tuple[str, ...]

    @property
    def foot(self) -> str:
        """Return what stands at the foot of every page: the marks, and below them the code, which no line may break."""
        return "\n".join(filter(None, (" – ".join(filter(None, (self.scope, self.demo))), self.code)))


@dataclass(frozen=True)
class SigningBlock:
    """The end of the document: who receives it and who signs it; `signer` is a row of dots where nobody is named."""

    recipients: tuple[str, ...]
    signing: tuple[str, ...]
    position: str
    signer: str


@dataclass(frozen=True)
class Outline:
    """A report as it is printed; `as_of` is when its figures stood so, which is all that its files tell of time."""

    language: str
    author: str
    head: OutlineHead
    opening: tuple[OutlineText, ...]
    body: tuple[OutlineBlock, ...]
    signing: SigningBlock
    annexes: tuple[OutlineAnnex, ...]
    as_of: dt.datetime
    issuing: Issuing
