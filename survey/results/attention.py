"""What of an agency's figures needs attention: at most seven sentences, each with its evidence; good news last.

Only from figures that their reader is shown: rows with answers enough for a verdict, as their page has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.i18n import gettext, ngettext, number, percent, sort_key
from survey.results import caveats
from survey.results.changes import RowChange
from survey.results.figures import Figures
from survey.results.overview_text import late_comments, rate_words, row_sentence
from survey.results.rows import JudgedRow, short_name

MOST = 7
NAMED = 4  # rows that one sentence names
EXPECTED = 5  # answers, from which none is no chance: a share of e^-5 where people answer one by one


@dataclass(frozen=True)
class AttentionItem:
    """One thing to look at: the rows that it is about, what is said of them, and what shows it.

    `kind` tells what leads on: rows to their own figures, "comments", "tasks" and "alert" to their pages, "more" to the
    list of all rows. `mark` is that of the verdict, or of the kind.
    """

    kind: str
    mark: str
    heading: str
    evidence: str = ""
    rows: tuple[JudgedRow, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody: comments and tasks that are overdue, comments that are new, and what alerts say.

    Alerts are sentences with the address of the page that shows each. `period` is the name of that of the comments.
    """

    comments_late: int = 0
    comments_new: int = 0
    tasks_late: int = 0
    alerts: Sequence[tuple[str, str]] = field(default=())
    period: str = ""


def attention(
    figures: Figures, changes: Mapping[int, RowChange], waiting: Waiting, before: str = ""
) -> list[AttentionItem]:
    """Return what needs attention, the surest first; `before` names the period that changes are told from."""
    rows = [row for row in figures.judged.rows if not row.pooled]
    judged = [row for row in rows if caveats.judged(row)]
    lowest = sorted(judged, key=lambda row: (row.rate or 0.0, row.id))
    certain = [row for row in lowest if row.named]
    missing = [row for row in lowest if row.verdict == "not_met" and not row.named]
    named = {row.id for row in (*certain, *missing)}
    down = [row for row in lowest if row.id not in named and _clear(changes, row) < 0]
    say = _Sentences(figures, changes, before, len(judged))
    first = [
        *[say.row(row, gettext("certainly below the target")) for row in certain],
        *[say.row(row, gettext("below the target, to be watched"), many=True) for row in missing],
        *[say.row(row, gettext("has fallen by more than chance"), many=True) for row in down],
    ]
    waits = [*_silent(figures, rows), *_waiting(waiting)]
    good = _good(say, [row for row in lowest if row.verdict == "met"], changes)
    room = MOST - len(waits[: MOST - 3]) - len(good)
    if len(first) > room:
        rest = [*certain, *missing, *down][room - 1 :]
        first = [*first[: room - 1], _more(rest)]
    return [*first, *waits[: MOST - 3], *good]


def attention_title(items: Sequence[AttentionItem], figures: Figures) -> str:
    """Say what the list comes to: how many rows miss the target, for certain or not."""
    rows = [row for row in figures.judged.rows if caveats.judged(row) and not row.pooled]
    certain = sum(row.named for row in rows)
    missing = sum(row.verdict == "not_met" for row in rows) - certain
    if certain or missing:
        return _missing(figures.by == "unit", certain, missing)
    if any(item.mark != "met" for item in items):
        return (
            gettext("No unit is proved to be below the target")
            if figures.by == "unit"
            else gettext("No procedure is proved to be below the target")
        )
    return gettext("Nothing needs attention in these figures")


def _missing(units: bool, certain: int, missing: int) -> str:
    """Say how many rows miss the target, and how many of them for certain: the same number as above their picture."""
    if not missing:
        words = (
            ngettext(
                "%(number)s unit certainly misses the target",
                "%(number)s units certainly miss the target",
                certain,
                number=number(certain),
            )
            if units
            else ngettext(
                "%(number)s procedure certainly misses the target",
                "%(number)s procedures certainly miss the target",
                certain,
                number=number(certain),
            )
        )
        return str(words)
    every = certain + missing
    whole = (
        ngettext("%(number)s unit misses the target", "%(number)s units miss the target", every, number=number(every))
        if units
        else ngettext(
            "%(number)s procedure misses the target",
            "%(number)s procedures miss the target",
            every,
            number=number(every),
        )
    )
    sure = gettext("%(number)s of them for certain", number=number(certain)) if certain else gettext("to be watched")
    return f"{whole}, {sure}"


