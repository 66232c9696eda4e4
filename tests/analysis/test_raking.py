from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.stratification import TrimmedWeights, calibrate, rake
from analysis.survey_design import weighted_share
from tests.analysis import golden


def schools() -> dict[str, np.ndarray]:
    with (golden.FOLDER / "data_apistrat.csv").open(encoding="utf-8", newline="") as source:
        people = list(csv.DictReader(source))
    return {name: np.array([person[name] for person in people]) for name in people[0]}


@pytest.mark.parametrize("row", golden.rows("survey_datasets", "ipf"))
def test_a_table_is_fitted_to_its_margins(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = rake(inputs["table"], inputs["rows"], inputs["cols"])
    np.testing.assert_allclose(result.fitted, expected["fitted"], rtol=0, atol=tol)
    assert (result.trimmed, result.margin_error <= 1e-10, result.rounds > 1) == (0, True, True)


@pytest.mark.parametrize("row", golden.rows("survey_datasets", "calibrated_estimate"))
def test_raked_schools_have_the_estimates_and_errors_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    data = schools()
    margins = [(data[name], totals) for name, totals in inputs["margins"].items()]
    fit = calibrate(data["pw"].astype(float), margins)
    w = fit.weights
    assert (w.sum(), w.min(), w.max()) == pytest.approx(
        (expected["weight_sum"], expected["weight_min"], expected["weight_max"]), abs=tol
    )
    np.testing.assert_allclose(w[:5], expected["first_weights"], rtol=0, atol=tol)
    for item, name in (("comp.imp", "comp"), ("awards", "aw"), ("sch.wide", "wide")):
        result = weighted_share(data[item] == "Yes", w, data["stype"], data["fpc"], None, fit.margins, sweeps=10)
        assert (result.rate, result.se) == pytest.approx(
            (expected[f"{name}_estimate"], expected[f"{name}_se"]), abs=tol
        )


def test_a_share_that_is_a_margin_has_no_error_and_others_keep_theirs():
    data = schools()
    yes = {"No": 2027, "Yes": 4167}
    fit = calibrate(data["pw"].astype(float), [(data["sch.wide"], {"No": 1072, "Yes": 5122}), (data["awards"], yes)])
    fixed = weighted_share(data["awards"] == "Yes", fit.weights, data["stype"], data["fpc"], None, fit.margins)
    free = weighted_share(data["comp.imp"] == "Yes", fit.weights, data["stype"], data["fpc"], None, fit.margins)
    assert (fixed.rate, fixed.se) == (pytest.approx(4167 / 6194), pytest.approx(0, abs=1e-12))
    assert free.se == pytest.approx(0.0098, abs=2e-4)


def test_one_margin_leaves_the_spread_inside_its_groups():
    y, group = np.array([1, 0, 0, 1, 1, 0.0]), np.array([0, 0, 0, 1, 1, 1])
    w = np.array([1, 2, 3, 5, 1, 2.0])
    inside = np.array([np.average(y[group == g], weights=w[group == g]) for g in (0, 1)])[group]
    z = w * (y - inside) / w.sum()
    assert weighted_share(y, w, margins=(group,)).se == pytest.approx(np.sqrt(6 / 5 * ((z - z.mean()) ** 2).sum()))


@given(
    hnp.arrays(np.int64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(1, 50)),
    hnp.arrays(np.int64, (4, 4), elements=st.integers(1, 900)),
)
def test_both_margins_hold_afterwards(table, wanted):
    goal = wanted[: table.shape[0], : table.shape[1]]
    result = rake(table, goal.sum(axis=1), goal.sum(axis=0), trim=np.inf)
    np.testing.assert_allclose(result.fitted.sum(axis=1), goal.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(result.fitted.sum(axis=0), goal.sum(axis=0), rtol=1e-9)
    assert result.design_effect >= 1 - 1e-12


@given(hnp.arrays(np.int64, (3, 3), elements=st.integers(1, 50)))
def test_margins_already_met_leave_all_weights_at_one(table):
    result = rake(table, table.sum(axis=1), table.sum(axis=0))
    np.testing.assert_allclose(result.weights, 1, rtol=1e-12)
    assert result.n_eff == pytest.approx(table.sum())


def test_large_weights_are_cut_with_a_warning():
    with pytest.warns(TrimmedWeights, match="1 weights above 5 times the median"):
        result = rake([[100, 1], [100, 100]], [1000, 1000], [1100, 900])
    assert result.trimmed == 1
    assert result.fitted.sum() == pytest.approx(2000)
    assert result.margin_error > 0.005
    assert (
        result.weights.max() <= 5 * np.median(np.repeat(result.weights.ravel(), result.table.ravel().astype(int))) * 1.5
    )


@pytest.mark.parametrize(
    ("table", "row_totals", "column_totals", "message"),
    [
        ([[0, 0], [5, 5]], [10, 10], [10, 10], "row total number 1 has no answers"),
        ([[5, 0], [5, 0]], [10, 10], [10, 10], "column total number 2 has no answers"),
        ([[5, 5], [5, 5]], [10, 10], [10, 30], "same sum"),
        ([[5, 0], [0, 5]], [10, 10], [5, 15], "no weights fit"),
        ([[5, 5]], [10, 10], [10, 10], "one row per row total"),
        ([[5, -5]], [10], [10, 10], "not negative"),
    ],
)
def test_margins_that_cannot_hold_are_refused(table, row_totals, column_totals, message):
    with pytest.raises(ValueError, match=message):
        rake(table, row_totals, column_totals)


def test_an_answer_without_a_total_is_named():
    with pytest.raises(ValueError, match="no total is given for 'business'"):
        calibrate([1, 1], [(["citizen", "business"], {"citizen": 10})])
    with pytest.raises(ValueError, match="one label per answer"):
        calibrate([1, 1], [(["citizen"], {"citizen": 10})])
    with pytest.raises(ValueError, match="no total is given for 1"):
        calibrate([1, 1], [([1, 2], {"1": 10, "2": 10})])


def test_rows_without_cases_weigh_nothing_and_cut_nobody():
    result = rake([[900, 900], [10, 10]], [0, 100], [60, 40])
    assert result.fitted.tolist() == [[0, 0], [60, 40]]
    assert (result.trimmed, result.weights[1].tolist()) == (0, [6, 4])


@given(st.lists(st.sampled_from(["citizen", "business"]), min_size=4, max_size=40))
def test_one_margin_is_plain_post_stratification(kind):
    assume(len(set(kind)) == 2)
    fit = calibrate(np.ones(len(kind)), [(kind, {"citizen": 900.0, "business": 100.0})], trim=np.inf)
    held = {label: kind.count(label) for label in set(kind)}
    expected = [(900 if label == "citizen" else 100) / held[label] for label in kind]
    np.testing.assert_allclose(fit.weights, expected)
