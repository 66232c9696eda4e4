"""From the text of one field to its value: counts, weights, names of groups, and values that a program stored."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import TypeAlias

from analysis.command.numbers import Numbers

Rule: TypeAlias = Callable[[str], float]
THREE_DECIMALS = re.compile(r"-?\d+\.\d{3}")


def name(text: str) -> str:
    """Return the text of a group or header in one spelling: composed letters, no blanks around it.

    >>> name(" Hà Nội ")
    'Hà Nội'
    """
    return unicodedata.normalize("NFC", text).strip().lstrip("\ufeff")


def stored(value: object) -> str:
    """Return a value of a workbook or Parquet file as text, a number so that it can be read in one way only.

    >>> stored(None), stored(9.0), stored(1.234), stored("Huế")
    ('', '9.0', '1.2340', 'Huế')
    """
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    text = str(value)
    return f"{text}0" if isinstance(value, float) and THREE_DECIMALS.fullmatch(text) else text


def whole_rule(numbers: Numbers) -> Rule:
    """Return the rule that reads a whole number of at least 0, such as a count of answers.

    >>> rule = whole_rule(Numbers(whole=True))
    >>> rule("12"), rule("12,0")
    (12.0, 12.0)
    """

    def whole(text: str) -> float:
        value = numbers.read(text)
        if value < 0 or value != int(value):
            raise ValueError(f"{text.strip()!r} is not a whole number of at least 0: write 1234, without separators")
        return value

    return whole


def weight_rule(numbers: Numbers) -> Rule:
    """Return the rule that reads a weight: a number of at least 0.

    >>> weight_rule(Numbers(whole=False))("1,5")
    1.5
    """

    def weight(text: str) -> float:
        value = numbers.read(text)
        if value < 0:
            raise ValueError(f"{text.strip()!r} is below 0: a weight says how many persons an answer stands for")
        return value

    return weight
