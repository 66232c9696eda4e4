"""How a language writes numbers and days: 1.234 and 05/02/2026 in Vietnamese, 1,234 and 5 February 2026 in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from survey.i18n.language import DEFAULT, current_language
from survey.periods import local_day


def number(value: float | int, language: str | None = None) -> str:
    """Return a number as the language given or in use writes it."""
    return format_decimal(value, locale=_locale(language))


def decimal(value: float | Decimal, pattern: str) -> str:
    """Return a number with the decimals that a pattern such as "0.00" asks for."""
    return format_decimal(value, format=pattern, locale=_locale(None))


def percent(share: float | None, language: str | None = None, rounding: Callable[[float], float] = round) -> str:
    """Return a share as a percentage with one decimal.

    `rounding` is math.floor for a lower limit and math.ceil for an upper one, so that a printed lower limit of
    90,0% really is at least 90 %; a missing share is an en dash.
    """
    if share is None or share != share:
        return "–"
    # Twelve digits absorb the binary noise of e.g. 0.9 * 1000 = 900.0000000000001 before rounding up.
    tenths = rounding(float(round(Fraction(share) * 1000, 9)))
    return format_decimal(tenths / 10, format="#,##0.0", locale=_locale(language)) + "%"


def date(value: dt.date | dt.datetime, language: str | None = None) -> str:
    """Return a day as forms write it; of a moment, its local day."""
    day = local_day(value) if isinstance(value, dt.datetime) else value
    language = language or current_language()
    return format_date(day, "dd/MM/yyyy" if language == "vi" else "d MMMM yyyy", locale=_locale(language))


def _locale(language: str | None) -> Locale:
    return _parsed(language or current_language())


@lru_cache(maxsize=16)
def _parsed(language: str) -> Locale:
    """Return how a language writes; one that nobody has described writes as the default does."""
    try:
        return Locale.parse(language)
    except ValueError:
        return Locale.parse(DEFAULT)
