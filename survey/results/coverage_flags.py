"""Red flags in words: what a unit could do to be asked about less, held against the least that is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from survey.i18n import msgid

COVERAGE = 0.98  # of the cases due, the least share that must be invited
HOURS = 24  # the longest median delay, and the shortest time to answer
CoverageFlag: TypeAlias = tuple[str, dict[str, int]]

_SKIPPED = msgid("Only %(invited)s of %(due)s finished cases were invited; at least %(least)s%% must be.")
_SLOW = msgid("Half of the invitations went out more than %(hours)s hours after the day the case was finished.")
_LATE = msgid(
    "%(late)s of %(invited)s invitations went out more than %(most)s hours after the day the case was finished."
)
_SHORT = msgid("%(short)s of %(invited)s invitations could be answered for less than %(most)s hours.")
_UNSENT = msgid("%(unsent)s of %(invited)s invitations never left.")
_WITHDRAWN = msgid("%(withdrawn)s of %(finished)s finished cases were withdrawn before they were rated.")
_WITHDRAWN_RATED = msgid("Cases withdrawn after they had been rated: %(rated)s. These ratings count on.")
_CODES = {
    _SKIPPED: "skipped",
    _SLOW: "slow",
    _LATE: "late",
    _SHORT: "short",
    _UNSENT: "unsent",
    _WITHDRAWN: "withdrawn",
    _WITHDRAWN_RATED: "withdrawn_rated",
}


def code(flag: CoverageFlag) -> str:
    """Return the name of a flag for programs, the same in every language."""
    return _CODES[flag[0]]


def flags(sums: Mapping[str, int], delay: float | None, messages: bool) -> Iterator[CoverageFlag]:
    """Yield what is amiss in one line's counts, as msgids with their values.

    `delay` is the median in hours, None without invitations; `messages` says that messages were sent at all.
    """
    invited = sums["invited"]
    many = invited * (1 - COVERAGE)
    yield from _skipped(sums)
    if delay is not None and delay > HOURS:
        yield _SLOW, {"hours": HOURS}
    elif invited - sums["in_time"] > many:
        yield _LATE, {"late": invited - sums["in_time"], "invited": invited, "most": HOURS}
    if sums["short"] > many:
        yield _SHORT, {"short": sums["short"], "invited": invited, "most": HOURS}
    if messages and invited - sums["sent"] > many:
        yield _UNSENT, {"unsent": invited - sums["sent"], "invited": invited}
    yield from _withdrawn(sums)


def published(before: Sequence[CoverageFlag], sums: Mapping[str, int]) -> Iterator[CoverageFlag]:
    """Yield the flags of a line anew where they rest on what a closed period was published with."""
    yield from _skipped(sums)
    yield from (flag for flag in before if flag[0] not in (_SKIPPED, _WITHDRAWN, _WITHDRAWN_RATED))
    yield from _withdrawn(sums)


def _skipped(sums: Mapping[str, int]) -> Iterator[CoverageFlag]:
    if sums["due_invited"] < COVERAGE * sums["due"]:
        yield _SKIPPED, {"invited": sums["due_invited"], "due": sums["due"], "least": round(COVERAGE * 100)}


def _withdrawn(sums: Mapping[str, int]) -> Iterator[CoverageFlag]:
    unrated = sums["withdrawn"] - sums["withdrawn_rated"]
    finished = sums["finished"] + unrated
    if unrated > finished * (1 - COVERAGE):
        yield _WITHDRAWN, {"withdrawn": unrated, "finished": finished}
    if sums["withdrawn_rated"]:
        yield _WITHDRAWN_RATED, {"rated": sums["withdrawn_rated"]}
