"""The themes of comments: a transparent list of words that the province edits, and nothing that guesses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.i18n import msgid, nfc, plain_words
from survey.models import Comment, StoredTheme, Texts
from survey.organisation.agencies import revise
from survey.questionnaires import REQUIRED_LANGUAGES
from survey.settings import DATA

SHIPPED = DATA / "themes.yaml"
MOST_THEMES, MOST_PHRASES, LONGEST_NAME, LONGEST_PHRASE = 40, 200, 80, 60
ThemeFault = tuple[int, str, dict[str, Any]]  # of which theme of the form, a msgid, its values

_NO_NAME = msgid("Write the name in every language.")
_LONG_NAME = msgid("Shorten the name to %(most)s characters.")
_NO_PHRASE = msgid("Write at least one word or phrase, or leave the name empty to remove the theme.")
_MANY_PHRASES = msgid("Write at most %(most)s phrases.")
_BAD_PHRASE = msgid("“%(phrase)s” cannot be looked for: it needs a letter or digit, and at most %(most)s characters.")
_TWICE = msgid("There is another theme with this name.")
_MANY_THEMES = msgid("Keep at most %(most)s themes.")


@dataclass(frozen=True)
class Theme:
    """A theme by its code, which stays while its name changes, with the phrases as people write them."""

    code: str
    name: Texts
    phrases: tuple[str, ...]


def themes(session: Session) -> tuple[Theme, ...]:
    """Return the themes in their order: those of the province or, while it has none of its own, the shipped ones."""
    rows = session.scalars(sa.select(StoredTheme).order_by(StoredTheme.place, StoredTheme.id)).all()
    return tuple(Theme(row.code, row.name, tuple(row.phrases)) for row in rows) or _shipped()


def holds(theme: Theme) -> sa.ColumnElement[bool]:
    """Return the condition that a comment is about a theme: it holds one of its phrases, as whole words."""
    return sa.or_(*[Comment.plain.contains(plain_words(phrase), autoescape=True) for phrase in theme.phrases])


def read(
    entries: Sequence[Mapping[str, str]], before: Sequence[Theme] = ()
) -> tuple[tuple[Theme, ...], list[ThemeFault]]:
    """Return the themes that a form holds, and what is wrong with them.

    An entry has `code` (of one of the themes `before`, or it is a new one), the name in each language and `phrases`,
    one in a line; one without any name is left out.
    """
    listed: list[Theme] = []
    faults: list[ThemeFault] = []
    kept = {theme.code for theme in before}
    for place, entry in enumerate(entries):
        name = {language: nfc(entry.get(language, "")).strip() for language in REQUIRED_LANGUAGES}
        if not any(name.values()):
            continue
        lines = [" ".join(nfc(line).split()) for line in entry.get("phrases", "").splitlines()]
        phrases = tuple(dict.fromkeys(line for line in lines if line))
        code, used = entry.get("code", ""), {theme.code for theme in listed}
        theme = Theme(code if code in kept - used else _code(name, kept | used), name, phrases)
        faults += [(place, message, values) for message, values in _faults(theme, listed)]
        listed.append(theme)
    if len(listed) > MOST_THEMES:
        faults.append((len(entries) - 1, _MANY_THEMES, {"most": MOST_THEMES}))
    return tuple(listed), faults


def save(session: Session, listed: Sequence[Theme], when: dt.datetime, staff_id: int) -> None:
    """Put a list in the place of the one before, on record; an empty one gives way to the shipped list."""
    session.execute(sa.delete(StoredTheme))
    rows = [
        {"code": theme.code, "place": place, "name": theme.name, "phrases": list(theme.phrases)}
        for place, theme in enumerate(listed)
    ]
    if rows:
        session.execute(sa.insert(StoredTheme), rows)
    revise(session)
    trail.append(session, staff_id, Act.THEMES_SAVED, when, themes=len(rows))


def _faults(theme: Theme, before: Sequence[Theme]) -> list[tuple[str, dict[str, Any]]]:
    faults: list[tuple[str, dict[str, Any]]] = []
    if not all(theme.name.values()):
        faults.append((_NO_NAME, {}))
    if any(len(words) > LONGEST_NAME for words in theme.name.values()):
        faults.append((_LONG_NAME, {"most": LONGEST_NAME}))
    if any(other.name["vi"].casefold() == theme.name["vi"].casefold() for other in before):
        faults.append((_TWICE, {}))
    if not theme.phrases:
        faults.append((_NO_PHRASE, {}))
    if len(theme.phrases) > MOST_PHRASES:
        faults.append((_MANY_PHRASES, {"most": MOST_PHRASES}))
    strange = [phrase for phrase in theme.phrases if not plain_words(phrase) or len(phrase) > LONGEST_PHRASE]
    return faults + [(_BAD_PHRASE, {"phrase": phrase[:80], "most": LONGEST_PHRASE}) for phrase in strange[:1]]


def _code(name: Texts, used: set[str]) -> str:
    words = plain_words(name["vi"] or name["en"]).split()
    stem = "_".join(words)[:32] or "theme"
    return next(code for number in count(1) if (code := stem if number == 1 else f"{stem}_{number}") not in used)


@cache
def _shipped() -> tuple[Theme, ...]:
    rows = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return tuple(Theme(row["code"], row["name"], tuple(map(str, row["phrases"]))) for row in rows)
