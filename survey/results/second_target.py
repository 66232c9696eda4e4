"""The target beside the headline in words: its verdict, what it is called, and whose it is."""

from __future__ import annotations

from survey.i18n import gettext, text
from survey.organisation.targets import DatedTarget
from survey.results.figures import Figures
from survey.results.scope import Standard
from survey.results.verdict_text import grounds, row_word, target_text


def second_line(figures: Figures) -> str:
    """Return the verdict by the target beside the headline in one line.

    It is empty where there is no such target, and where it is not shown what people said.
    """
    row, beside = figures.second, figures.standard.beside
    if row is None or beside is None or not row.shown:
        return ""
    word = row_word(row, provisional=figures.provisional, closed=figures.closed)
    return gettext("%(target)s: %(verdict)s.", target=named(beside), verdict=word[:1].lower() + word[1:])


def second_sentence(figures: Figures) -> str:
    """Return the same for a report, with what the answers prove; empty as the line is."""
    line, row, second = second_line(figures), figures.second, figures.standard.second
    if not line or row is None or second is None:
        return ""
    return f"{line} {grounds(row, second, provisional=figures.provisional)}"


def headline_source(standard: Standard) -> str:
    """Say by whose decision the headline target holds; empty where the province has entered none."""
    if standard.headline is None:
        return ""
    return gettext("Verdicts are by this target: %(target)s.", target=named(standard.headline))


def named(target: DatedTarget) -> str:
    """Return what a target is called, its share and whose it is: Chỉ tiêu quốc gia năm 2026, 95% (Quyết định …)."""
    share = target_text(target.share)
    return gettext(
        "%(title)s, %(share)s (%(source)s)", title=text(target.title), share=share, source=text(target.source)
    )
