"""Names of persons: after a title or a post, with their family name, or where a text says that it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from survey.redaction.kinds import MASKED_NAME, Kind, Passage
from survey.redaction.officers import WORKPLACES, is_officer
from survey.redaction.word_lists import cue_phrases, cue_words, word_lists
from survey.redaction.words import Phrases, Word, WrittenWords

LONGEST = 5  # words of one name
BEFORE_PLACES = cue_words("before_places")
BEFORE_PLACES_PLAIN = cue_words("before_places_plain")
MIDDLE = frozenset(("thi", "van"))
# After these any word with a capital is a name.
SAYS_NAME = Phrases(cue_phrases("says_name"))
SAYS_OWN = Phrases(cue_phrases("says_own"))
# After these a word with a capital is a name if it can be one.
MEETS = cue_words("meets")
KIN = Phrases(cue_phrases("kin"))
# Everyday words that are spelt like given names where marks are left out.
ENDS_PLAIN = cue_words("ends_plain")
EVERYDAY = cue_words("everyday_family")
OFFICES = cue_words("offices")
ORDER = cue_words("order")
WHERE = cue_words("where")
ABBREVIATED = frozenset(["a", "c", "e"])
BLANK = re.compile(r"[ \t]+|\.[ \t]*")
SAYING = re.compile(r"\s+|\s*:\s*")


def find(text: WrittenWords) -> Iterator[Passage]:
    """Yield the names in a text, in their order; an officer is one who is named with a post."""
    reading = _Reading(text)
    here = 0
    while here < len(text.words):
        if length := reading.place_at(here):
            here += length
        elif length := reading.name_at(here):
            first, last = text.words[here], text.words[here + length - 1]
            officer = not reading.own(here) and is_officer(text.words, here, here + length)
            yield Passage(first.start, last.end, Kind.OFFICER if officer else Kind.NAME)
            here += length
            reading.named_until = here
        else:
            here += 1


class _Reading:
    """One text, read from its beginning: how many words from a place on are a name."""

    def __init__(self, text: WrittenWords) -> None:
        lists = word_lists()
        self.words, self.marked, self.cased, self.lists = text.words, text.marked, text.cased, lists
        self.named_until = -1
        self.given = lists.given if text.marked else lists.given_plain
        self.family = lists.family if text.marked else lists.family_plain
        self.given_small = lists.given_small if text.marked else lists.given_small_plain
        self.family_small = lists.family_small if text.marked else lists.family_small_plain
        self.small = self.given | self.family_small
        self.not_names = lists.not_names if text.marked else lists.not_names_plain

    def place_at(self, here: int) -> int:
        """Return how many words from here on are the name of a place; 0 after a title."""
        place = self.lists.places.at(self.words, here)
        return 0 if place and self._titled(here) else len(place)

    def name_at(self, here: int) -> int:
        """Return how many words from here on are a name; 0 if none is."""
        word = self.words[here]
        if not word.small[0].isalpha() or not (word.capital or self._key(here) in self.small):
            return 0
        if length := self._full(here):
            return length
        post = self.lists.posts.before(self.words, here) if SAYING.fullmatch(self.words[here - 1].gap) else ()
        if self._titled(here) or self._says(here, SAYS_NAME) or (post and post not in WORKPLACES):
            return self._run(here, loose=True)
        if self._big(here) and not self._in_place(here):
            if length := self._nickname(here):
                return length
            if post or self._says(here, SAYS_OWN) or self._meets(here) or self._listed(here):
                return self._run(here, loose=False)
            return self._given_names(here)
        return 0

    def own(self, here: int) -> bool:
        """Return whether somebody says their own name here."""
        return self._says(here, SAYS_OWN)

    def _run(self, here: int, loose: bool) -> int:
        """Return the length of a name that begins here; `loose`: any capital will do that is no everyday word."""
        if not self._begins(here, loose):
            return 0
        return self._extended(here, loose, self.given_small | {"anh"})

    def _full(self, here: int) -> int:
        """Return the length of a full name that begins here with its family name."""
        word = self._key(here)
        big = self._big(here)
        if word not in (self.family if big else self.family_small):
            return self._unmarked(here) if big and self.marked else 0
        in_place = self._in_place(here)
        length = self._extended(here, big, self.given)
        rest = [self._key(i) for i in range(here + 1, here + length)]
        if big and length == 2:
            second = rest[0] in self.given or (word in self.family_small and rest[0] not in self.not_names)
            return 2 if second and not in_place and not self._compound(here, always=False) else 0
        if not (big or self.marked) and word in EVERYDAY and self.words[here + 1 - (length < 2)].plain not in MIDDLE:
            return 0
        named = any(key in self.given or len(key) == 1 for key in rest) or (
            len(rest) > 1 and self.words[here + 1].plain in MIDDLE
        )
        if length < 3 or not named or (in_place and not is_officer(self.words, here, here)):
            return 0
        return length

    def _unmarked(self, here: int) -> int:
        """Return the length of a full name without marks in a text with them, as banks print it."""
        length = 0
        for word in self.words[here : here + LONGEST]:
            if (
                not word.capital
                or word.small != word.plain
                or word.plain not in self.lists.given_plain | self.lists.family_plain
            ):
                break
            length += 1
        return length if length > 2 and self.words[here].plain in self.lists.family_plain else 0

    def _nickname(self, here: int) -> int:
        """Return the length of a name like "Tư Ếch"."""
        if self.words[here].small not in ORDER or here == 0 or self.words[here - 1].plain in WHERE:
            return 0
        length = self._extended(here, True, self.given)
        return length if length > 1 and self._key(here + 1) not in self.not_names else 0

    def _given_names(self, here: int) -> int:
        """Return the length of several given names in a row, where they stand for no place."""
        key, place = self._key(here), here and self.words[here - 1].plain in WHERE
        if (
            place
            or key not in self.given
            or key in BEFORE_PLACES
            or key in self.lists.titles
            or self._compound(here, False)
        ):
            return 0
        length = self._extended(here, False, self.given)
        everyday = any(
            (a.plain, b.plain) in self.lists.compounds for a, b in pairwise(self.words[here : here + length])
        )
        return length if length > 1 and not everyday else 0

    def _begins(self, here: int, loose: bool) -> bool:
        word, key = self.words[here], self._key(here)
        if self._big(here):
            if self._titled_short(here):
                return key in self.given
            if len(key) == 1:
                return loose
            if self._compound(here, always=False):
                return False
            return key in self.given or key in self.family or (loose and key not in self.not_names)
        if not loose or self._titled_short(here) or self._compound(here, False) or self._compound(here - 1, False):
            return False
        shouted = word.capital and self.marked
        return key in (self.given if shouted else self.given_small) or self._two_given(here)

    def _two_given(self, here: int) -> bool:
        """Return whether an everyday word in small letters is the first part of a name of two: "thu hằng"."""
        if not self.marked or here + 1 >= len(self.words) or not self._one_name(here):
            return False
        return (
            not self.words[here + 1].capital
            and self._key(here) in self.given
            and self._key(here + 1) in self.given_small
            and self._key(here + 1) != "anh"
        )

    def _extended(self, here: int, loose: bool, small: frozenset[str]) -> int:
        end = here + 1
        while (
            end < min(here + LONGEST, len(self.words))
            and self._one_name(end - 1)
            and self._goes_on(here, end, loose, small)
        ):
            end += 1
        return end - here

    def _goes_on(self, here: int, end: int, loose: bool, small: frozenset[str]) -> bool:
        key = self._key(end)
        if not key[0].isalpha() or self._compound(end, always=False):
            return False
        if self._big(here):
            listed = key in self.given or key in self.family
            return self._big(end) and (listed or (loose and self.words[end].small not in OFFICES))
        if not self.marked and key in ENDS_PLAIN and key not in MIDDLE and self.words[end - 1].plain not in MIDDLE:
            return False
        return key in small and self.words[end].capital == self.words[here].capital

    def _compound(self, here: int, always: bool) -> bool:
        """Return whether an everyday word of two syllables begins here; two capitals make a name of most of them."""
        if not 0 <= here < len(self.words) - 1 or not self.words[here].gap.isspace():
            return False
        pair = (self.words[here].plain, self.words[here + 1].plain)
        two_names = self._big(here) and self._big(here + 1) and self._key(here + 1) in self.given
        return pair in (self.lists.compounds_always if two_names or always else self.lists.compounds)

    def _titled(self, here: int) -> bool:
        if here == 0 or not self._one_name(here - 1):
            return False
        before = self.words[here - 1]
        if before.small not in self.lists.titles and (self.marked or before.plain not in self._titles_plain(here)):
            return False
        return before.small not in ABBREVIATED or self._big(here)

    def _titles_plain(self, here: int) -> frozenset[str]:
        return self.lists.titles_any if self._big(here) else self.lists.titles_plain

    def _titled_short(self, here: int) -> bool:
        return here > 0 and self.words[here - 1].small in ABBREVIATED

    def _says(self, here: int, phrases: Phrases) -> bool:
        return bool(phrases.before(self.words, here)) and SAYING.fullmatch(self.words[here - 1].gap) is not None

    def _meets(self, here: int) -> bool:
        if here == 0 or not self.words[here - 1].gap.isspace():
            return False
        before = self.words[here - 1]
        return before.small == "tới" or before.plain in MEETS or bool(KIN.before(self.words, here))

    def _listed(self, here: int) -> bool:
        """Return whether a name stands before, and no more than a comma in between."""
        if here == 0 or self.words[here - 1].gap.strip() != ",":
            return False
        return self.named_until == here or self.words[here - 1].small[0] == MASKED_NAME

    def _in_place(self, here: int) -> bool:
        if here == 0 or not self._one_name(here - 1):
            return False
        before = self.words[here - 1]
        return before.small in BEFORE_PLACES or (not self.marked and before.plain in BEFORE_PLACES_PLAIN)

    def _one_name(self, here: int) -> bool:
        """Return whether a word and the next one can be of one name: a blank or a dot of an abbreviation between."""
        word = self.words[here]
        return (word.gap.isspace() and "\n" not in word.gap) or (
            len(word.small) < 4 and BLANK.fullmatch(word.gap) is not None
        )

    def _big(self, here: int) -> bool:
        return self.cased and self.words[here].capital

    def _key(self, here: int) -> str:
        word: Word = self.words[here]
        return word.small if self.marked else word.plain
