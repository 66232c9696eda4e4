from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.publication import hide_low_scores, reliability, suppress_hierarchy, suppress_small_cells
from tests.analysis import golden

MANY = 100_000


@pytest.mark.parametrize("row", golden.rows("nchs_standards", "nchs_proportion"))
def test_reliability_follows_the_nchs_standards(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = reliability(inputs["k"], inputs["n"], inputs["deff"], inputs["df"])
    figures = ("n_eff", "lower", "upper", "width", "relative_width", "relative_width_complement")
    for name in figures:
        assert getattr(result, name) == pytest.approx(expected[name], abs=tol), name
    assert result.rate == pytest.approx(expected["estimate"], abs=tol)
    flags = ("suppress", "flag_complement", "review")
    assert [getattr(result, name) for name in flags] == [expected[name] for name in flags]


def test_reliability_of_all_rows_at_once_equals_one_by_one():
    cases = [case.values[0].inputs for case in golden.rows("nchs_standards", "nchs_proportion")]
    k, n, deff, df = ([case[name] for case in cases] for name in ("k", "n", "deff", "df"))
    together = reliability(k, n, deff, df)
    for place, one in enumerate(zip(k, n, deff, df, strict=True)):
        assert reliability(*one).suppress == together.suppress[place]
        assert reliability(*one).width == pytest.approx(together.width[place], abs=1e-15)


def test_unanimous_answers_count_in_full():
    assert reliability(40, 40, design_effect=2).n_eff == reliability(0, 40, design_effect=2).n_eff == 40
    assert reliability(39, 40, design_effect=0.5).n_eff == 40


def test_nothing_answered_is_not_published():
    result = reliability(0, 0)
    assert (result.suppress, result.review, result.width, result.rate, result.relative_width) == (
        True,
        False,
        1,
        None,
        None,
    )
    with pytest.raises(ValueError, match="design_effect"):
        reliability(9, 10, design_effect=0)


@given(st.integers(0, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_narrow_interval_needs_no_footnote_on_the_complement(pair):
    result, mirror = reliability(*pair), reliability(pair[1] - pair[0], pair[1])
    assert not (result.flag_complement and result.width <= 0.05)
    assert result.width == pytest.approx(mirror.width, abs=1e-9)
    assert not (result.flag_complement and not result.suppress and not mirror.suppress)


def test_the_footnote_ends_where_the_interval_is_narrow():
    assert reliability(99, 100).flag_complement  # 0.054 wide
    assert not reliability(396, 400).flag_complement  # 0.023 wide


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_fewer_than_thirty_answers_are_never_published(pair):
    result = reliability(*pair)
    assert result.suppress or pair[1] >= 30
    assert not (result.suppress and (result.review or result.flag_complement))


@pytest.mark.parametrize("row", golden.rows("disclosure", "suppress_small_cells"))
def test_small_cells_are_hidden_as_the_nhs_hides_them(row):
    inputs, expected = row.inputs, row.expected
    result = suppress_small_cells(inputs["responses"], inputs["group"], inputs["threshold"])
    assert result.primary.astype(int).tolist() == expected["primary"]
    assert result.secondary.astype(int).tolist() == expected["secondary"]
    assert not result.total.any()


def extremes(equations, sums, values, hidden):
    """Return the least and the greatest whole number each hidden cell can be, given all that is published."""
    bounds = Bounds(np.where(hidden, 0, values), np.where(hidden, MANY, values))
    constraint = LinearConstraint(np.array(equations, dtype=float), sums, sums)
    for cell in np.flatnonzero(hidden):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(values))
            aim[cell] = sign
            answer = milp(aim, constraints=constraint, bounds=bounds, integrality=np.ones(len(values)))
            assert answer.success, answer.message
            ends.append(round(answer.fun))
        yield ends[0], -ends[1]


cells = st.one_of(st.integers(0, 6), st.sampled_from([0, 0, 1, 3, 4, 12, 40, 300]))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(cells, st.sampled_from("ABC")), min_size=1, max_size=10), st.integers(2, 6))
def test_no_hidden_cell_is_recovered_by_subtraction(table, threshold):
    n = np.array([size for size, _ in table])
    group = np.array([name for _, name in table])
    result = suppress_small_cells(n, group, threshold)
    assert not (result.primary & ((n == 0) | (n >= threshold))).any()
    assert (result.hidden | (n == 0) | (n >= threshold)).all()
    published = [name for name in np.unique(group) if not result.total[group == name].any()]
    equations = [(group == name).astype(float) for name in published] or [np.zeros(n.size)]
    sums = [n[group == name].sum() for name in published] or [0]
    assert all(least < most for least, most in extremes(equations, sums, n, result.hidden))


@st.composite
def provinces(draw):
    communes = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=10))
    department = {name: draw(st.sampled_from("XYZ")) for name in "abcdef"}
    n = draw(st.lists(cells, min_size=len(communes), max_size=len(communes)))
    return n, communes, [department[name] for name in communes]


