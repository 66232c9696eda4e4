"""The .json keeps to its published schema, by a validator of other people, and the schema refuses what it must."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy.orm import Session

from survey import reports
from survey.periods import parse
from survey.reports import Report
from survey.results import closing
from survey.results.scope import Reader, scope_for
from survey.settings import ROOT
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.reporting import NOON, WrittenReport, answers, build, read_json

pytestmark = pytest.mark.usefixtures("vietnamese")


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    published = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(published, validate_formats=True)


def of_a_unit(session: Session) -> Report:
    """A report as a unit below the province sees it, with figures that are withheld."""
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61.51"), reader=Reader.UNIT)
    standard = replace(STANDARD, fewest=10, apologies=True)
    return reports.build(session, scope, standard, dt.date(2026, 11, 20), language="vi")


def test_every_report_keeps_to_the_schema(session: Session, schema: jsonschema_rs.Validator, tmp_path: Path) -> None:
    empty = build(session)
    answers(session)
    for number in range(30):
        factories.response(session, 2, when=NOON, other={"S7": ["login"] if number < 20 else ["late"]})
    some = [empty, build(session), build(session, "en", "2026-Q4"), of_a_unit(session)]
    closing.close(session, parse("2026-10"), NOON + dt.timedelta(days=40), STANDARD)
    for number, report in enumerate([*some, build(session), of_a_unit(session)]):
        [path] = reports.write(report, tmp_path / str(number), ["json"])
        schema.validate(read_json(path))
        assert read_json(path)["$schema"] == "urn:hailong:report:2"
    withheld = {unit["withheld"] for unit in read_json(path)["channels"]["invitation"]["procedures"]}
    assert withheld, "procedures of a unit"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("target",), "0.90"),
        (("as_of",), "29.11.2026"),
        (("channels", "invitation", "total", "verdict"), "Đạt"),
        (("channels", "invitation", "total", "answered"), -1),
        (("channels", "open", "judged"), True),
        (("period", "closed"), None),
        (("surprise",), 1),
    ],
)
def test_the_schema_refuses_what_is_no_report(
    written: dict[str, WrittenReport], schema: jsonschema_rs.Validator, where: tuple[str, ...], value: Any
) -> None:
    told = read_json(written["vi"].data)
    assert schema.is_valid(told)
    inside = told
    for name in where[:-1]:
        inside = inside[name]
    inside[where[-1]] = value
    assert not schema.is_valid(told)


def test_the_schema_has_a_description_for_each_of_its_parts(schema: jsonschema_rs.Validator) -> None:
    published = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    assert [name for name, part in published["$defs"].items() if not part.get("description")] == []
