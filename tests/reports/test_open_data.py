"""Open data: a package that the kept tools of others read without a fault, and in which nothing small stands."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import frictionless
import pytest
import rdflib
from sqlalchemy.orm import Session

from survey.models import Publication
from survey.reports import data_catalogue, open_data
from survey.results import published
from tests.support.published import publish_october

HOME = "https://example.vn/results/calendar/2026-10"
pytestmark = [
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),  # files are written without a database
    pytest.mark.usefixtures("vietnamese"),
]


@pytest.fixture
def publication(session: Session) -> Publication:
    return publish_october(session)


@pytest.fixture
def package(publication: Publication, tmp_path: Path) -> Path:
    for name, body in open_data.files(publication.figures, HOME).items():
        (tmp_path / name).write_bytes(body)
    return tmp_path


def test_frictionless_finds_nothing_wrong_and_sees_what_is_changed(package: Path) -> None:
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert [task.name for task in report.tasks] == ["results-csv", "results-json", "dictionary-csv", "license-txt"]
    read = frictionless.Package(str(package / "datapackage.json"))
    rows = read.get_resource("results-csv").read_rows()
    assert [row["code"] for row in rows if row["line"] == "unit"] and rows[0]["answered"] == 161
    assert {field.type for field in read.get_resource("results-csv").schema.fields} >= {"integer", "number", "date"}
    assert read.licenses[0]["name"] == "CC-BY-4.0" and read.homepage == HOME
    text = (package / "results.csv").read_text(encoding="utf-8")
    (package / "results.csv").write_text(text.replace(",161,", ",162,", 1), encoding="utf-8")
    assert not frictionless.validate(str(package / "datapackage.json")).valid


def test_the_checksums_are_those_of_the_files(package: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "--check", "SHA256SUMS"], cwd=package, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stdout.count(": OK") == 5


def test_table_and_document_tell_the_same_and_nothing_of_the_few(package: Path, publication: Publication) -> None:
    document = json.loads((package / "results.json").read_bytes())
    assert hashlib.sha256((package / "results.json").read_bytes()).digest() == publication.sha256
    rows = list(csv.DictReader(io.StringIO((package / "results.csv").read_text(encoding="utf-8"))))
    every = [document["total"], *document["units"]]
    said = ("satisfied", "rate", "lower", "upper", "mean", "verdict", *(f"level_{level}" for level in range(1, 6)))
    for row, of in zip(rows, every, strict=True):
        assert (row["code"], row["answered"], row["withheld"]) == (of["code"], str(of["answered"]), of["withheld"])
        assert row["name.vi"] == of["name"]["vi"] and row["name.en"] == of["name"]["en"]
        assert [row[name] for name in said] == ["" if of[name] is None else str(of[name]) for name in said]
        assert all(of[name] is None for name in said) == bool(of["withheld"] or not of["answered"])
    assert [row["withheld"] for row in rows].count("") == 3
    keys = list(csv.DictReader(io.StringIO((package / "dictionary.csv").read_text(encoding="utf-8"))))
    assert [row["key"] for row in keys] == list(rows[0])
    assert all(value for row in keys for value in row.values()), "each column has its meaning in every language"


def test_figures_are_the_same_bytes_whatever_stands_in_the_database(publication: Publication, session: Session) -> None:
    before = open_data.files(publication.figures, HOME)
    session.expire_all()
    kept = session.get_one(Publication, publication.id).figures
    assert open_data.files(json.loads(published.written(kept)), HOME) == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own, by its own reader
def test_a_portal_harvests_the_catalogue(publication: Publication) -> None:
    def file(of: Publication, name: str) -> str:
        return f"https://example.vn/results/data/{of.sha256.hex()}/{name}"

    home = "https://example.vn/results/catalog.jsonld"
    written = data_catalogue.catalogue([(publication, publication.figures)], home, lambda _of: HOME, file)
    graph = rdflib.Dataset(default_union=True)
    graph.parse(data=written, format="json-ld")
    dcat, dct, spdx = rdflib.DCAT, rdflib.DCTERMS, rdflib.Namespace("http://spdx.org/rdf/terms#")
    [dataset] = graph.objects(rdflib.URIRef(home), dcat.dataset)
    assert dataset == rdflib.URIRef(HOME) and (dataset, rdflib.RDF.type, dcat.Dataset) in graph
    titles: dict[Any, str] = {title.language: str(title) for title in graph.objects(dataset, dct.title)}
    assert "tháng 10 năm 2026" in titles["vi"] and "October 2026" in titles["en"]
    for needed in (dct.description, dct.issued, dct.license, dct.publisher, dct.temporal, dcat.landingPage):
        assert list(graph.objects(dataset, needed)), needed
    [span] = graph.objects(dataset, dct.temporal)
    assert [str(day) for day in graph.objects(span, dcat.endDate)] == ["2026-10-31"]
    content = open_data.files(publication.figures, HOME)
    distributions = {
        str(*graph.objects(one, dcat.downloadURL)): one for one in graph.objects(dataset, dcat.distribution)
    }
    assert set(distributions) == {file(publication, name) for name in ("results.csv", "results.json")}
    for address, one in distributions.items():
        body = content[address.rpartition("/")[2]]
        [size], [checksum] = graph.objects(one, dcat.byteSize), graph.objects(one, spdx.checksum)
        assert int(size) == len(body)
        [value] = graph.objects(checksum, spdx.checksumValue)
        assert str(value).lower() == hashlib.sha256(body).hexdigest()
