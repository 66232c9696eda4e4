"""How a language writes numbers and days: 1.234 and 05/02/2026 in Vietnamese, 1,234 and 5 February 2026 in English."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from analysis.printed import Rounding, half_up, printed_share, rounded
from survey.i18n.catalogues import DEFAULT
from survey.i18n.language import current_language
from survey.periods import LOCAL_ZONE, local_day


def number(value: float | int | None, language: str | None = None) -> str:
    """Return a number as the language given or in use writes it; "–" if it is missing."""
    return "–" if value is None else format_decimal(value, locale=_locale(language))


def decimal(value: float | Decimal, pattern: str) -> str:
    """Return a number with the decimals that a pattern such as "0.00" asks for."""
    return format_decimal(value, format=pattern, locale=_locale(None))


def percent(share: float | None, language: str | None = None, rounding: Rounding = half_up) -> str:
    """Return a share as a percentage with one decimal, rounded as `analysis.printed` says; "–" if it is missing.

    `rounding` is math.floor for a lower limit and math.ceil for an upper one.
    """
    return "–" if share is None or share != share else percentage(printed_share(share, rounding), language)


def percentage(printed: Decimal, language: str | None = None) -> str:
    """Return a figure in per cents, with the decimals that it has and one at least: 92,5%."""
    return format_decimal(printed, format="#,##0.0########", locale=_locale(language)) + "%"


def score(mean: float | None, language: str | None = None) -> str:
    """Return a mean score with two decimals: 4,37; "–" if it is missing."""
    return "–" if mean is None else format_decimal(rounded(mean, 2), format="0.00", locale=_locale(language))


def date(value: dt.date | dt.datetime, language: str | None = None) -> str:
    """Return a day as forms write it; of a moment, its local day."""
    day = local_day(value) if isinstance(value, dt.datetime) else value
    language = language or current_language()
    return format_date(day, "dd/MM/yyyy" if language == "vi" else "d MMMM yyyy", locale=_locale(language))


def instant(value: dt.datetime, language: str | None = None) -> str:
    """Return a moment as people in Viet Nam read it: 08:12, 23/11/2026."""
    return f"{value.astimezone(LOCAL_ZONE):%H:%M}, {date(value, language)}"


def month(year: int, number: int) -> str:
    """Return a month with its year as a sentence names it: tháng 10 năm 2026 in Vietnamese, October 2026 in English."""
    return format_skeleton("yMMMM", dt.date(year, number, 1), locale=_locale(None))


def _locale(language: str | None) -> Locale:
    return _parsed(language or current_language())


@lru_cache(maxsize=16)
def _parsed(language: str) -> Locale:
    """Return how a language writes; one that nobody has described writes as the default does."""
    try:
        return Locale.parse(language)
    except ValueError:
        return Locale.parse(DEFAULT)
