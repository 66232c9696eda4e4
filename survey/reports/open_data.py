"""Published results as open data: a Frictionless data package of .csv, .json, dictionary, licence and checksums.

All of it is written from what was published, without a look at the database: the two files of figures are the same
bytes for ever.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from survey.i18n import DEFAULT, gettext, language_name, languages, msgid, speaking, text
from survey.periods import local_day, parse
from survey.reports.call_back_columns import CALL_BACK
from survey.reports.columns import ABOUT, CASES, CODE, LEVELS, RESULTS, WITHHELD, RecordColumn, Value
from survey.reports.csv import KINDS, table_text
from survey.results import published
from survey.results.period_names import period_words
from survey.results.published import PublishedDocument

JSON, CSV, DICTIONARY, LICENCE = "results.json", "results.csv", "dictionary.csv", "LICENSE.txt"
PACKAGE, CHECKSUMS = "datapackage.json", "SHA256SUMS"
FOR_EVER = frozenset({JSON, CSV})  # files that never change; the others say more in a later version of the product
MEDIA_TYPES = {
    JSON: "application/json",
    CSV: "text/csv",
    DICTIONARY: "text/csv",
    LICENCE: "text/plain",
    PACKAGE: "application/json",
    CHECKSUMS: "text/plain",
}
LICENCE_NAME, LICENCE_TITLE = "CC-BY-4.0", "Creative Commons Attribution 4.0 International"
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
_TYPES = {"day": "date", "count": "integer", "share": "number", "limit": "number", "score": "number", "flag": "boolean"}
_ABOUT = ("agency", "period", "basis", "first_day", "last_day", "as_of", "demo", "target", "confidence", "line")
_TITLE = msgid("Satisfaction with online public services, %(agency)s, %(period)s")
_DESCRIPTION = msgid(
    "Answers by invitation of people and businesses whose case was finished, for the province and each of its units, "
    "as they were frozen when the period was closed. Where few people answered it is only said how many, so that "
    "nobody can be recognised."
)
_LICENCE = msgid(
    "These data may be shared and adapted by everybody for any purpose, if %(agency)s is named as their source "
    "(licence: %(licence)s, %(address)s)."
)
_DEMO = msgid("These are demonstration data: they are about no real person and no real case.")


def files(document: PublishedDocument, homepage: str) -> dict[str, bytes]:
    """Return the files of the package by their names; `homepage` is the page on which people read the figures."""
    content = {
        JSON: published.written(document),
        CSV: _table(document).encode(),
        DICTIONARY: _dictionary(document).encode(),
        LICENCE: _licence(document).encode(),
    }
    content[PACKAGE] = _package(document, homepage, content)
    sums = (f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content))
    return {**content, CHECKSUMS: "".join(sums).encode()}


def columns(document: PublishedDocument) -> Iterator[RecordColumn]:
    """Yield the columns of the .csv in their order; a name has one for each language that the document has."""
    yield from (one for one in ABOUT if one.key in _ABOUT)
    yield CODE
    for language in sorted(document["agency"]["name"], key=lambda one: (one != DEFAULT, one)):
        head = gettext("Name (%(language)s)", language=language_name(language))
        yield RecordColumn(f"name.{language}", head, "long", msgid("Name of the unit or procedure in this language."))
    yield from (WITHHELD, *RESULTS, *LEVELS)
    yield from (one for one in CASES if one.key in published.COHORT_KEYS)
    if "call_back" in document:  # since edition 2: an older table stays as it is
        yield from CALL_BACK


def title(document: PublishedDocument) -> str:
    """Return what the data are called, in the language in use."""
    about = document["period"]
    period = period_words(parse(about["code"], about["basis"]))
    return gettext(_TITLE, agency=text(document["agency"]["name"]), period=period)


def description(document: PublishedDocument) -> str:
    """Return what the data are, in the language in use."""
    return f"{gettext(_DEMO)} {gettext(_DESCRIPTION)}" if document["demo"] else gettext(_DESCRIPTION)


def licence(document: PublishedDocument) -> str:
    """Return what everybody may do with the data, in the language in use."""
    agency = text(document["agency"]["name"])
    return gettext(_LICENCE, agency=agency, licence=LICENCE_TITLE, address=LICENCE_ADDRESS)


def _table(document: PublishedDocument) -> str:
    about = document["period"]
    closed = local_day(published.read(document).closed_at)
    beside: dict[str, Value] = {
        "agency": document["agency"]["code"],
        "period": about["code"],
        "basis": about["basis"],
        "first_day": about["first_day"],
        "last_day": about["last_day"],
        "as_of": closed,
        "demo": document["demo"],
        "target": float(document["target"]),
        "confidence": document["confidence"],
    }
    keys = [column.key for column in columns(document)]
    rows = [("total", document["total"]), *(("unit", row) for row in document["units"])]
    lines = []
    for line, row in rows:
        called = _called(document) if line == "total" else {}
        names = {f"name.{language}": words for language, words in row["name"].items()}
        values = cast("dict[str, Value]", {**beside, **row, **names, **called, "line": line})
        lines.append([values.get(key) for key in keys])
    return table_text(keys, lines)


def _called(document: PublishedDocument) -> dict[str, Value]:
    """Return what the call-back says, by the keys of its columns."""
    called = document.get("call_back")
    if called is None:
        return {}
    finished = local_day(dt.datetime.fromisoformat(called["finished_at"]))
    values = cast("dict[str, Value]", {**called, "finished_at": finished})
    return {f"call_back.{name}": value for name, value in values.items()}


def _dictionary(document: PublishedDocument) -> str:
    """Return what the columns mean, in every language."""
    by_key = {column.key: [column.key] for column in columns(document)}
    for language in languages():
        with speaking(language):
            for column in columns(document):
                by_key[column.key] += [gettext(column.head), gettext(KINDS[column.kind]), gettext(column.meaning)]
    return table_text(_dictionary_heads(), by_key.values())


def _dictionary_heads() -> list[str]:
    return ["key", *(f"{name}.{language}" for language in languages() for name in ("head", "values", "meaning"))]


def _licence(document: PublishedDocument) -> str:
    return "\n".join(_in_each_language(lambda: licence(document))) + "\n"


def _package(document: PublishedDocument, homepage: str, content: Mapping[str, bytes]) -> bytes:
    about, agency = document["period"], document["agency"]
    name = f"hailong-{agency['code']}-{about['code']}-{about['basis']}".lower()
    package = {
        "profile": "data-package",
        "name": name,
        "id": homepage,
        "title": " / ".join(_in_each_language(lambda: title(document))),
        "description": "\n\n".join(_in_each_language(lambda: description(document))),
        "homepage": homepage,
        "created": about["closed_at"].replace("+00:00", "Z"),
        "licenses": [{"name": LICENCE_NAME, "title": LICENCE_TITLE, "path": LICENCE_ADDRESS}],
        "contributors": [{"title": " / ".join(_in_each_language(lambda: text(agency["name"]))), "role": "publisher"}],
        "resources": [
            {**_resource(CSV, content), "profile": "tabular-data-resource", "schema": _schema(document)},
            {**_resource(JSON, content), "profile": "data-resource"},
            {**_resource(DICTIONARY, content), "profile": "tabular-data-resource", "schema": _dictionary_schema()},
            {**_resource(LICENCE, content), "profile": "data-resource"},
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(name: str, content: Mapping[str, bytes]) -> dict[str, Any]:
    stem, _, ending = name.rpartition(".")
    return {
        "name": f"{stem.lower()}-{ending}",
        "path": name,
        "format": ending,
        "mediatype": MEDIA_TYPES[name],
        "encoding": "utf-8",
        "bytes": len(content[name]),
        "hash": f"sha256:{hashlib.sha256(content[name]).hexdigest()}",
    }


def _schema(document: PublishedDocument) -> dict[str, Any]:
    heads: dict[str, list[str]] = {}
    for language in languages():
        with speaking(language):
            for column in columns(document):
                heads.setdefault(column.key, []).extend([gettext(column.head), gettext(column.meaning)])
    fields = []
    for column in columns(document):
        words = heads[column.key]
        field: dict[str, Any] = {"name": column.key, "type": _TYPES.get(column.kind, "string")}
        field |= {"title": " / ".join(words[::2]), "description": " / ".join(words[1::2])}
        if column.kind in ("share", "limit"):
            field["constraints"] = {"minimum": 0, "maximum": 1}
        elif column.kind == "count":
            field["constraints"] = {"minimum": 0}
        fields.append(field)
    return {"fields": fields, "missingValues": [""], "primaryKey": ["period", "basis", "line", "code"]}


def _dictionary_schema() -> dict[str, Any]:
    fields = [{"name": head, "type": "string"} for head in _dictionary_heads()]
    return {"fields": fields, "primaryKey": ["key"]}


def _in_each_language(words: Callable[[], str]) -> list[str]:
    """Return what is said in each language, each once."""
    every = []
    for language in languages():
        with speaking(language):
            every.append(words())
    return list(dict.fromkeys(every))
