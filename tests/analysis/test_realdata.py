"""`python -m analysis` on real surveys gives the figures that R gave: Kansas City's residents, California's schools."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.command.program import run
from tests.analysis.golden import FOLDER as GOLDEN
from tests.analysis.golden import Row, rows
from tests.analysis.kansas_city import FOLDER as REALDATA


@pytest.fixture
def residents() -> Path:
    path = REALDATA / "kcmo_resident_survey_2021-09.csv"
    if not path.exists():
        pytest.skip(f"{path.name} has no licence to be kept here: set REALDATA_DIR to the folder that holds it")
    return path


@pytest.mark.parametrize("row", rows("realdata_kcmo", "item_summary"))
def test_an_item_of_the_resident_survey(residents: Path, row: Row) -> None:
    total = run(residents, "--rating", row.inputs["item"], "--json").json()["total"]
    wanted = row.expected
    assert (total["answered"], total["satisfied"]) == (wanted["n"], wanted["k"])
    assert [total[f"level_{rating}"] for rating in range(1, 6)] == wanted["counts"]
    got = [total[name] for name in ("rate", "lower", "upper", "mean")]
    assert got == row.near([wanted[name] for name in ("share", "cp_lower", "cp_upper", "mean")])


@pytest.mark.parametrize("row", rows("realdata_kcmo", "stratified_dataset"))
def test_districts_weighed_by_their_population(residents: Path, tmp_path: Path, row: Row) -> None:
    path = tmp_path / "with_population.csv"
    with residents.open(encoding="utf-8", newline="") as given, path.open("w", newline="") as out:
        people = csv.DictReader(given)
        writer = csv.DictWriter(out, ["district", "score", "population"])
        writer.writeheader()
        for person in people:
            district = person[row.inputs["strata"]]
            population = row.inputs["population"][district]
            writer.writerow({"district": district, "score": person[row.inputs["item"]], "population": population})
    flags = ("--rating", "score", "--by", "district", "--population", "population", "--json")
    total = run(path, *flags).json()["total"]
    assert total["rate"] == row.near(row.expected["estimate"])
    # Another interval than R's by decision (docs/statistics.md §4); without small strata it lies close around R's.
    assert total["lower"] == pytest.approx(row.expected["xlogit_lower"], abs=0.005)
    assert total["upper"] == pytest.approx(row.expected["xlogit_upper"], abs=0.005)


def schools(positive: str, item: str) -> Iterator[dict[str, str]]:
    """The schools with a rating in place of yes or no, so that the command can read them."""
    with (GOLDEN / "data_apistrat.csv").open(encoding="utf-8", newline="") as given:
        for school in csv.DictReader(given):
            yield school | {"score": "5" if school[item] == positive else "1"}


def written(path: Path, row: Row) -> Path:
    listed = list(schools(row.inputs["positive"], row.inputs["item"]))
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, listed[0], delimiter=";")
        writer.writeheader()
        writer.writerows(listed)
    return path


@pytest.mark.parametrize("row", rows("survey_datasets", "survey_dataset_proportion"))
def test_schools_weighted_and_post_stratified_agree_with_r(tmp_path: Path, row: Row) -> None:
    path = written(tmp_path / "schools.csv", row)
    weighted = run(path, "--rating", "score", "--weight", "pw", "--json").json()["total"]
    assert (weighted["answered"], weighted["rate"]) == (row.expected["n"], row.near(row.expected["estimate"]))
    flags = ("--rating", "score", "--by", "stype", "--population", "fpc", "--json")
    total = run(path, *flags).json()["total"]
    assert (total["answered"], total["rate"]) == (row.expected["n"], row.near(row.expected["estimate"]))
    assert total["lower"] < row.expected["estimate"] < total["upper"]


@pytest.mark.parametrize("row", rows("survey_datasets", "survey_dataset_domain"))
def test_a_kind_of_school_agrees_with_r(tmp_path: Path, row: Row) -> None:
    path = written(tmp_path / "schools.csv", row)
    column = row.inputs["domain_column"]
    result = run(path, "--rating", "score", "--weight", "pw", "--by", column, "--json").json()["groups"]
    group = next(group for group in result if group[column] == row.inputs["domain"])
    assert (group["answered"], group["rate"]) == (row.expected["n"], row.near(row.expected["estimate"]))
