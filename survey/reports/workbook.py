"""Tables in a workbook: real numbers with formats, a head that stays, and pages that can be read when printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey.i18n import gettext
from survey.reports.columns import Value
from survey.reports.printed_cells import BelowTarget
from survey.version import version

LIMIT = "0.0########%"  # with the decimals of a target that has more than one
FORMATS = {
    "share": "0.0%",
    "limit": LIMIT,
    "below": f'"<"{LIMIT}',
    "long": "@",
    "wide": "@",
    "score": "0.00",
    "count": "#,##0",
    "day": "dd/mm/yyyy",
    "text": "@",
    "flag": "@",
}
FONT = {"font_name": "Times New Roman", "font_size": 12}
WIDTHS = {"long": 42, "wide": 80, "limit": 11, "text": 10, "day": 12, "count": 11, "share": 11, "score": 11, "flag": 11}
CELL = {"valign": "top", "bottom": 1, "bottom_color": "#D0D0D0"}  # a rule that leads the eye along a line
TEXT = {"align": "left", "indent": 1}  # so that none touches a number
WRAPPED = ("long", "wide")
LINE_HEIGHT = 16.5
A4 = 9
MOST_OF_A_SHEETS_NAME = 31
MOST_OF_A_MARK = 80  # of 255 letters in all, in which & counts twice
# On paper: a sheet lies across, with margins of 10 mm at its sides.
PAGE_PIXELS, SIDE, TOP = (297 - 20) / 25.4 * 96, 0.394, 0.75
DIGIT_PIXELS, PADDING_PIXELS, COLUMN_PIXELS, LINE_PIXELS = 8, 5, 72, 21  # of cells in this font
MOST_LINES_OF_A_HEAD = 4


def new_book(file: BinaryIO | str) -> Workbook:
    """Return a workbook in which no text is a formula, an address or a number, all in our font."""
    options = {
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
        "remove_timezone": True,
        "in_memory": True,
        "default_format_properties": dict(FONT),
        "default_row_height": LINE_PIXELS,
        "default_column_width": COLUMN_PIXELS,
    }
    return Workbook(file, options)


@dataclass(frozen=True)
class SheetTable:
    """One sheet: heads, the kinds of its columns and its lines.

    `pages`: how many columns stand on each printed page beside the first one, which every page repeats; without them
    all stand on one.
    """

    name: str
    head: Sequence[str]
    kinds: Sequence[str]
    lines: Sequence[Sequence[Value]]
    pages: Sequence[int] = ()

    @property
    def widths(self) -> list[int]:
        """Return how many digits wide each column is.

        As its kind asks, or as its head, in a few lines of whole words, and the texts that are not broken.
        """
        widths = [
            max(WIDTHS[kind], -(-len(words) // MOST_LINES_OF_A_HEAD) + 3, *(len(word) + 2 for word in words.split()))
            for words, kind in zip(self.head, self.kinds, strict=True)
        ]
        for line in self.lines:
            for place, value in enumerate(line):
                if isinstance(value, str) and self.kinds[place] not in WRAPPED:
                    widths[place] = max(widths[place], len(value) + 2)
        return widths


@dataclass(frozen=True)
class PaperMarks:
    """What stands on every printed page: above whose table it is and of which period, below what else must be known."""

    left: str = ""
    right: str = ""
    below: str = ""

    def print_on(self, sheet: Worksheet) -> None:
        """Set a sheet's head and foot, with the number of each page."""
        font = '&"Times New Roman,Regular"&11'
        sheet.set_header(f"&L{font}{_marked(self.left)}&R{font}{_marked(self.right)}")
        sheet.set_footer(f"&L{font}{_marked(self.below)}&R{font}&P/&N")


def write_table(
    file: BinaryIO, title: str, head: Sequence[str], kinds: Sequence[str], lines: Sequence[Sequence[Value]]
) -> None:
    """Write one table as a workbook of its own; `kinds` are those of its columns, and no text is ever a formula."""
    with new_book(file) as book:
        book.set_properties({"title": title, "comments": f"hailong {version()}"})
        add_table(book, SheetTable(title[:MOST_OF_A_SHEETS_NAME], head, kinds, lines), formats(book), PaperMarks())


def formats(book: Workbook) -> dict[str, Format]:
    """Return the formats of cells by the kinds of columns, and those of heads and of wrapped and bold text."""
    every = {
        kind: book.add_format(
            {
                **FONT,
                **CELL,
                **(TEXT if code == "@" else {}),
                "num_format": code,
                "text_wrap": kind in WRAPPED,
            }
        )
        for kind, code in FORMATS.items()
    }
    every["head"] = book.add_format({**FONT, "bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
    every["wrapped"] = book.add_format({**FONT, "text_wrap": True, "valign": "top"})
    every["bold"] = book.add_format({**FONT, "text_wrap": True, "valign": "top", "bold": True})
    return every


def add_table(book: Workbook, table: SheetTable, shapes: Mapping[str, Format], marks: PaperMarks) -> Worksheet:
    """Add a sheet with a table; its head and its first column stay in view and on every printed page."""
    sheet = book.add_worksheet(table.name)
    sheet.add_write_handler(BelowTarget, partial(_write_below, shapes["below"]))
    sheet.add_write_handler(bool, _write_flag)
    columns = [
        {"header": words, "format": shapes[kind], "header_format": shapes["head"]}
        for words, kind in zip(table.head, table.kinds, strict=True)
    ]
    options = {"columns": columns, "data": table.lines, "style": "Table Style Light 1"}
    sheet.add_table(0, 0, max(len(table.lines), 1), len(table.head) - 1, options)
    widths = table.widths
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.set_row(0, height(zip(table.head, widths, strict=True)))
    for place, line in enumerate(table.lines, 1):
        cells = zip(line, widths, table.kinds, strict=True)
        sheet.set_row(place, height((str(value), width) for value, width, kind in cells if value and kind in WRAPPED))
    sheet.freeze_panes(1, 1)
    _lay_out(sheet, table)
    marks.print_on(sheet)
    return sheet


def pixels_of(width: int) -> int:
    """Return how wide a column of so many digits is."""
    return width * DIGIT_PIXELS + PADDING_PIXELS


def height(texts: Iterable[tuple[str, int]]) -> float:
    """Return how high a line with these texts must be, each in a cell of so many characters.

    Not every program finds the height of wrapped text by itself.
    """
    return LINE_HEIGHT * max((-(-len(words) // (width - 2)) for words, width in texts), default=1)


def _lay_out(sheet: Any, table: SheetTable) -> None:
    """Lay a table out on pages of A4, each with whole groups of columns, as large as the widest of them allows."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(SIDE, SIDE, TOP, TOP)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)
    pixels = [pixels_of(width) for width in table.widths]
    ends, first = [], 1
    for number in table.pages or (len(pixels) - 1,):
        ends.append((first, first + number))
        first += number
    widest = max(pixels[0] + sum(pixels[begin:end]) for begin, end in ends)
    sheet.set_print_scale(min(100, int(100 * PAGE_PIXELS / widest)))
    sheet.set_v_pagebreaks([begin for begin, _end in ends[1:]])


def _marked(words: str) -> str:
    return words[:MOST_OF_A_MARK].replace("&", "&&")


def _write_below(shape: Any, sheet: Any, line: int, column: int, value: float, _: Any = None) -> Any:
    return sheet.write_number(line, column, value, shape)


def _write_flag(sheet: Any, line: int, column: int, value: bool, shape: Any = None) -> Any:
    return sheet.write_string(line, column, gettext("yes") if value else gettext("no"), shape)
