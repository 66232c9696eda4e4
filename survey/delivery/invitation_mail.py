"""An invitation as an HTML part: the question with its answers as links to the page, in every language of the message.

Nothing is fetched and nothing tracks: no picture, no outside style, and each link is the person's own, with the chosen
answer marked. It keeps its contrast where a mail program is dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from survey.i18n import gettext, text
from survey.models import Texts
from survey.questionnaires import Questionnaire
from survey.settings import DATA, STATIC

_COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b")


@dataclass(frozen=True)
class InvitationWords:
    """What an invitation says in one language, the link apart."""

    greeting: str
    asked: str
    opening: str
    until: str
    genuine: str
    thanks: str
    signature: str


@dataclass(frozen=True)
class MailContext:
    """What stands in a message beside its own words: the question with its answers, and whether data are real."""

    question: Texts = field(default_factory=dict)
    levels: tuple[tuple[str, Texts], ...] = ()  # value and words, worst first; none where several pages are asked
    demo: bool = False


@dataclass(frozen=True)
class LevelLink:
    """One answer: its value, its words, and the page with it marked."""

    value: str
    words: str
    link: str = field(repr=False)


@dataclass(frozen=True)
class MailPart:
    """An invitation in one language."""

    language: str
    words: InvitationWords
    question: str
    levels: Sequence[LevelLink]
    how: str
    link: str = field(repr=False)


def context(questionnaire: Questionnaire | None, demo: bool) -> MailContext:
    """Return what invitations ask, if anything has been published."""
    if questionnaire is None or questionnaire.paged:
        return MailContext(demo=demo)
    target = questionnaire.target
    return MailContext(target.text, tuple((option.value, option.text) for option in target.options), demo)


def part(language: str, words: InvitationWords, asked: MailContext, link: str) -> MailPart:
    """Return an invitation in the language in use; its links open the page in it, and mark the answer at most."""
    own = f"{link}?lang={language}"
    levels = [LevelLink(value, text(level), f"{own}&level={value}") for value, level in asked.levels]
    how = gettext("Choose an answer to open the page, and send it there. If that does not work, open this address:")
    return MailPart(language, words, text(asked.question), levels, how, own)


def html(parts: Sequence[MailPart], sender: str, subject: str, demo: str, link: str) -> str:
    """Return the whole HTML part; `demo` is what marks a demonstration, or nothing."""
    light, dark = colours()
    return _template().render(
        parts=parts, sender=sender, subject=subject, demo=demo, link=link.partition("://")[2], light=light, dark=dark
    )


@cache
def colours() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the colours of tokens.css, in light and in dark, by name.

    >>> light, dark = colours()
    >>> light["paper"], dark["paper"]
    ('#fff', '#12191d')
    """
    style = (STATIC / "tokens.css").read_text(encoding="utf-8")
    first, _dark_mode, rest = style.partition("@media (prefers-color-scheme: dark)")
    light = dict(_COLOUR.findall(first))
    return light, light | dict(_COLOUR.findall(rest.partition("@media")[0]))


@cache
def _template() -> Template:
    env = Environment(loader=FileSystemLoader(DATA), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return env.get_template("invitation_mail.html")
