"""Signs of units in words: what stands out, how often here, and how often at the others."""

from __future__ import annotations

from survey.i18n import date, gettext, msgid, number, percent
from survey.results.suspects import FASTEST_SECONDS
from survey.results.unit_signs import AT_ONCE_SECONDS, FEWEST_UNITS, MOST_RATED, READING_SECONDS, Sign, UnitSign

_SIGNS = {
    Sign.AT_ONCE: msgid("Answered within %(minutes)s minutes of the invitation"),
    Sign.FAST: msgid(
        "Sent faster than people read: less than %(least)s seconds after the page was opened, or %(each)s for each "
        "rating given"
    ),
    Sign.STRAIGHT: msgid("All ratings alike, where a sheet has %(rated)s or more beside the overall one"),
    Sign.MANY_ANSWER: msgid("Unusually many of those invited answered"),
    Sign.LOWERED: msgid("Later rated lower by the same link, as if somebody else had answered first"),
    Sign.FULL_DAY: msgid("Very many answers on one day, for the invitations sent and for the other days"),
}


def words(one: UnitSign) -> str:
    """Return what stands out."""
    return gettext(
        _SIGNS[one.sign],
        minutes=number(AT_ONCE_SECONDS // 60),
        least=number(FASTEST_SECONDS),
        each=number(READING_SECONDS),
        rated=number(MOST_RATED),
    )


def here(one: UnitSign) -> str:
    """Return how often it is so at the unit."""
    if one.day is not None:
        return gettext("%(k)s of %(n)s answers, on %(day)s", k=number(one.k), n=number(one.n), day=date(one.day))
    return gettext("%(k)s of %(n)s (%(share)s)", k=number(one.k), n=number(one.n), share=percent(one.k / one.n))


def usual(one: UnitSign) -> str:
    """Return how often it would be usual: the share at the others, or the answers of such a day."""
    if one.day is not None:
        return gettext("about %(number)s to be expected", number=number(round(one.usual)))
    return percent(one.usual)


def too_few() -> str:
    """Return why nothing is compared."""
    return gettext(
        "There are fewer than %(number)s units with answers enough to be shown: nobody can tell then how far honest "
        "units differ.",
        number=number(FEWEST_UNITS),
    )