class _Sentences:
    """Words about rows, each with the evidence behind it."""

    def __init__(self, figures: Figures, changes: Mapping[int, RowChange], before: str, compared: int) -> None:
        self.figures, self.changes, self.before, self.compared = figures, changes, before, compared

    def row(self, row: JudgedRow, heading: str, *, many: bool = False) -> AttentionItem:
        parts = [row_sentence(row, self.figures.target) + ".", self.moved(row)]
        if many and self.compared > 1:
            parts.append(
                gettext(
                    "Where %(number)s are compared at once, such a finding may be due to chance.",
                    number=number(self.compared),
                )
            )
        return AttentionItem("row", str(row.verdict), heading, " ".join(filter(None, parts)), (row,))

    def moved(self, row: JudgedRow) -> str:
        """Return how far a row has moved, where it has by more than chance."""
        if not _clear(self.changes, row):
            return ""
        one = self.changes[row.id]
        return gettext(
            "In %(period)s: %(before)s. %(moved)s",
            period=self.before,
            before=rate_words(one.before, self.figures.target),
            moved=caveats.change(one),
        )


def _clear(changes: Mapping[int, RowChange], row: JudgedRow) -> float:
    """Return how far a row has moved by more than chance, else 0."""
    one = changes.get(row.id)
    return one.difference if one is not None and one.clear else 0.0


def _silent(figures: Figures, rows: Sequence[JudgedRow]) -> list[AttentionItem]:
    """Return the units of which nobody answered though by the share of all others several would have."""
    total = figures.judged.total
    if figures.by != "unit" or figures.scope.running or not total.finished or not total.rated:
        return []
    share = total.rated / total.finished
    quiet = [row for row in rows if not row.answered and row.finished * share >= EXPECTED]
    if not quiet:
        return []
    evidence = gettext(
        "%(cases)s finished cases; where %(share)s of cases are rated, several answers would have come.",
        cases=number(sum(row.finished for row in quiet)),
        share=percent(share),
    )
    return [AttentionItem("row", "none", gettext("no answer at all"), evidence, _sorted(quiet))]


def _waiting(waiting: Waiting) -> list[AttentionItem]:
    items = []
    if waiting.comments_late:
        heading = late_comments(waiting.comments_late, waiting.period)
        fresh = ngettext(
            "%(number)s more is new and in nobody's hands.",
            "%(number)s more are new and in nobody's hands.",
            waiting.comments_new,
            number=number(waiting.comments_new),
        )
        items.append(AttentionItem("comments", "late", heading, fresh if waiting.comments_new else ""))
    if waiting.tasks_late:
        heading = ngettext(
            "%(number)s task not done in time",
            "%(number)s tasks not done in time",
            waiting.tasks_late,
            number=number(waiting.tasks_late),
        )
        items.append(AttentionItem("tasks", "late", heading))
    items += [AttentionItem("alert", "late", words, address=address) for words, address in waiting.alerts]
    return items


def _good(say: _Sentences, met: Sequence[JudgedRow], changes: Mapping[int, RowChange]) -> list[AttentionItem]:
    """Return the good news: those that meet the target, and of these first what has risen by more than chance."""
    up = [row for row in met if _clear(changes, row) > 0]
    rows = up or met
    if not rows:
        return []
    shown = sorted(rows, key=lambda row: (-(row.rate or 0.0), row.id))
    heading = gettext("risen by more than chance, target met") if up else gettext("proved to meet the target")
    evidence = "; ".join(f"{short_name(row)} {row_sentence(row, say.figures.target)}" for row in shown[:NAMED])
    return [AttentionItem("row", "met", heading, evidence + ".", tuple(shown))]


def _more(rows: Sequence[JudgedRow]) -> AttentionItem:
    heading = ngettext(
        "%(number)s more below the target or falling",
        "%(number)s more below the target or falling",
        len(rows),
        number=number(len(rows)),
    )
    return AttentionItem("more", "not_met", heading, "", _sorted(rows))


def _sorted(rows: Sequence[JudgedRow]) -> tuple[JudgedRow, ...]:
    return tuple(sorted(rows, key=lambda row: sort_key(short_name(row))))
