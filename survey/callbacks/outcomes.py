"""How calls end, in AAPOR's terms, and what of an answer counts as reached.

Every case on the list is eligible, for the portal says that it was finished: so nobody is of unknown eligibility, and
a wrong number is a case that was not reached, not one that does not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey.i18n import msgid
from survey.models import CallBackStratum, CallOutcome


@dataclass(frozen=True)
class OutcomeMeaning:
    """What an outcome is called, its code by AAPOR, and whether somebody may be called again after it."""

    words: str  # a msgid
    code: str
    again: bool = False


MEANINGS: Mapping[CallOutcome, OutcomeMeaning] = {
    CallOutcome.COMPLETE: OutcomeMeaning(msgid("Complete: all was answered"), "1.1"),
    CallOutcome.PARTIAL: OutcomeMeaning(msgid("Partial: broken off, some was answered"), "1.2"),
    CallOutcome.REFUSAL: OutcomeMeaning(msgid("Refusal: the person does not want to answer"), "2.11"),
    CallOutcome.NO_CONTACT: OutcomeMeaning(msgid("No contact: nobody answered, or the line was busy"), "2.20", True),
    CallOutcome.CALL_LATER: OutcomeMeaning(msgid("Call later: the person asks for another time"), "2.21", True),
    CallOutcome.UNABLE: OutcomeMeaning(msgid("Unable: too ill or cannot hear"), "2.32"),
    CallOutcome.LANGUAGE: OutcomeMeaning(msgid("Language: no common language"), "2.33"),
    CallOutcome.WRONG_NUMBER: OutcomeMeaning(msgid("Wrong number, or not in use"), "2.90"),
    CallOutcome.NO_NUMBER: OutcomeMeaning(msgid("No telephone number was handed over"), "2.90"),
    CallOutcome.ENDED: OutcomeMeaning(msgid("Not reached before the call-back ended"), "2.20"),
}
SPOKEN = (CallOutcome.COMPLETE, CallOutcome.PARTIAL)  # in which something was answered
OFFERED = tuple(one for one in CallOutcome if one not in (CallOutcome.NO_NUMBER, CallOutcome.ENDED))


@dataclass(frozen=True)
class CallAnswers:
    """What a person said on the telephone; None is no answer."""

    rating: int | None = None
    herself: bool | None = None
    freely: bool | None = None

    @property
    def by_others(self) -> bool:
        """Return whether the answer was given by somebody else, or not freely."""
        return self.herself is False or self.freely is False

    def reached(self, stratum: CallBackStratum) -> bool:
        """Return whether it says what the call was for: the rating of the silent, or who answered.

        >>> CallAnswers(rating=4).reached(CallBackStratum.SILENT), CallAnswers().reached(CallBackStratum.SILENT)
        (True, False)
        >>> CallAnswers(herself=True).reached(CallBackStratum.ANSWERED)
        False
        >>> CallAnswers(herself=False).reached(CallBackStratum.ANSWERED)
        True
        """
        if stratum == CallBackStratum.SILENT:
            return self.rating is not None
        return self.by_others or (self.herself is True and self.freely is True)
