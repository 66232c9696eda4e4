"""A call-back in the .json: its counts, its limits, its sentences, as far as they may be told."""

from __future__ import annotations

from survey.callbacks import words
from survey.callbacks.figures import CallBackFigures


def call_back_data(shown: CallBackFigures) -> dict[str, object]:
    """Return what the document of a report says of a call-back; null stands for what is not told."""
    counts, whole, own = shown.counts, shown.over_all, shown.own
    over_all: dict[str, object] = dict.fromkeys(
        ("rate", "lower", "upper", "if_alike", "silent_rate", "silent_lower", "silent_upper", "verdict")
    )
    if whole is not None:
        over_all = {name: getattr(whole, name) for name in over_all if name not in ("if_alike", "verdict")}
        over_all |= {"if_alike": whole.if_alike.rate, "verdict": shown.verdict}
    return {
        "cases": counts.population,
        "answered": counts.answered,
        "satisfied": counts.satisfied if counts.answered >= shown.fewest else None,
        "silent_called": counts.silent_called,
        "silent_unreached": counts.silent_unreached,
        "silent_satisfied": None if whole is None else counts.silent_satisfied,
        **over_all,
        "answered_called": counts.answered_called,
        "answered_unreached": counts.answered_unreached,
        "not_own": None if own is None else counts.answered_by_others,
        "not_own_lower": None if own is None else own.lower,
        "not_own_upper": None if own is None else own.upper,
        "verdict_can_turn": None if own is None else own.can_turn,
        "finished_at": shown.finished_at,
        "sentences": list(words.sentences(shown)),
    }
