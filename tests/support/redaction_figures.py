"""How well redaction finds what is marked in sentences: `{phone:0912 345 678}` is to be taken out, all else to stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from survey.redaction.kinds import Kind, Passage
from survey.redaction.redacting import passages_of

FOLDER = Path(__file__).parents[1] / "redaction"
BUILDING, HELD_OUT = (FOLDER / f"sentences_{name}.txt" for name in ("building", "held_out"))
MARK = re.compile(r"\{(\w+):([^}]*)\}")


@dataclass(frozen=True)
class Sentence:
    """A sentence, and what is to be taken out of it."""

    text: str
    marked: list[Passage]


@dataclass
class Figures:
    """What was found: numbers and addresses, names, officers as such; and how many words were taken for nothing."""

    identifiers: int = 0
    identifiers_found: int = 0
    names: int = 0
    names_found: int = 0
    officers: int = 0
    officers_told: int = 0
    words: int = 0
    words_lost: int = 0
    missed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def count(self, sentence: Sentence) -> None:
        """Count one sentence."""
        spans = passages_of(sentence.text)
        taken = {place for span in spans for place in range(span.start, span.end)}
        for mark in sentence.marked:
            whole = all(i in taken or not sentence.text[i].isalnum() for i in range(mark.start, mark.end))
            self.identifiers += not mark.kind.of_a_person
            self.identifiers_found += whole and not mark.kind.of_a_person
            self.names += mark.kind.of_a_person
            self.names_found += whole and mark.kind.of_a_person
            self.officers += mark.kind is Kind.OFFICER
            kinds = {span.kind for span in spans if span.start < mark.end and mark.start < span.end}
            self.officers_told += mark.kind is Kind.OFFICER and kinds == {Kind.OFFICER}
            self.missed += [] if whole else [f"{sentence.text[mark.start : mark.end]} in: {sentence.text}"]
        marked = {place for mark in sentence.marked for place in range(mark.start, mark.end)}
        for word in re.finditer(r"\w+", sentence.text):
            places = set(range(*word.span()))
            self.words += not places & marked
            if not places & marked and places & taken:
                self.words_lost += 1
                self.lost.append(f"{word.group()} in: {sentence.text}")


def sentences(path: Path) -> Iterator[Sentence]:
    """Yield the sentences of a file."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield _sentence(line)


def figures(path: Path) -> Figures:
    """Return the figures of all sentences of a file."""
    counted = Figures()
    for sentence in sentences(path):
        counted.count(sentence)
    return counted


def _sentence(line: str) -> Sentence:
    text, marked, here = "", [], 0
    for mark in MARK.finditer(line):
        text += line[here : mark.start()]
        marked.append(Passage(len(text), len(text) + len(mark[2]), Kind[mark[1].upper()]))
        text += mark[2]
        here = mark.end()
    return Sentence(text + line[here:], marked)
