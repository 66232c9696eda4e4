"""The one reader of numbers as people write them: 12, 0.5, 0,5, 9.000, 1 234 567 — never a thousand taken for one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

LARGEST = 2**53
OTHER = {".": ",", ",": "."}
BLANKS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
DOUBTFUL = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
GROUPED = {sign: re.compile(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+") for sign in OTHER}


@dataclass
class Numbers:
    """How the numbers of one column are written, told from all of them together.

    "9.000" may mean nine or nine thousand. While `settled` is False such a text is only noted (`doubtful`), and the
    other numbers of the column show their `decimal` sign; `settle` then gives the reader that decides by it, or by the
    `habit` of the file where none does. A whole number (`whole`) is never read as one with three decimals.
    """

    whole: bool
    habit: str = ""
    decimal: str = ""
    settled: bool = False
    signs: set[str] = field(default_factory=set)
    doubtful: bool = False

    def settle(self) -> Numbers:
        """Return the reader for the second look, which knows the decimal sign or refuses what needs it."""
        shown = next(iter(self.signs)) if len(self.signs) == 1 else ""
        return Numbers(self.whole, self.habit, shown or ("" if self.signs else self.habit), settled=True)

    def read(self, text: str) -> float:
        """Return the number that a text means.

        Raises:
            ValueError: no number, or one that has two readings; says what to do.

        >>> [Numbers(whole=False).read(text) for text in ("0,5", "2.50", "1.234,5", "1 234 567", "1,234,567")]
        [0.5, 2.5, 1234.5, 1234567.0, 1234567.0]
        >>> Numbers(whole=True, decimal=",", settled=True).read("9.000")
        9000.0
        """
        digits = "".join(
            str(unicodedata.decimal(sign, sign)) for sign in text
        )  # of any script, such as full-width ones
        plain = BLANKS.sub("", digits.strip().replace("\u2212", "-"))
        if not plain:
            raise ValueError("blank: give a number")
        if DOUBTFUL.fullmatch(plain):
            return self._doubtful(plain)
        signs = [sign for sign in plain if sign in OTHER]
        # Of two signs the last is the decimal one; a sign that comes twice separates thousands.
        decimal = "" if not signs else OTHER[signs[0]] if len(signs) > len(set(signs)) == 1 else signs[-1]
        before, point, after = plain.partition(decimal) if decimal else (plain, "", "")
        grouping = OTHER.get(decimal, "")
        if grouping and GROUPED[grouping].fullmatch(before):
            before = before.replace(grouping, "")
        written = before + ("." if point else "") + after
        if not PLAIN.fullmatch(written):
            raise ValueError(f"{plain!r} is not a number: write digits only")
        if signs:
            self.signs.add(decimal)
        value = float(written)
        if not abs(value) <= LARGEST:
            raise ValueError(f"{plain!r} is not a usable number")
        return value

    def _doubtful(self, plain: str) -> float:
        sign = "." if "." in plain else ","
        if not self.settled:
            self.doubtful = True
            return 0.0
        thousand, small = plain.replace(sign, ""), plain.replace(",", ".")
        if self.decimal == OTHER[sign]:
            return float(thousand)
        if self.decimal == sign and not self.whole:
            return float(small)
        raise ValueError(
            f"{plain!r} may mean two numbers, {float(small):g} or {int(thousand)}: write it without a separator of"
            " thousands"
        )
