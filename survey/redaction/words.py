"""The words of a text, one by one, with what is to be seen of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from survey.redaction.kinds import MASKED, MASKED_NAME

WORD = re.compile(rf"[^\W\d_]+|\d[\d/]*[a-zA-Z]?|{MASKED}+|{MASKED_NAME}+")
JOINING = frozenset((" ", "  ", ": ", ":", "/"))  # between the words of a phrase
MARKED = re.compile("[À-ỹ]")


class Word(NamedTuple):
    """One word: where it stands, in small letters with and without marks, and what stands between it and the next."""

    start: int
    end: int
    small: str
    plain: str
    capital: bool  # it begins with one
    gap: str


@dataclass(frozen=True)
class WrittenWords:
    """The words of a text, and how it is written."""

    words: list[Word]
    marked: bool  # with the marks of Vietnamese
    cased: bool  # a capital letter tells something: not nearly every word begins with one


def words_of(exact: str, plain: str) -> WrittenWords:
    """Return the words of a text as its `Spelling` reads it."""
    words = []
    places = [match.span() for match in WORD.finditer(exact)]
    for index, (start, end) in enumerate(places, 1):
        after = places[index][0] if index < len(places) else len(exact)
        written = exact[start:end]
        words.append(Word(start, end, written.lower(), plain[start:end], written[0].isupper(), exact[end:after]))
    letters = [word for word in words if word.small[0].isalpha()]
    capitals = sum(word.capital for word in letters)
    return WrittenWords(words, MARKED.search(exact) is not None, len(letters) < 4 or capitals <= 0.75 * len(letters))


class Phrases:
    """Phrases of several words without marks, sought by their first word or by their last one; the longest is found."""

    def __init__(self, phrases: Iterable[tuple[str, ...]]) -> None:
        """Order the phrases for the search."""
        self.first: dict[str, list[tuple[str, ...]]] = {}
        self.last: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            self.first.setdefault(phrase[0], []).append(phrase)
            self.last.setdefault(phrase[-1], []).append(phrase)

    def at(self, words: Sequence[Word], here: int) -> tuple[str, ...]:
        """Return the phrase that begins with a word; an empty one if there is none."""
        for phrase in self.first.get(words[here].plain, ()):
            if _is(words, here, phrase):
                return phrase
        return ()

    def before(self, words: Sequence[Word], here: int) -> tuple[str, ...]:
        """Return the phrase that ends before a word; an empty one if there is none."""
        if here > 0:
            for phrase in self.last.get(words[here - 1].plain, ()):
                if len(phrase) <= here and _is(words, here - len(phrase), phrase):
                    return phrase
        return ()


def _is(words: Sequence[Word], here: int, phrase: tuple[str, ...]) -> bool:
    there = words[here : here + len(phrase)]
    return tuple(word.plain for word in there) == phrase and all(word.gap in JOINING for word in there[:-1])
