"""What periods are called, in the language in use: by themselves, and inside a sentence."""

from __future__ import annotations

from survey.i18n import date, gettext, month, msgid
from survey.periods import Basis, Period, own_days, parse

_NAMES = {
    "": msgid("Year %(year)s"),
    "Q1": msgid("Quarter 1 of %(year)s"),
    "Q2": msgid("Quarter 2 of %(year)s"),
    "Q3": msgid("Quarter 3 of %(year)s"),
    "Q4": msgid("Quarter 4 of %(year)s"),
    "H1": msgid("First half of %(year)s"),
    "H2": msgid("Second half of %(year)s"),
    "9M": msgid("First nine months of %(year)s"),
    "M": msgid("First %(months)s months of %(year)s"),
    "Y": msgid("Year %(year)s up to %(last)s"),
}
_WORDS = {
    "": msgid("the year %(year)s"),
    "Q1": msgid("the first quarter of %(year)s"),
    "Q2": msgid("the second quarter of %(year)s"),
    "Q3": msgid("the third quarter of %(year)s"),
    "Q4": msgid("the fourth quarter of %(year)s"),
    "H1": msgid("the first six months of %(year)s"),
    "H2": msgid("the last six months of %(year)s"),
    "9M": msgid("the first nine months of %(year)s"),
    "M": msgid("the first %(months)s months of %(year)s"),
    "Y": msgid("the year %(year)s up to %(last)s"),
}

_MARKS = {
    "Q1": msgid("Q1/%(year)s"),
    "Q2": msgid("Q2/%(year)s"),
    "Q3": msgid("Q3/%(year)s"),
    "Q4": msgid("Q4/%(year)s"),
    "H1": msgid("H1/%(year)s"),
    "H2": msgid("H2/%(year)s"),
    "9M": msgid("9M/%(year)s"),
}


def period_name(period: Period) -> str:
    """Return what people call a period: "Tháng 10 năm 2026", "Quý III năm 2026", "Quarter 3 of 2026"."""
    if own_days(period):
        return str(gettext("From %(first)s to %(last)s", first=date(period.first), last=date(period.last)))
    year, kind = period.code[:4], period.code[5:]
    if kind.isdigit():
        name = month(int(year), int(kind))
        return name[:1].upper() + name[1:]
    return _filled(_NAMES, period)


def period_words(period: Period) -> str:
    """Return a period as a sentence names it: tháng 10 năm 2026, quý III năm 2026."""
    if own_days(period):
        return str(gettext("the time from %(first)s to %(last)s", first=date(period.first), last=date(period.last)))
    year, kind = period.code[:4], period.code[5:]
    return month(int(year), int(kind)) if kind.isdigit() else _filled(_WORDS, period)


def short_code(code: str) -> str:
    """Return a period as charts write it below its point, which have room for a dozen letters.

    >>> short_code("2026-10"), short_code("20251201-20261014"), short_code("2026-Y1114")
    ('10/2026', '10/2026', '11/2026')
    """
    if code[4:5].isdigit():
        return f"{code[13:15]}/{code[9:13]}"
    year, _, kind = code.partition("-")
    if kind in _MARKS:
        return str(gettext(_MARKS[kind], year=year))
    return "/".join(part for part in (kind[1:3] if kind.startswith("Y") else kind, year) if part)


def short_period(code: str, basis: Basis | str, *, whole: bool) -> str:
    """Return the name of a period below a chart: "10/26", or "10" where its neighbour has the year.

    >>> short_period("2026-10", "calendar", whole=True), short_period("2026-Q3", "calendar", whole=False)
    ('10/26', 'Q3')
    >>> short_period("20251201-20261014", "calendar", whole=True), short_period("2026-Y1114", "calendar", whole=True)
    ('2026', '2026')
    """
    year, _, part = parse(code, basis).code.partition("-")
    if not part or part.startswith("Y"):
        return year
    if len(year) > len("2026"):  # days of somebody's own: the same days of another year lie beside them
        return part[:4]
    return f"{part.lstrip('0')}/{year[2:]}" if whole else part.lstrip("0")


def _filled(words: dict[str, str], period: Period) -> str:
    year, kind = period.code[:4], period.code[5:]
    given = {"year": year, "months": kind[:-1], "last": date(period.last)}
    key = kind if kind in words else kind[0] if kind[0] == "Y" else "M"
    names = {"": ("year",), "M": ("year", "months"), "Y": ("year", "last")}.get(key, ("year",))
    return str(gettext(words[key], **{name: given[name] for name in names}))
