"""Make a language that nobody speaks, from data alone: every English letter gets a mark."""

from __future__ import annotations

import copy
import datetime as dt
import re
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from sqlalchemy.orm import Session

from survey import questionnaires

LETTERS = str.maketrans("aceghijlnorstuwyz", "àčęğħįĵłñøŕšţůŵýž")
PLACEHOLDERS = re.compile(r"(%\(\w+\)[sd.\d]*f?|%%|<[^>]+>|\{\w+\})")


def pseudo_text(text: str) -> str:
    """Return an English text in the pseudo-language; placeholders and tags stay.

    >>> pseudo_text("%(count)d answers")
    '%(count)d àñšŵęŕš'
    """
    parts = PLACEHOLDERS.split(text)
    return "".join(part if i % 2 else part.translate(LETTERS) for i, part in enumerate(parts))


def pseudo(folder: Path, language: str) -> None:
    """Write the catalogue of the pseudo-language beside the others."""
    with (folder / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        english = read_po(file, "en")
    made = Catalog(locale=language, charset="utf-8")
    for message in english:
        if message.id:
            string = message.string
            said = tuple(map(pseudo_text, string)) if isinstance(string, (list, tuple)) else pseudo_text(str(string))
            made.add(message.id, said, context=message.context)
    path = folder / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, made)


def publish_pseudo(session: Session, language: str) -> None:
    """Publish a new version of each questionnaire that also holds the pseudo-language, and name the agencies in it."""
    from survey.models import Agency, Procedure

    for document in questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8")):
        added: Any = _with_language(copy.deepcopy(document), language)
        added["version"] = "99.0"
        questionnaires.publish(session, added, dt.datetime.now(dt.UTC))
    for kind in (Agency, Procedure):
        for row in session.query(kind):
            row.name = {**row.name, language: pseudo_text(row.name["en"])}


def _with_language(node: Any, language: str) -> Any:
    if isinstance(node, dict):
        if isinstance(node.get("en"), str):
            node[language] = pseudo_text(node["en"])
        return {key: _with_language(value, language) for key, value in node.items()}
    return [_with_language(value, language) for value in node] if isinstance(node, list) else node
