"""From the text of one field to its value: ratings, whole numbers, weights, names of groups."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection
from typing import TypeAlias

Rule: TypeAlias = Callable[[str], float]

NO_ANSWER, HIGHEST_RATING = 0, 5
MISSING = ("", "9", "na", "n/a", "nan", "null", "no opinion", "không có ý kiến")
LARGEST = 2**53


def name(text: str) -> str:
    """Return the text of a group or header in one spelling: composed letters, no blanks around it.

    >>> name(" Hà Nội ")
    'Hà Nội'
    """
    return unicodedata.normalize("NFC", text).strip().lstrip("\ufeff")


def number(text: str, decimal_comma: bool) -> float:
    """Return the number that the text means; a decimal comma counts where commas do not separate columns.

    Raises:
        ValueError: not a number, or one that may mean two things ("1,234" in a file separated by commas).

    >>> number("0,5", decimal_comma=True), number("2.50", decimal_comma=False)
    (0.5, 2.5)
    """
    plain = text.strip().replace("\u00a0", "")
    if "," in plain and ("." in plain or plain.count(",") > 1 or not decimal_comma):
        raise ValueError(f"{plain!r} may mean two numbers: write it with a decimal point and no thousands separator")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        raise ValueError(f"{plain!r} is not a number: write digits only" if plain else "blank: give a number") from None
    if "_" in plain or not abs(value) <= LARGEST:
        raise ValueError(f"{plain!r} is not a usable number")
    return value


def rating_rule(missing: Collection[str] = MISSING) -> Rule:
    """Return the rule that reads a rating 1 to 5, and 0 for any of the `missing` texts.

    >>> rule = rating_rule()
    >>> rule("4"), rule("5.0"), rule("No opinion")
    (4, 5, 0)
    """
    silent = {name(text).casefold() for text in missing} | {""}

    def rating(text: str) -> float:
        text_form = name(text).casefold()
        if text_form in silent or text_form.removesuffix(".0").removesuffix(",0") in silent:
            return NO_ANSWER
        try:
            value = number(text_form, decimal_comma=True)
        except ValueError:
            value = 0.5
        if value not in range(1, HIGHEST_RATING + 1):
            raise ValueError(
                f"{text.strip()!r} is not a rating from 1 to {HIGHEST_RATING}: correct it,"
                " or name it with --missing if it means no answer"
            )
        return int(value)

    return rating


def whole_rule(decimal_comma: bool) -> Rule:
    """Return the rule that reads a whole number of at least 0, such as a count of answers.

    >>> whole_rule(True)("12"), whole_rule(True)("12,0")
    (12.0, 12.0)
    """

    def whole(text: str) -> float:
        value = number(text, decimal_comma)
        if value < 0 or value != int(value):
            raise ValueError(f"{text.strip()!r} is not a whole number of at least 0: write 1234, without separators")
        return value

    return whole


def weight_rule(decimal_comma: bool) -> Rule:
    """Return the rule that reads a weight: a number of at least 0.

    >>> weight_rule(True)("1,5")
    1.5
    """

    def weight(text: str) -> float:
        value = number(text, decimal_comma)
        if value < 0:
            raise ValueError(f"{text.strip()!r} is below 0: a weight says how many persons an answer stands for")
        return value

    return weight
