"""Agencies from files: both profiles side by side, renamings, and trees that cannot be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.cases import recording
from survey.errors import ImportRefused
from survey.imports import agencies as agency_file
from survey.imports.faults import Findings
from survey.models import Agency, Case, Installation, Level
from survey.organisation import agencies
from tests.support import factories
from tests.support.files import AGENCY_HEADERS, HEADERS, as_csv, changed, feed, named, refused, run

TODAY = dt.date(2026, 11, 23)


def test_both_profiles_stand_side_by_side_in_either_database(app: Flask, session: Session) -> None:
    session.execute(sa.delete(Agency).where(Agency.parent_id.is_not(None)))
    session.execute(sa.delete(Agency))
    session.execute(sa.delete(Installation))
    session.commit()
    first = refused(run(app, "import", "agencies", "--profile", "tra_vinh_2022"))
    assert all("Hãy nhập" in fault.text(_vietnamese(app)) for fault in first.faults)
    assert "thêm mới 56," in run(app, "import", "agencies", "--profile", "vinh_long_2025").output
    assert "thêm mới 134," in run(app, "import", "agencies", "--profile", "tra_vinh_2022").output
    assert "giữ nguyên 134," in run(app, "import", "agencies", "--profile", "tra_vinh_2022").output
    said = agencies.installation(session)
    assert (said.root_code, said.demo, said.place) == ("H61", False, {"vi": "Vĩnh Long", "en": "Vinh Long"})
    then, now = (agencies.tree(session, day) for day in (dt.date(2024, 12, 31), TODAY))
    old, new = agencies.root(session, dt.date(2024, 12, 31)), agencies.root(session)
    tiers = [
        {then.agencies[i].level for i in then.subtree(old.id)},
        {now.agencies[i].level for i in now.children[new.id]},
    ]
    assert Level.DISTRICT in tiers[0] and len(then.children[old.id]) == 20 + 9
    assert sum(now.agencies[i].level == Level.COMMUNE for i in now.children[new.id]) == 41
    ended = [a for a in now.agencies.values() if a.valid_to and a.level != Level.DISTRICT]
    assert all(a.id in now.shown_in for a in ended) and len(ended) > 100
    communes = [i for i in now.children[new.id] if now.agencies[i].level == Level.COMMUNE]
    assert all(now.predecessors.get(i) for i in communes), "every commune of today has a predecessor"


def imported(session: Session, path: Path) -> recording.Tally:
    entries = agency_file.check(agency_file.stored(session), path, Findings(), bool)
    return agency_file.apply(session, entries)


def _vietnamese(app: Flask) -> object:
    from survey.i18n import gettext, speaking

    def said(message: str, **values: object) -> str:
        with speaking("vi"):
            return str(gettext(message, **values))

    return said


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("H61.60", "A", "A", "xã", "H61", "2026-01-01", "2025-01-01", "")], (2, "valid_to")),
        ([("H61.60", "A", "A", "làng", "H61", "2026-01-01", "", "")], (2, "level")),
        ([("H61.60", "A", "A", "xã", "", "2026-01-01", "", "")], (2, "parent")),
        ([("H61.60", "A", "A", "xã", "H62", "2026-01-01", "", "")], (2, "parent")),
        ([("H61.60", "A", "A", "xã", "H61", "2020-01-01", "", "")], (2, "parent")),
        ([("H61.60", "A", "A", "xã", "H61", "2026-01-01", "", "H61.50")], (2, "successor")),
        ([("H61.60", "A", "A", "xã", "H61", "2026-01-01", "2026-06-30", "H61.61")], (2, "successor")),
        ([("H61.50", "A", "A", "xã", "H61", "2026-01-01", "", "")], (2, "valid_from")),
        ([("H61.60", "A", "A", "xã", "H61", "2026-01-01", "", "")] * 2, (3, "code")),
        (
            [
                ("H61.60", "A", "A", "xã", "H61", "2026-03-01", "", ""),
                ("H61.60", "A", "A", "xã", "H61", "2026-01-01", "2026-03-01", ""),
            ],
            (2, "valid_from"),
        ),
        (
            [
                ("H61.60", "A", "A", "xã", "H61.61", "2026-01-01", "", ""),
                ("H61.61", "B", "B", "xã", "H61.60", "2026-01-01", "", ""),
            ],
            (3, "parent"),
        ),
        (
            [
                ("H61.60", "A", "A", "phòng", "H61.61", "2026-01-01", "", ""),
                ("H61.61", "B", "B", "xã", "H61", "2026-01-01", "2026-06-30", "H61.62"),
                ("H61.62", "C", "C", "xã", "H61.60", "2026-01-01", "", ""),
            ],
            (2, "parent"),
        ),
    ],
)
def test_agencies_that_cannot_be_are_named(
    session: Session, tmp_path: Path, rows: list[tuple[str, ...]], fault: tuple[int, str]
) -> None:
    path = as_csv(tmp_path / "agencies.csv", [AGENCY_HEADERS, *rows])
    with pytest.raises(ImportRefused) as caught:
        agency_file.check(agency_file.stored(session), path, Findings(), bool)
    assert fault in named(caught.value)


def test_a_renaming_is_two_rows_of_one_code(session: Session, tmp_path: Path) -> None:
    rows = [
        AGENCY_HEADERS,
        ("H61.50", "Phường Cũ", "Old Ward", "xã", "H61", "2025-07-01", "2026-06-30", ""),
        ("H61.50", "Phường Mới", "", "xã", "H61", "2026-07-01", "", ""),
    ]
    entries = agency_file.check(agency_file.stored(session), as_csv(tmp_path / "a.csv", rows), Findings(), bool)
    assert agency_file.apply(session, entries) == recording.Tally(added=1, unchanged=0, updated=1)
    old, new = (agencies.by_code(session, "H61.50", day) for day in (dt.date(2026, 6, 30), dt.date(2026, 7, 1)))
    assert (old.name["vi"], new.name, old.successor_id) == ("Phường Cũ", {"vi": "Phường Mới"}, new.id)
    again = agency_file.check(agency_file.stored(session), as_csv(tmp_path / "a.csv", rows), Findings(), bool)
    assert agency_file.apply(session, again) == recording.Tally(added=0, unchanged=2, updated=0)


def test_an_agency_that_begins_before_a_known_one_of_its_code_must_end_before_it(
    session: Session, tmp_path: Path
) -> None:
    def told(*row: str) -> recording.Tally:
        path = as_csv(tmp_path / "a.csv", [AGENCY_HEADERS, ("H61.60", "A", "A", "xã", "H61", *row)])
        return imported(session, path)

    assert told("2026-03-01", "2026-08-31", "") == recording.Tally(added=1)
    for last in ("", "2026-03-01", "2026-12-31"):
        with pytest.raises(ImportRefused) as caught:
            told("2026-01-01", last, "")
        assert named(caught.value) == {(2, "valid_from")} and "last day" in caught.value.faults[0].message
    assert told("2026-01-01", "2026-02-28", "") == recording.Tally(added=1)
    assert told("2026-09-01", "", "") == recording.Tally(added=1)


def test_a_column_that_a_file_lacks_erases_nothing(session: Session, tmp_path: Path) -> None:
    def told(*rows: tuple[str, ...]) -> recording.Tally:
        path = as_csv(tmp_path / "a.csv", list(rows))
        return imported(session, path)

    def stored() -> tuple[str | None, dt.date | None, int | None]:
        one = session.scalars(sa.select(Agency).where(Agency.code == "H61.60")).one()
        return one.name.get("en"), one.valid_to, one.successor_id

    heirs = [factories.agency_id(session, code) for code in ("H61.50", "H61.51")]
    whole = ("H61.60", "Xã", "Commune", "xã", "H61", "2025-07-01", "2026-06-30", "H61.50")
    told(AGENCY_HEADERS, whole)
    fewest = (0, 1, 3, 4, 5)
    short = [tuple(row[place] for place in fewest) for row in (AGENCY_HEADERS, whole)]
    assert told(*short) == recording.Tally(unchanged=1)
    assert stored() == ("Commune", dt.date(2026, 6, 30), heirs[0])
    assert told((*short[0], "successor"), (*short[1], "H61.51")) == recording.Tally(updated=1)
    assert told((*short[0], "valid_to"), (*short[1], "2026-07-31")) == recording.Tally(updated=1)
    assert stored() == ("Commune", dt.date(2026, 7, 31), heirs[1])
    with pytest.raises(ImportRefused) as caught:  # its known successor is not there to follow any more
        told(
            (*short[0], "valid_to"),
            (*short[1], "2026-08-31"),
            ("H61.51", "Cũ", "xã", "H61", "2025-07-01", "2026-08-31"),
        )
    assert named(caught.value) == {(2, "valid_to")}
    assert told((*short[0], "valid_to"), (*short[1], "")) == recording.Tally(updated=1)
    assert stored() == ("Commune", None, None)
    assert told((*short[0], "name_en"), (*short[1], "")) == recording.Tally(updated=1)
    assert stored() == (None, None, None)


def test_a_placeholder_gives_way_to_the_rows_of_a_file(app: Flask, session: Session, tmp_path: Path) -> None:
    """What cases named before anybody knew it keeps its cases and answers, each with the row of its day."""
    session.rollback()
    days = ("05/09/2026", "05/10/2026")
    cases = [changed(row, c2="H61.77", c3="H61.77", c4="", c6=day) for row, day in zip(feed(2), days, strict=True)]
    assert run(app, "import", "cases", as_csv(tmp_path / "c.csv", [HEADERS, *cases])).exit_code == 0
    assert agencies.by_code(session, "H61.77").placeholder
    session.rollback()
    rows = [
        AGENCY_HEADERS,
        ("H61.77", "Xã Cũ", "", "xã", "H61", "2026-01-01", "2026-09-30", ""),
        ("H61.77", "Xã Mới", "", "xã", "H61", "2026-10-01", "", ""),
    ]
    path = as_csv(tmp_path / "a.csv", rows)
    assert "thêm mới 2, giữ nguyên 0" in run(app, "import", "agencies", path).output
    assert "thêm mới 0, giữ nguyên 2" in run(app, "import", "agencies", path).output
    names = sa.select(Agency.name, Agency.placeholder).join(Case, Case.resolving_agency_id == Agency.id)
    stored = session.execute(names.order_by(Case.finished_day)).all()
    assert [(name, placeholder) for name, placeholder in stored] == [
        ({"vi": "Xã Cũ"}, False),
        ({"vi": "Xã Mới"}, False),
    ]
    assert len(session.scalars(sa.select(Agency).where(Agency.code == "H61.77")).all()) == 2
    session.rollback()
    again = run(app, "import", "cases", tmp_path / "c.csv").output
    assert "giữ nguyên 2, cập nhật 0" in again and "H61.77" not in again


def test_what_stands_below_a_placeholder_stands_below_the_row_that_takes_its_place(
    session: Session, tmp_path: Path
) -> None:
    above = Agency(
        code="H61.77", name={"vi": "?"}, level=Level.OFFICE, valid_from=recording.UNKNOWN_SINCE, placeholder=True
    )
    above.parent_id = factories.agency_id(session, "H61")
    session.add(above)
    session.flush()
    below = Agency(code="H61.77.1", name={"vi": "?"}, level=Level.OFFICE, valid_from=above.valid_from, placeholder=True)
    below.parent_id = above.id
    session.add(below)
    session.flush()
    rows = [AGENCY_HEADERS, ("H61.77", "Xã", "", "xã", "H61", "2025-07-01", "", "")]
    entries = agency_file.check(agency_file.stored(session), as_csv(tmp_path / "a.csv", rows), Findings(), bool)
    assert agency_file.apply(session, entries) == recording.Tally(added=1)
    assert (above.name, above.valid_from, above.placeholder) == ({"vi": "Xã"}, dt.date(2025, 7, 1), False)
    assert below.parent_id == above.id and below.placeholder


def test_an_agency_can_be_split_into_several(session: Session, tmp_path: Path) -> None:
    rows = [
        AGENCY_HEADERS,
        ("H61.80", "Xã chung", "", "xã", "H61", "2025-07-01", "2026-09-30", "H61.81; H61.82"),
        ("H61.81", "Xã Đông", "", "xã", "H61", "2026-10-01", "", ""),
        ("H61.82", "Xã Tây", "", "xã", "H61", "2026-10-01", "", ""),
    ]
    path = as_csv(tmp_path / "a.csv", rows)
    assert agency_file.apply(
        session, agency_file.check(agency_file.stored(session), path, Findings(), bool)
    ) == recording.Tally(added=3)
    whole, *parts = (factories.agency_id(session, code) for code in ("H61.80", "H61.81", "H61.82"))
    tree = agencies.tree(session, TODAY)
    assert whole not in tree.shown_in, "its figures are nobody's but its own"
    assert all(tree.within(whole, part) and not tree.within(part, whole) for part in parts)
    assert not tree.within(parts[0], parts[1])
    assert agency_file.apply(
        session, agency_file.check(agency_file.stored(session), path, Findings(), bool)
    ) == recording.Tally(unchanged=3)
    short = as_csv(tmp_path / "b.csv", [row[:7] for row in rows])
    assert agency_file.apply(
        session, agency_file.check(agency_file.stored(session), short, Findings(), bool)
    ) == recording.Tally(unchanged=3)
    rows[1] = (*rows[1][:7], "H61.81")
    as_csv(path, rows)
    assert agency_file.apply(
        session, agency_file.check(agency_file.stored(session), path, Findings(), bool)
    ) == recording.Tally(unchanged=2, updated=1)
    assert agencies.tree(session, TODAY).shown_in[whole] == parts[0]
    rows[1] = (*rows[1][:7], "H61.81; H61.99")
    with pytest.raises(ImportRefused) as refused_file:
        agency_file.check(agency_file.stored(session), as_csv(path, rows), Findings(), bool)
    assert named(refused_file.value) == {(2, "successor")}
