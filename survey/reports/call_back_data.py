"""A call-back in the .json: its counts, its limits, its sentences, as far as they may be told."""

from __future__ import annotations

from survey.callbacks import publishing, words
from survey.callbacks.figures import CallBackFigures


def call_back_data(shown: CallBackFigures) -> dict[str, object]:
    """Return what the document of a report says of a call-back; null stands for what is not told."""
    about = {"finished_at": shown.finished_at, "sentences": list(words.sentences(shown))}
    return {**publishing.values(shown), **about}
