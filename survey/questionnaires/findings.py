"""Gathers the faults of a questionnaire, with the checks that every kind of entry shares."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from survey.i18n import language_name, length, msgid
from survey.questionnaires.document import REQUIRED_LANGUAGES, At, DocumentFault

LANGUAGE = re.compile(r"[a-z]{2,3}")
VALUE = re.compile(r"[A-Za-z0-9_+-]{1,20}")
LONGEST_OPTION = 200
TEXT_KEYS = frozenset(("id", "value", "map"))


class DocumentFaults:
    """The faults found so far, in the order in which they were met."""

    def __init__(self) -> None:
        self.faults: list[DocumentFault] = []

    def add(self, at: At, message: str, **values: Any) -> None:
        """Name a fault."""
        self.faults.append(DocumentFault(at, message, values))

    def unknown_keys(self, at: At, entry: Mapping[str, Any], keys: Collection[str], texts: bool = False) -> None:
        """Name every key that means nothing here: a slip of the pen would otherwise be taken for silence."""
        for key in entry:
            if key not in keys and not (texts and LANGUAGE.fullmatch(key)):
                self.add((*at, key), msgid("“%(key)s” is not known here."), key=key)

    def texts(self, at: At, entry: Any, longest: int) -> None:
        """Name every missing, empty or too long text of an entry, in each language that there must be."""
        held = entry if isinstance(entry, dict) else {}
        for language in REQUIRED_LANGUAGES:
            if not isinstance(held.get(language), str) or not held[language].strip():
                self.add(
                    (*at, language), msgid("The text in %(language)s is missing."), language=language_name(language)
                )
        for language, text in held.items():
            if (
                LANGUAGE.fullmatch(language)
                and language not in TEXT_KEYS
                and isinstance(text, str)
                and length(text) > longest
            ):
                self.add(
                    (*at, language),
                    msgid("This text has %(length)s characters; at most %(limit)s fit."),
                    length=length(text),
                    limit=longest,
                )

    def options(self, options: Sequence[tuple[At, Mapping[str, Any]]], at: At) -> None:
        """Check what can be chosen: at least two answers, each with a value of its own and its words."""
        if len(options) < 2:
            self.add(at, msgid("There must be at least two answers to choose from."))
        for place, option in options:
            self.unknown_keys(place, option, TEXT_KEYS, texts=True)
            if not VALUE.fullmatch(str(option.get("value", ""))):
                self.add((*place, "value"), msgid("A value is made of letters, digits, _, + and -, at most 20."))
            self.texts(place, option, LONGEST_OPTION)
        self.each_once(
            [((*place, "value"), str(option.get("value"))) for place, option in options],
            msgid("The value “%(code)s” stands for two answers."),
        )

    def each_once(self, coded: Iterable[tuple[At, Any]], message: str) -> None:
        """Name every code that stands a second time."""
        seen: set[str] = set()
        for at, code in coded:
            if str(code) in seen:
                self.add(at, message, code=code)
            seen.add(str(code))
