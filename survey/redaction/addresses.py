"""Where somebody lives: houses, lanes, streets, hamlets with their number or name; never communes and above."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey.redaction.kinds import Kind, Passage
from survey.redaction.word_lists import cue_phrases, cue_words, word_lists
from survey.redaction.words import Phrases, Word, WrittenWords

NUMBER = re.compile(r"\d[\d/]*[a-z]?")
LOT = re.compile(r"[a-z]{1,2}")
HOUSES = Phrases(cue_phrases("houses"))
STREETS = cue_words("streets")
STREETS_PLAIN = cue_words("streets_plain")
HAMLETS = cue_words("hamlets")
HAMLETS_PLAIN = cue_words("hamlets_plain")
QUARTERS = Phrases(cue_phrases("quarters"))
LONGEST = 4  # words of a street's or hamlet's name
LEADS = frozenset(("truong", "pho"))  # whoever leads a hamlet is an officer, with or without a name
JOINED = re.compile(r"[ ,\t–-]{1,3}")
NEVER = cue_words("no_address")
# In small letters hamlets are told by the words that their names are made of.
HAMLET_WORDS = cue_words("hamlet_words")


def find(text: WrittenWords) -> Iterator[Passage]:
    """Yield the parts of addresses, each that follows another joined with it."""
    address: Passage | None = None
    for first, last in _parts(text):
        start, before = text.words[first].start, text.words[first - 1]
        if address and address.end == before.end and JOINED.fullmatch(before.gap):
            start = address.start
        elif address:
            yield address
        address = Passage(start, text.words[last].end, Kind.ADDRESS)
    if address:
        yield address


def _parts(text: WrittenWords) -> Iterator[tuple[int, int]]:
    here = 0
    while here < len(text.words):
        last = _part(text, here)
        if last is None:
            here += 1
        else:
            yield here, last
            here = last + 1


def _part(text: WrittenWords, here: int) -> int | None:
    """Return the last word of the part of an address that begins here."""
    words = text.words
    if (phrase := HOUSES.at(words, here)) and (last := _house(text, here + len(phrase), phrase)) is not None:
        return last
    if (phrase := QUARTERS.at(words, here)) and (last := _named(text, here + len(phrase), small=0)) is not None:
        return last
    if here and words[here].capital and text.cased and words[here - 1].capital and words[here - 1].gap == " ":
        return None  # within a name
    for rule in (_street, _hamlet, _numbered_street):
        if (last := rule(text, here)) is not None:
            return last
    return None


def _house(text: WrittenWords, here: int, phrase: tuple[str, ...]) -> int | None:
    """Return the last word of a house's number, with the street that may follow; "số" alone needs the street."""
    words = text.words
    if here >= len(words) or not _blank(words[here - 1]):
        return None
    number = words[here].plain
    if phrase == ("lo",) and LOT.fullmatch(number) and words[here].gap == "":
        return here + 1 if NUMBER.fullmatch(_plain_at(text, here + 1)) else None
    if not NUMBER.fullmatch(number):
        return None
    if (last := _joined_street(text, here)) is not None:
        return last
    if phrase == ("nha",):
        return here if number[-1] in "abcdef" or "/" in number else None
    of_house = phrase != ("so",) or (here > 1 and words[here - 2].small in ("nhà", "nha"))
    return here if of_house else None


def _numbered_street(text: WrittenWords, here: int) -> int | None:
    """Return the last word of "45/6 đường Lê Lợi", "45 Lê Lợi" or "45 Le Loi street"."""
    words = text.words
    if not NUMBER.fullmatch(words[here].plain) or not _blank(words[here]) or here + 1 == len(words):
        return None
    if (last := _street(text, here + 1)) is not None or not (words[here + 1].capital and text.cased):
        return last
    last = _capitals(text, here + 1)
    if last is None or _plain_at(text, last + 1) in ("street", "road", "st"):
        return last and last + 1
    named = words[here + 1].small in word_lists().family or word_lists().streets.at(words, here + 1)
    return last if last > here + 1 and (named or "/" in words[here].plain) else None


def _joined_street(text: WrittenWords, here: int) -> int | None:
    """Return the last word of the street or hamlet that follows the number of a house."""
    words = text.words
    if here + 1 >= len(words) or not JOINED.fullmatch(words[here].gap):
        return None
    for rule in (_street, _hamlet):
        if (last := rule(text, here + 1)) is not None:
            return last
    named = words[here + 1].capital and text.cased and words[here + 1].plain in word_lists().family_plain
    return _capitals(text, here + 1) if named else None


def _street(text: WrittenWords, here: int) -> int | None:
    """Return the last word of a street that begins here with the word for it."""
    word = text.words[here]
    if word.small not in STREETS and (text.marked or word.capital or word.plain not in STREETS_PLAIN):
        return None
    if _plain_at(text, here + 1) == "so" and NUMBER.fullmatch(_plain_at(text, here + 2)):
        return here + 2
    return _named(text, here + 1, small=3, family=True)


def _hamlet(text: WrittenWords, here: int) -> int | None:
    """Return the last word of a hamlet or quarter that begins here with the word for it."""
    word = text.words[here]
    if word.small not in HAMLETS and (text.marked or word.plain not in HAMLETS_PLAIN):
        return None
    if here and text.words[here - 1].plain in LEADS:
        return None
    return _named(text, here + 1, small=2 if word.small == "ấp" else 0)


def _named(text: WrittenWords, here: int, small: int, family: bool = False) -> int | None:
    """Return the last word of a number or name; `small`: as many words of it may be in small letters."""
    if here >= len(text.words) or not _blank(text.words[here - 1]):
        return None
    word = text.words[here]
    if NUMBER.fullmatch(word.plain):
        counted = word.gap.isspace() and _plain_at(text, here + 1) in ("nguoi", "lan", "anh", "chi")
        return None if counted else here
    if word.capital and text.cased:
        person = not family and word.plain in word_lists().family_plain and _plain_at(text, here + 1) in ("van", "thi")
        return None if person else _capitals(text, here)
    if not small or (family and (word.small if text.marked else word.plain) not in _families(text)):
        return None
    last = None
    for index in range(here, min(here + small, len(text.words))):
        following = text.words[index]
        if not following.small[0].isalpha() or not (family or following.small in HAMLET_WORDS):
            break
        last = index
        if following.gap != " ":
            break
    return last if last is not None and (last > here or not family) else None


def _families(text: WrittenWords) -> frozenset[str]:
    return word_lists().family_small if text.marked else word_lists().family_small_plain


def _capitals(text: WrittenWords, here: int) -> int | None:
    """Return the last one of the words with a capital that begin here."""
    last = None
    for index in range(here, min(here + LONGEST, len(text.words))):
        word: Word = text.words[index]
        if not (word.capital or (last is not None and word.small.isdigit())) or word.small in NEVER:
            break
        last = index
        if not word.gap.isspace():
            break
    return last


def _plain_at(text: WrittenWords, here: int) -> str:
    return text.words[here].plain if here < len(text.words) else ""


def _blank(word: Word) -> bool:
    return word.gap in (" ", "  ", ": ", ". ", ".")
