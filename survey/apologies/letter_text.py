"""What a letter of apology says: what was promised, what happened, that we are sorry, whom to ask.

It names no case and no person, cites no rule, and asks for nothing: no answer, no rating.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from survey.delivery.notices import Notice
from survey.i18n import date, gettext, msgid, ngettext, number, speaking, text
from survey.models import Respondent, Texts

_SORRY = {
    Respondent.CITIZEN: msgid("%(unit)s sincerely apologises to you for this delay."),
    Respondent.BUSINESS: msgid("%(unit)s sincerely apologises to your business for this delay."),
}
_NOTHING_TO_DO = {
    Respondent.CITIZEN: msgid("There is nothing that you need to do."),
    Respondent.BUSINESS: msgid("There is nothing that your business needs to do."),
}


@dataclass(frozen=True)
class LetterFacts:
    """What a letter tells: of which unit, whose case, which days, and a paragraph of the unit's own."""

    unit: Texts
    province: Texts
    respondent: Respondent
    received: dt.date | None
    due: dt.date
    finished: dt.date
    days_late: int  # working days
    words: str = ""


def subject() -> str:
    """Return what the letter is headed by, in the language in use."""
    return gettext("Letter of apology for a case that was finished late")


def greeting(facts: LetterFacts) -> str:
    """Return how the person is addressed, in the language in use."""
    business = facts.respondent == Respondent.BUSINESS
    return gettext("Dear business owner,") if business else gettext("Dear Sir or Madam,")


def paragraphs(facts: LetterFacts) -> list[str]:
    """Return what stands between the greeting and the signature, in the language in use."""
    unit = {"unit": text(facts.unit)}
    return [
        f"{_promise(facts)} {_delay(facts)}",
        gettext(_SORRY[facts.respondent], **unit),
        *([facts.words] if facts.words else []),
        gettext(_NOTHING_TO_DO[facts.respondent])
        + " "
        + gettext("If you have a question about your case, please ask %(unit)s.", **unit),
    ]


def signature(facts: LetterFacts) -> list[str]:
    """Return who writes, in the language in use: the unit, and the province where that is another one."""
    return list(dict.fromkeys((text(facts.unit), text(facts.province))))


def short(facts: LetterFacts) -> str:
    """Return the letter as a phone shows it, in the language in use."""
    return gettext(
        "%(unit)s: the result of your case was promised for %(due)s and came on %(finished)s. We sincerely apologise "
        "for this delay. There is nothing that you need to do.",
        unit=text(facts.unit),
        due=date(facts.due),
        finished=date(facts.finished),
    )


def notice(facts: LetterFacts, to: str, language: str) -> Notice:
    """Return the letter as it is queued for an address."""
    with speaking(language):
        parts = (greeting(facts), *paragraphs(facts), gettext("Yours faithfully,"), "\n".join(signature(facts)))
        body = "\n\n".join(parts) + "\n"
        return Notice(to, text(facts.unit), subject(), body, short={language: short(facts)})


def _promise(facts: LetterFacts) -> str:
    if facts.received is None:
        return gettext("The result of your case was promised for %(due)s.", due=date(facts.due))
    days = {"received": date(facts.received), "due": date(facts.due)}
    return gettext("Your case was received on %(received)s, and its result was promised for %(due)s.", **days)


def _delay(facts: LetterFacts) -> str:
    finished = date(facts.finished)
    if not facts.days_late:  # over a weekend
        return gettext("It was finished on %(finished)s, after that day.", finished=finished)
    return ngettext(
        "It was finished on %(finished)s, %(number)s working day late.",
        "It was finished on %(finished)s, %(number)s working days late.",
        facts.days_late,
        finished=finished,
        number=number(facts.days_late),
    )
