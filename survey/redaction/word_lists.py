"""The words by which names are told from other words: files of `survey/data/redaction`, read once."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from survey.redaction.spelling import plain
from survey.redaction.words import Phrases
from survey.settings import DATA

FOLDER = DATA / "redaction"
UNITS = ("xã ", "phường ", "huyện ", "thị xã ", "thị trấn ", "thành phố ", "tỉnh ")


@cache
def _cues() -> dict[str, str]:
    return dict(line.split(":", 1) for line in _lines("cues"))


def cue_words(name: str) -> frozenset[str]:
    """Return the words that are a cue for something."""
    return frozenset(_cues()[name].split())


def cue_phrases(name: str) -> frozenset[tuple[str, ...]]:
    """Return the phrases that are a cue for something."""
    return frozenset(tuple(phrase.split()) for phrase in _cues()[name].split(","))


@dataclass(frozen=True)
class WordLists:
    """Words in small letters; what is `plain` has no marks."""

    family: frozenset[str]
    family_plain: frozenset[str]
    family_small: frozenset[str]  # names also in small letters: no everyday words
    family_small_plain: frozenset[str]
    given: frozenset[str]
    given_plain: frozenset[str]
    given_small: frozenset[str]  # names also in small letters: no everyday words
    given_small_plain: frozenset[str]
    not_names: frozenset[str]
    not_names_plain: frozenset[str]
    compounds: frozenset[tuple[str, str]]
    compounds_always: frozenset[tuple[str, str]]  # also with capitals
    titles: frozenset[str]
    titles_plain: frozenset[str]
    titles_any: frozenset[str]  # without marks, whatever else they can be
    posts: Phrases
    places: Phrases
    streets: Phrases


@cache
def word_lists() -> WordLists:
    """Return the lists."""
    given = _words("given_names")
    names = {word.rstrip("*") for word in given}
    small = {word for word in given if not word.endswith("*")}
    everyday = {plain(word.rstrip("*")) for word in given if word.endswith("*")}
    titles = _words("titles")
    compounds = [line.split() for line in _lines("compounds")]
    not_names = {word.replace("_", " ") for word in _words("not_names")}
    family = _words("family_names")
    family_small = {word for word in family if not word.endswith("*")}
    return WordLists(
        family=frozenset(word.rstrip("*") for word in family),
        family_plain=_plain(word.rstrip("*") for word in family),
        family_small=frozenset(family_small),
        family_small_plain=_plain(family_small),
        given=frozenset(names),
        given_plain=_plain(names),
        given_small=frozenset(small),
        given_small_plain=_plain(small) - everyday,
        not_names=frozenset(not_names),
        not_names_plain=_plain(not_names),
        compounds=frozenset((words[0], words[1]) for words in compounds),
        compounds_always=frozenset((words[0], words[1]) for words in compounds if len(words) > 2),
        titles=frozenset(word.rstrip("*") for word in titles),
        titles_plain=_plain(word for word in titles if not word.endswith("*")),
        titles_any=_plain(word.rstrip("*") for word in titles),
        posts=Phrases(tuple(line.split()) for line in _lines("posts")),
        places=Phrases(_places()),
        streets=Phrases(_listed("streets")),
    )


def _plain(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(plain, words))


def _lines(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").lower().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _words(name: str) -> set[str]:
    return {word for line in _lines(name) for word in line.split()}


def _listed(name: str) -> set[tuple[str, ...]]:
    """Return the phrases of a list in which commas part them, without marks."""
    return {tuple(plain(phrase).split()) for line in _lines(name) for phrase in line.split(",")}


def _places() -> set[tuple[str, ...]]:
    """Return the places, without marks: those of the list, and those that the names of shipped agencies hold."""
    places = _listed("places")
    for file in sorted((DATA / "agencies").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                name = row["name_vi"].lower()
                places |= {tuple(plain(name.rsplit(unit, 1)[1]).split()) for unit in UNITS if unit in name}
    return {place for place in places if len(place) > 1}
