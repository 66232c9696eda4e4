"""A questionnaire as a document: read from YAML with the place of everything in it, written back, walked through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from survey.errors import ImportRefused
from survey.i18n import msgid, nfc
from survey.models import Texts
from survey.settings import DATA

BANK = DATA / "questionnaires.yaml"
REQUIRED_LANGUAGES = ("vi", "en")
SHARED = ("method_note", "scales", "factors", "texts")
MOST_BYTES = 1_000_000
DEEPEST = 20
NOT_LANGUAGES = frozenset({"id", "map"})
Step = str | int
At = tuple[Step, ...]  # where in a document: ("sections", 0, "items", 2, "vi")


@dataclass(frozen=True)
class DocumentFault:
    """One fault of a questionnaire: where, and a msgid with the values that fill it; line and column if from a file."""

    path: At
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    column: int = 0


@dataclass
class Source:
    """A YAML file's content, and the line and column (from 1) at which each part of it begins."""

    content: Any
    marks: dict[At, tuple[int, int]]

    def place(self, path: At) -> tuple[int, int]:
        """Return the line and column of a part, or of the nearest part around it."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))


def read(text: str) -> Source:
    """Read a YAML file.

    Raises:
        ImportRefused: it is no YAML, too large, too deep, or says the same key twice; carries the faults.
    """
    if len(text.encode()) > MOST_BYTES:
        raise ImportRefused(msgid("This file is too large for a questionnaire."))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise refused(
            [DocumentFault((), msgid("This is not valid YAML: %(problem)s"), {"problem": error.problem}, *place)]
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise refused([DocumentFault((), msgid("This is not a questionnaire file."), {}, 1, 1)]) from error
    builder = _Builder()
    content = builder.built(node, ()) if node is not None else None
    if builder.faults:
        raise refused(builder.faults)
    return Source(content, builder.marks)


def refused(faults: list[DocumentFault]) -> ImportRefused:
    """Return the error that names all faults of a file."""
    message = msgid("The questionnaire has %(number)s faults. Nothing was imported; correct them and import it again.")
    return ImportRefused(message, sorted(faults, key=lambda fault: (fault.line, fault.column)), number=len(faults))


class _Builder:
    """Makes plain values of YAML nodes and notes where each begins."""

    def __init__(self) -> None:
        self.marks: dict[At, tuple[int, int]] = {}
        self.faults: list[DocumentFault] = []
        self.seen: set[int] = set()

    def built(self, node: yaml.Node, path: At) -> Any:
        place = self.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.ScalarNode):
            value = _scalar(node)
            return nfc(value) if isinstance(value, str) else value
        if id(node) in self.seen or len(path) > DEEPEST:
            self.faults.append(
                DocumentFault(path, msgid("Please write this out: references (&, *) are not taken."), {}, *place)
            )
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.built(value, (*path, i)) for i, value in enumerate(node.value)]
        mapping: dict[str, Any] = {}
        for name, value in node.value:
            key = str(name.value) if isinstance(name, yaml.ScalarNode) else "?"
            if key in mapping:
                where = (name.start_mark.line + 1, name.start_mark.column + 1)
                self.faults.append(
                    DocumentFault((*path, key), msgid("“%(key)s” stands here twice."), {"key": key}, *where)
                )
                continue
            mapping[key] = self.built(value, (*path, key))
        return mapping


def _scalar(node: Any) -> Any:
    """Return text, a whole number, a truth value or nothing; everything else stays the text that was written."""
    kind = node.tag.rpartition(":")[2]
    if kind in ("int", "bool", "null"):
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            return str(node.value)
        finally:
            loader.dispose()
    return str(node.value)


def documents(source: str) -> list[dict[str, Any]]:
    """Return the questionnaires of a YAML bank, each with the scales, factors and texts that it uses."""
    return parts(read(source).content)


def parts(bank: Any) -> list[dict[str, Any]]:
    """Return the questionnaires of a bank's content; a bank that is none gives none."""
    if not isinstance(bank, dict) or not isinstance(bank.get("questionnaires"), list):
        return []
    shared = {name: bank[name] for name in SHARED if name in bank}
    return [{**shared, **document} for document in bank["questionnaires"] if isinstance(document, dict)]


def written(document: Mapping[str, Any]) -> str:
    """Return a questionnaire as a YAML bank of its own; `documents` reads the same document back."""
    shared = {name: document[name] for name in SHARED if name in document}
    own = {name: value for name, value in document.items() if name not in SHARED}
    bank = {"schema_version": 1, **shared, "questionnaires": [own]}
    return str(yaml.safe_dump(bank, allow_unicode=True, sort_keys=False, width=100))


def items(document: Mapping[str, Any], unasked: bool = False) -> Iterator[tuple[At, dict[str, Any]]]:
    """Yield each question with where it stands, its section's scale and its group's factor filled in.

    `unasked` yields also the questions that are kept but not asked.
    """
    for at, section in sections(document):
        scale: dict[str, Any] = {name: section[name] for name in ("scale", "allow_na") if name in section}
        for below, group in groups(section):
            factor = {"factor": group["factor"]} if group.get("factor") else {}
            for i, item in listed(group, "items"):
                if unasked or item.get("enabled_by_default", True):
                    rated = scale if item.get("type", "scale") in ("scale", "grid") else {}
                    yield (*at, *below, "items", i), {**rated, **factor, **item}


def sections(document: Mapping[str, Any]) -> list[tuple[At, dict[str, Any]]]:
    """Return the sections with where they stand; a questionnaire without sections is its own only one."""
    return [(("sections", i), section) for i, section in listed(document, "sections")] or [((), dict(document))]


def groups(section: Mapping[str, Any]) -> list[tuple[At, dict[str, Any]]]:
    """Return the groups of a section with where they stand; a section without groups is its own only one."""
    return [(("groups", i), group) for i, group in listed(section, "groups")] or [((), dict(section))]


def listed(holder: Mapping[str, Any], name: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the entries under a name that are mappings, each with its place in the list."""
    value = holder.get(name)
    entries = enumerate(value) if isinstance(value, list) else ()
    return [(i, entry) for i, entry in entries if isinstance(entry, dict)]


def part_at(document: Any, at: At) -> Any:
    """Return what stands at a place of a document."""
    for key in at:
        document = document[key]
    return document


def texts(entry: Mapping[str, Any]) -> Texts:
    """Return an entry's texts by language: every key of two or three letters, so that a third language is data."""
    return {
        name: str(value)
        for name, value in entry.items()
        if len(name) in (2, 3) and name not in NOT_LANGUAGES and isinstance(value, str)
    }
