"""The scale that people answered on: which text means which rating, and from which on they are satisfied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

NO_ANSWER = 0
_SILENT = "|9|na|n/a|nan|null|-|–|no opinion|don't know|not applicable|không có ý kiến|không biết|không trả lời"
_SILENT += "|no answer|no response|refused|not sure|unsure|prefer not to say|#null!"
MISSING = tuple(_SILENT.split("|"))
_TEXTS = {
    1: "rất không hài lòng|rất chưa hài lòng|hoàn toàn không hài lòng|very dissatisfied|very unsatisfied"
    "|extremely dissatisfied|completely dissatisfied|hoàn toàn không đồng ý|rất không đồng ý|strongly disagree",
    2: "không hài lòng|chưa hài lòng|dissatisfied|unsatisfied|somewhat dissatisfied|không đồng ý|disagree"
    "|fairly dissatisfied|mostly dissatisfied|somewhat disagree|tend to disagree",
    3: "bình thường|trung lập|neutral|neither satisfied nor dissatisfied|neither dissatisfied nor satisfied"
    "|neither satisfied or dissatisfied|neither agree nor disagree",
    4: "hài lòng|satisfied|somewhat satisfied|đồng ý|agree|fairly satisfied|mostly satisfied"
    "|somewhat agree|tend to agree",
    5: "rất hài lòng|hoàn toàn hài lòng|very satisfied|extremely satisfied|completely satisfied|hoàn toàn đồng ý"
    "|rất đồng ý|strongly agree",
}
NUMBER_FIRST = re.compile(r"[(\[]?a?(\d{1,3})(?:[.,]0+)?(?:/(\d{1,3}))?[)\]]?(?:[\s\-–—:.=)]+([^\s\d][^\d]*)?)?")
NUMBER_LAST = re.compile(r"([^\d]*[^\d\s.,\-–—:=])[\s\-–—:=]*[(\[]?(\d{1,3})[)\]]?")


def without_accents(text: str) -> str:
    """Return a word as it is compared: without capitals, accents, invisible signs and doubled blanks.

    >>> without_accents(" RẤT  hài lòng ")
    'rat hai long'
    """
    letters = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d").replace("’", "'")
    return " ".join("".join(c for c in letters if not unicodedata.category(c).startswith(("M", "Cf"))).split())


WORDS = {without_accents(word): rating for rating, texts in _TEXTS.items() for word in texts.split("|")}


@dataclass(frozen=True)
class Scale:
    """Ratings from `low` to `high`, of which those from `satisfied_from` on are satisfied.

    `reverse`: in the file the lowest number is the best. `words`: what words mean, as ratings whose highest is the
    best; on 1 to 5 the usual ones in Vietnamese and English are there already. `missing`: texts that mean no answer.
    """

    low: int = 1
    high: int = 5
    satisfied_from: int = 4
    reverse: bool = False
    words: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = MISSING

    @property
    def size(self) -> int:
        """Return how many different ratings there are."""
        return self.high - self.low + 1

    @property
    def five(self) -> bool:
        """Tell whether it is the scale of 1 to 5, of which levels and mean scores are made."""
        return (self.low, self.high) == (1, 5)

    def place(self, rating: int) -> int:
        """Return the place of a rating on the scale, from 1: on 1 to 5 the rating itself."""
        return rating - self.low + 1

    def read(self, text: str) -> float:
        """Return the place on the scale that a text means, 0 where it means no answer.

        A number, a word, or both ("4 - Hài lòng", "Satisfied (4)"), which must agree; "A4" is the code that survey
        programs write.

        Raises:
            ValueError: a text that is no rating, or whose number and word contradict each other; says what to do.

        >>> [Scale().read(text) for text in ("4", "5.0", "No opinion", "rất HÀI lòng", "4 - Hài lòng", "A4")]
        [4, 5, 0, 5, 4, 4]
        """
        word = without_accents(text)
        if re.sub(r"[.,]0+$", "", word) in self._silent():
            return NO_ANSWER
        rating = self._words().get(word)
        if rating is None:
            rating = self._numbered(word, text)
        if rating is None or not self.low <= rating <= self.high:
            raise ValueError(
                f"{text.strip()!r} is not a rating from {self.low} to {self.high}: say a longer scale as --scale 1-10"
                " --satisfied-from 9, what a word means as --words 'WORD=4'; correct it, or name it with --missing"
                " only if it means that nobody answered"
            )
        return self.place(rating)

    def _numbered(self, word: str, text: str) -> int | None:
        first, last = NUMBER_FIRST.fullmatch(word), NUMBER_LAST.fullmatch(word)
        if first:
            number, beside = int(first[1]), first[3] or ""
            if first[2] and int(first[2]) != self.high:
                return None
        elif last:
            number, beside = int(last[2]), last[1]
        else:
            return None
        if beside and number < self.low:
            return None
        rating = self.low + self.high - number if self.reverse else number
        meant = self._words().get(beside.strip(" -–—:.=()[]"))
        if last and not first and meant is None:
            return None  # a word that nobody knows does not become a rating by a number behind it
        if meant is not None and meant != rating:
            raise ValueError(f"{text.strip()!r}: the word says {meant} of {self.high}; if 1 is the best, say --reverse")
        return rating

    def _words(self) -> Mapping[str, int]:
        given = {without_accents(word): rating for word, rating in self.words.items()}
        return {**WORDS, **given} if self.five else given

    def _silent(self) -> set[str]:
        usual = self.missing is MISSING
        return {"", *(word for word in map(without_accents, self.missing) if not (usual and self._on_scale(word)))}

    def _on_scale(self, word: str) -> bool:
        return word.isdecimal() and self.low <= int(word) <= self.high
