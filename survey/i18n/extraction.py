"""Collect the texts of the product into its catalogues."""

from __future__ import annotations

import ast
import importlib.resources
import inspect
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

from survey import errors
from survey.settings import ROOT, SettingsError

FRAME = "frame.po"
FOLDERS = ("survey", "migrations")  # what speaks to people
BORROWED = {  # what others say to people through us: they ship no Vietnamese
    "wtforms": ("validators.py", "fields/choices.py", "fields/core.py", "csrf/core.py"),
    "click": ("core.py", "decorators.py", "exceptions.py", "formatting.py", "parser.py", "termui.py", "types.py"),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def _errors() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield our errors by name, each with the place of its message among what it is given."""
    for error in (*vars(errors).values(), SettingsError):
        given = list(inspect.signature(error).parameters) if inspect.isclass(error) else []
        if "message" in given:
            yield error.__name__, (given.index("message") + 1,)


KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "msgid"), (1,)),
    "ngettext": (1, 2),
    **dict(_errors()),
}


def extracted() -> Catalog:
    """Return every msgid of the product, with the help of its commands, and of what it borrows from others."""
    texts = Catalog(project="Hài Lòng", charset="utf-8")
    texts.add(errors.InvalidAnswers({}).message)
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    for folder in FOLDERS:
        for _file, _line, message, _comments, context in extract_from_dir(ROOT / folder, METHODS, options, KEYWORDS):
            texts.add(message, context=context)
    for package, names in BORROWED.items():
        home = Path(str(importlib.resources.files(package)))
        for name in names:
            for _line, message, _comments, context in extract_from_file("python", home / name, KEYWORDS):
                texts.add(message, context=context)
    for path in (ROOT / "survey" / "cli.py", *(ROOT / "survey" / "commands").glob("*.py")):
        for text in helps(path.read_text(encoding="utf-8")):
            texts.add(text)
    return texts


def helps(source: str) -> Iterator[str]:
    """Yield the help of the commands and options in a source, as it is looked up.

    >>> list(helps("imports = AppGroup('import', help='Import  tables.')"))
    ['Import tables.']
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            calls = [call.func for call in node.decorator_list if isinstance(call, ast.Call)]
            if any(getattr(call, "attr", "") in ("command", "group") for call in calls):
                yield help_text(ast.get_docstring(node) or "")
        elif isinstance(node, ast.keyword) and node.arg == "help" and isinstance(node.value, ast.Constant):
            yield help_text(str(node.value.value))


def help_text(text: str) -> str:
    """Return a help text with its line breaks left to the printer; paragraphs stay."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def update(folder: Path) -> dict[str, list[str]]:
    """Bring every catalogue and frame up to date; return by language the msgids that still lack a translation.

    A frame is a catalogue in the making (`FRAME`): nobody is offered its language, and it may lack what it likes.
    """
    template = extracted()
    missing: dict[str, list[str]] = {}
    for path in sorted([*folder.glob("*/LC_MESSAGES/messages.po"), *folder.glob(f"*/LC_MESSAGES/{FRAME}")]):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, language)
        catalogue.update(deepcopy(template), no_fuzzy_matching=True)  # it keeps the template's own messages
        catalogue.obsolete.clear()
        for message in catalogue:
            if language == "en" and message.id and not complete(message.string):
                message.string = message.id
        with path.open("wb") as file:
            write_po(
                file, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False, no_location=True
            )
        if path.name == FRAME:
            continue
        missing[language] = [str(m.id) for m in catalogue if m.id and not complete(m.string)]
    return missing


def complete(translation: str | list[str] | tuple[str, ...] | None) -> bool:
    """Return whether every form of a translation is there."""
    return all(translation) if isinstance(translation, (list, tuple)) else bool(translation)