@settings(deadline=None, max_examples=150)
@given(provinces(), st.integers(2, 6))
def test_no_hidden_cell_is_recovered_up_a_hierarchy(table, threshold):
    n, communes, departments = table
    result = suppress_hierarchy(n, [communes, departments, ["province"] * len(n)], threshold)
    values = np.concatenate([level.n for level in result.levels])
    hidden = np.concatenate([level.hidden for level in result.levels])
    start = np.cumsum([0, *(level.n.size for level in result.levels)])
    equations, sums = [], []
    for j, names in enumerate(result.labels):
        for place, name in enumerate(names):
            row = np.zeros(values.size)
            row[start[j] : start[j + 1]] = result.levels[j].group == name
            row[start[j + 1] + place] = -1
            equations.append(row)
            sums.append(0)
    assert values[-1] == sum(n)
    assert all(least < most for least, most in extremes(equations, sums, values, hidden))
    small = (values > 0) & (values < threshold)
    assert (hidden | ~small).all()


@pytest.mark.parametrize(("size", "largest", "threshold"), [(2, 14, 5), (3, 16, 5), (4, 8, 4), (4, 7, 3), (5, 5, 3)])
def test_not_even_who_knows_the_rule_finds_a_hidden_cell(size, largest, threshold):
    pages = defaultdict(list)
    for table in itertools.product(range(largest + 1), repeat=size):
        if sum(table) <= largest:
            result = suppress_small_cells(table, ["A"] * size, threshold)
            if result.hidden.any() and not result.total.any():
                shown = tuple(None if mark else n for n, mark in zip(table, result.hidden, strict=True))
                pages[shown, sum(table)].append(table)
    assert pages
    for (shown, _), candidates in pages.items():
        for cell, value in enumerate(shown):
            assert value is not None or len({table[cell] for table in candidates}) > 1, (shown, candidates)


@pytest.mark.parametrize(
    ("n", "hidden", "total"),
    [
        ([3, 0, 0], [1, 1, 1], True),
        ([1, 1, 50, 80], [1, 1, 1, 0], False),
        ([4, 4, 4, 100], [1, 1, 1, 1], False),
        ([4, 12, 12, 90], [1, 1, 1, 0], False),
        ([0, 0, 0], [0, 0, 0], False),
        ([3], [1], True),
        ([5, 6], [0, 0], False),
    ],
)
def test_the_plain_rule_is_sharpened_where_it_leaks(n, hidden, total):
    result = suppress_small_cells(n, ["A"] * len(n))
    assert result.hidden.astype(int).tolist() == hidden
    assert result.total.all() == total == result.total.any()


@given(st.lists(cells, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_decide_what_is_hidden(n, random):
    order = random.sample(range(len(n)), len(n))
    first = suppress_small_cells(n, ["A"] * len(n)).hidden
    second = suppress_small_cells([n[place] for place in order], ["A"] * len(n)).hidden
    assert second.tolist() == first[order].tolist()


def test_a_commune_alone_in_its_department_takes_a_second_total_with_it():
    result = suppress_hierarchy([3, 50, 60, 20], [["a", "b", "b", "c"], ["province"] * 4])
    assert result.levels[1].hidden.tolist() == [True, False, True]
    assert result.levels[0].hidden.tolist() == [True, False, False, True]
    assert result.levels[0].total.tolist() == [True, False, False, True]
    ones = suppress_hierarchy([1] * 5 + [50, 60], [["a"] * 5 + ["b", "c"], ["province"] * 7])
    assert ones.levels[1].hidden.tolist() == [True, True, False]
    zeros = suppress_hierarchy([3, 0, 0, 50, 60], [["a", "a", "a", "b", "c"], ["province"] * 5])
    assert zeros.levels[0].hidden.tolist() == [True, False, False, True, False]
    with pytest.raises(ValueError, match="not nested"):
        suppress_hierarchy([3, 50], [["a", "a"], ["X", "Y"]])


@pytest.mark.parametrize(("n", "group", "threshold"), [([1, 2], ["A"], 5), ([-1], ["A"], 5), ([1], ["A"], 0)])
def test_tables_that_cannot_be_are_refused(n, group, threshold):
    with pytest.raises(ValueError, match="must"):
        suppress_small_cells(n, group, threshold)


def test_score_detail_gives_way_where_few_were_dissatisfied():
    assert hide_low_scores([2, 2, 0, 5, 90]) is True
    assert hide_low_scores([0, 0, 0, 5, 90]) is True
    assert hide_low_scores([2, 3, 0, 5, 90]) is False
    assert hide_low_scores([0, 0, 0, 0, 0]) is False
    with pytest.raises(ValueError, match="five ratings"):
        hide_low_scores([1, 2, 3])
