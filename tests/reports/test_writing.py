"""A closed period's files are the same bytes on every day, in every time zone and from both databases."""

from __future__ import annotations

import datetime as dt
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import docx
import openpyxl
import time_machine

from survey import reports
from survey.db.engine import Database
from survey.i18n import speaking
from survey.periods import local_day, now, parse
from survey.reports.writing import set_moment
from survey.results import closing
from tests.support.figures import STANDARD
from tests.support.reporting import FILES, answers, build, read_csv, read_json

CLOSED = dt.datetime(2026, 11, 4, 2, 30, 7, tzinfo=dt.UTC)
OpenFresh = Callable[[str, Path], AbstractContextManager[str]]


@contextmanager
def zone(name: str) -> Iterator[None]:
    """The machine's own time zone, whatever it is."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def files_of(url: str, folder: Path, place: str, moment: dt.datetime) -> dict[str, bytes]:
    """The files of October as somebody writes them at a moment, in a place."""
    with (
        time_machine.travel(moment, tick=False),
        zone(place),
        speaking("vi"),
        Database(url) as database,
        database.session(writes=False) as session,
    ):
        paths = reports.write(build(session, today=local_day(now())), folder, FILES)
    return {path.name: path.read_bytes() for path in paths}


def test_a_closed_period_gives_the_same_bytes_whenever_and_wherever_it_is_written(
    fresh_database: OpenFresh, tmp_path: Path
) -> None:
    written = []
    days = (CLOSED, CLOSED + dt.timedelta(days=200, hours=9))
    for engine in ("sqlite", "postgresql"):
        (tmp_path / engine).mkdir()
        with fresh_database(engine, tmp_path / engine) as url:
            with Database(url) as database, database.session(writes=True) as session:
                answers(session)
                closing.close(session, parse("2026-10"), CLOSED, STANDARD)
                session.commit()
            for number, (place, day) in enumerate(zip(("Asia/Tokyo", "America/New_York"), days, strict=True)):
                written.append(files_of(url, tmp_path / f"{engine}{number}", place, day))
    first, *others = written
    assert len(first) == len(FILES)
    for other in others:
        assert {name for name in first if first[name] != other[name]} == set()
    folder = tmp_path / "sqlite1"
    [book] = folder.glob("*.xlsx")
    [document] = folder.glob("*.docx")
    for properties in (openpyxl.load_workbook(book).properties, docx.Document(str(document)).core_properties):
        assert (
            properties.created
            == properties.modified
            == CLOSED.replace(tzinfo=getattr(properties.created, "tzinfo", None))
        )
    data, flat = next(folder.glob("*.json")), folder / f"{book.stem}.csv"
    told = read_json(data)
    assert (told["as_of"], told["period"]["closed"]) == ("2026-11-04", True)
    assert told["period"]["closed_at"] == "2026-11-04T02:30:07Z"
    assert {(line["as_of"], line["closed"]) for line in read_csv(flat)} == {("2026-11-04", "true")}


def test_an_archive_tells_nothing_of_when_it_was_written(tmp_path: Path) -> None:
    core = "<dcterms:created xsi:type='x'>{moment}</dcterms:created><dcterms:modified>{moment}</dcterms:modified>"
    for name, moment, order in (("a", "2013-12-23T23:15:00Z", 1), ("b", "2027-01-01T00:00:00Z", -1)):
        parts = {"[Content_Types].xml": "types", "docProps/core.xml": core.format(moment=moment), "word/a.xml": "a"}
        with zipfile.ZipFile(tmp_path / name, "w", compression=zipfile.ZIP_STORED) as archive:
            for part in sorted(parts)[::order]:
                archive.writestr(zipfile.ZipInfo(part, (2000 + order, 1, 1, 0, 0, 0)), parts[part])
        set_moment(tmp_path / name, CLOSED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as archive:
        assert archive.testzip() is None and archive.namelist()[0] == "[Content_Types].xml"
        assert archive.read("docProps/core.xml").decode() == core.format(moment="2026-11-04T02:30:07Z")
        assert {info.date_time for info in archive.infolist()} == {(2026, 11, 4, 2, 30, 6)}, "a zip has even seconds"


def test_the_dictionary_stands_beside_the_table_for_programs(fresh_database: OpenFresh, tmp_path: Path) -> None:
    with (
        fresh_database("sqlite", tmp_path) as url,
        Database(url) as database,
        database.session(writes=False) as session,
    ):
        [flat] = reports.write(build(session), tmp_path / "flat", ["csv"])
        reports.write(build(session), tmp_path / "book", ["xlsx"])
    keys = [line["Khóa"] for line in read_csv(tmp_path / "flat" / "hailong_dictionary_vi.csv")]
    assert keys == list(read_csv(flat)[0])
    assert [path.suffix for path in (tmp_path / "book").iterdir()] == [".xlsx"]
