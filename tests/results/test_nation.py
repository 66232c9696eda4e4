"""The figures of a nation: counts of provinces added up, what is withheld in no sum, what is missing by name."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from analysis.stratification import poststratify
from survey.errors import InvalidPeriod, NotFound
from survey.periods import parse
from survey.results.nation import ProvinceMonth, ProvinceRegister, nation_figures
from survey.results.scope import Standard

QUARTER = parse("2026-Q3")
STANDARD = Standard("0.90", 0.95)
MERGED = {"H59": "H61", "H07": "H61"}


def month(
    code: str, period: str, satisfied: int, answered: int, finished: int = 1000, withheld: str = ""
) -> ProvinceMonth:
    said = 0 if withheld else 1
    counted = {"answered": answered, "satisfied": satisfied * said, "level_1": (answered - satisfied) * said}
    counted |= {"level_2": 0, "level_3": 0, "level_4": 0, "level_5": satisfied * said, "no_opinion": 0}
    counted |= {"finished": finished, "invited": finished, "rated": answered, "withdrawn": 0, "withdrawn_rated": 0}
    name = {"vi": f"Ủy ban nhân dân tỉnh {code}", "en": f"{code} Province"}
    return ProvinceMonth(
        code=code,
        name=name,
        period=parse(period),
        demo=False,
        answered=answered,
        withheld=withheld,  # type: ignore[arg-type]
        counted=counted,
    )


def test_the_whole_adds_up_answers_and_averages_no_rate() -> None:
    months = [month("H61", "2026-07", 450, 500, 1000), month("H61", "2026-08", 400, 500, 1000)]
    months += [month("H01", "2026-07", 96, 100, 6000)]
    figures = nation_figures(months, QUARTER, STANDARD, ProvinceRegister())
    total, rows = figures.total, {row.code: row for row in figures.rows}
    assert (total.answered, total.satisfied, total.finished) == (1100, 946, 8000)
    limits = binomtest(946, 1100).proportion_ci(0.95, "exact")
    assert total.rate == pytest.approx(0.86) and total.verdict == "not_met"
    assert (total.lower, total.upper) == pytest.approx((limits.low, limits.high), abs=1e-9)
    assert (rows["H61"].answered, rows["H61"].rate) == (1000, 0.85)
    assert (rows["H61"].verdict, rows["H01"].verdict) == ("not_met", "met")
    assert total.response_rate == pytest.approx(1100 / 8000)


def test_the_share_by_cases_weighs_strata_and_is_none_of_one_province() -> None:
    months = [month("H61", "2026-07", 850, 1000, 2000), month("H01", "2026-07", 96, 100, 6000)]
    share = nation_figures(months, QUARTER, STANDARD, ProvinceRegister()).weighted
    expected = poststratify([850, 96], [1000, 100], [2000, 6000])
    assert share is not None and share.rate == pytest.approx((2000 * 0.85 + 6000 * 0.96) / 8000)
    assert (share.lower, share.upper) == pytest.approx((expected.lower, expected.upper))
    assert nation_figures(months[:1], QUARTER, STANDARD, ProvinceRegister()).weighted is None


def test_a_province_that_was_merged_counts_as_the_one_that_it_is_now() -> None:
    apart = [month(code, "2026-07", *counts) for code, counts in {"H61": (80, 100), "H59": (95, 100)}.items()]
    as_one = [month("H61", "2026-07", 175, 200, 2000)]
    merged = nation_figures(apart, QUARTER, STANDARD, ProvinceRegister({}, MERGED))
    [row], [whole] = merged.rows, nation_figures(as_one, QUARTER, STANDARD, ProvinceRegister()).rows
    assert vars(row) == vars(whole)
    assert merged.merged == {"H59": "H61"}
    assert merged.total.satisfied == nation_figures(apart, QUARTER, STANDARD, ProvinceRegister()).total.satisfied


def test_what_is_withheld_is_in_no_sum_and_nothing_is_told_of_few() -> None:
    open_months = [month("H61", "2026-07", 450, 500)]
    hidden = [month("H61", "2026-08", 0, 6, withheld="few"), month("H01", "2026-07", 0, 7, withheld="others")]
    careless = month("H02", "2026-07", 9, 9)  # of a province that tells what nine people said
    figures = nation_figures([*open_months, *hidden, careless], QUARTER, STANDARD, ProvinceRegister())
    alone = nation_figures(open_months, QUARTER, STANDARD, ProvinceRegister())
    assert (figures.total.answered, figures.total.satisfied) == (500, 450)
    assert (figures.total.lower, figures.total.finished) == (alone.total.lower, alone.total.finished)
    rows = {row.code: row for row in figures.rows}
    assert [(rows[code].answered, rows[code].withheld) for code in ("H01", "H02")] == [(7, "others"), (9, "few")]
    assert all(
        getattr(rows[code], name) is None for code in ("H01", "H02") for name in ("satisfied", "level_5", "mean")
    )
    assert [(one.code, one.period.code) for one in figures.untold] == [
        ("H61", "2026-08"),
        ("H01", "2026-07"),
        ("H02", "2026-07"),
    ]
    assert figures.partial(rows["H61"])


def test_no_verdict_below_thirty_answers() -> None:
    figures = nation_figures([month("H61", "2026-07", 5, 29)], QUARTER, STANDARD, ProvinceRegister())
    assert (figures.rows[0].verdict, figures.total.verdict, figures.total.satisfied) == (
        "inconclusive",
        "inconclusive",
        5,
    )
    assert nation_figures([month("H61", "2026-07", 5, 30)], QUARTER, STANDARD, ProvinceRegister()).total.verdict == (
        "not_met"
    )


def absent(months: list[ProvinceMonth], register: ProvinceRegister) -> dict[str, list[str]]:
    figures = nation_figures(months, QUARTER, STANDARD, register)
    return {code: [one.code for one in those] for code, those in figures.absent.items()}


def test_months_that_are_not_there_are_named_by_province() -> None:
    names = {code: {"vi": code} for code in ("H01", "H61")}
    there = [month("H61", "2026-07", 45, 50), month("H61", "2026-09", 45, 50), month("H61", "2026-10", 45, 50)]
    assert absent(there, ProvinceRegister()) == {"H61": ["2026-08"]}
    register = ProvinceRegister(names)
    assert absent(there, register) == {"H01": ["2026-07", "2026-08", "2026-09"], "H61": ["2026-08"]}
    assert nation_figures(there, QUARTER, STANDARD, register).silent == ("H01",)


def test_a_former_province_is_expected_until_its_last_month_and_its_heir_from_its_first() -> None:
    heir = [month("H61", "2026-08", 45, 50), month("H61", "2026-09", 45, 50)]
    former = [month("H59", "2026-05", 45, 50), month("H59", "2026-07", 45, 50)]
    assert absent([*heir, *former], ProvinceRegister({}, {"H59": "H61"})) == {}
    dated = ProvinceRegister({}, MERGED, {"H59": "2026-08", "H07": "2026-07"})
    assert absent([*heir, *former], dated) == {"H07": ["2026-07"], "H59": ["2026-08"]}


def test_a_period_without_whole_months_or_without_files_is_refused() -> None:
    with pytest.raises(InvalidPeriod):
        nation_figures([], parse("2026-Y1114"), STANDARD, ProvinceRegister())
    with pytest.raises(NotFound):
        nation_figures([month("H61", "2026-10", 45, 50)], QUARTER, STANDARD, ProvinceRegister())
