"""Write the demonstration's comments: fragments by theme and rating, typed as people type."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import yaml

from survey.i18n import without_marks
from survey.models import Respondent

FRAGMENTS = Path(__file__).parent / "comments.yaml"
SHORT = {"không": "ko", "được": "đc", "rồi": "r", "người": "ng", "với": "vs"}


class Comments:
    """A writer of comments; the same source of chance writes the same ones."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.fragments = yaml.safe_load(FRAGMENTS.read_text(encoding="utf-8"))

    def write(self, rating: int, reasons: Sequence[str], language: str, respondent: Respondent) -> str:
        """Return one comment that suits an overall rating and the reasons chosen for it."""
        low = rating <= 2 or (rating == 3 and (bool(reasons) or self.chance.random() < 0.5))
        if language == "en":
            return self._one(self.fragments["english"]["low" if low else "high"])
        middling = rating == 3 or (rating == 4 and self.chance.random() < 0.45)
        tone = "low" if low else "middling" if middling else "high"
        text = _sentence(self._one(self.fragments["openers"][tone]) + self._clause(tone, reasons, respondent))
        return self._typed(f"{text} {self._one(self.fragments['closers'][tone])}".strip())

    def _clause(self, tone: str, reasons: Sequence[str], respondent: Respondent) -> str:
        if respondent == Respondent.BUSINESS and tone != "middling" and self.chance.random() < 0.4:
            return self._one(self.fragments["business"][tone])
        if tone == "low":
            themes = self.fragments["low"]
            chosen = reasons or [self._one(list(themes))]
            parts = [self._one(themes[reason]) for reason in chosen[:2]]
            return self._one((", ", "; ngoài ra ", ", lại còn ")).join(parts)
        return ", ".join(self.chance.sample(self.fragments[tone], 2 if self.chance.random() < 0.3 else 1))

    def _typed(self, text: str) -> str:
        """Type it as people do on a telephone: mostly well, some without capitals, stops, marks or patience."""
        habit = self.chance.random()
        if habit < 0.08:
            return without_marks(text).lower().replace(".", "")
        if habit < 0.20:
            return " ".join(SHORT.get(word, word) for word in text.lower().split(" ")).rstrip(".")
        if habit < 0.34:
            return text[:1].lower() + text[1:].rstrip(".")
        if habit < 0.38:
            return text.rstrip(".") + "!!"
        return text

    def _one(self, among: Sequence[str]) -> str:
        return self.chance.choice(among)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
