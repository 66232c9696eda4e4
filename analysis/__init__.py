"""Judge a satisfaction rate against a target, honestly: statistics on counts, with numpy, scipy and pandas alone.

Notation everywhere: k satisfied, n answered, N cases handled; targets are exact ("0.90" or a Fraction), confidence is
two-sided, shares lie in 0 … 1. Counts go in, small frozen results come out; everything broadcasts over arrays, and
scalars give Python scalars.

    counts            how many chose each rating, in one pass over columns
    interval          limits for shares and for differences between them
    verdict           met, not met, inconclusive; the answers still needed
    printed           figures as they are printed: one rounding, and limits that never contradict their verdict
    stratification    totals over unequal units: post-stratification, raking, clusters, effective sample sizes
    planning          how many answers to plan for, of how many cases
    nonresponse       response rates, and what silence could hide
    publication       what may be published: reliability, small cells
    comparison        offices beside each other
    control_chart     months after each other
    scores            mean scores, drivers, reliability of a questionnaire
    integrity         answers that deserve a second look
    indicator_766     the national portal's own indicator, never mixed with ours
    tables, charts    counts in a data frame to figures, figures to pictures
    validation        the one place where arguments are checked
    formulas          a cell that a spreadsheet would compute, made inert
    delimited         how a CSV file is written: its encoding and its separator
    workbook          how a workbook is read: sheets, merged cells, limits
    sheet_rows        the rows of a sheet, as many as there are
    garbled           names whose letters were lost, and what they were
    command           the program `python -m analysis FILE.csv`: all of it on anybody's table

Library, not yet called by the survey or the program, each with the part that will:

    survey_design     weighted shares of a stratified sample: the same; so `stratification.calibrate` and
                      `interval.stratified_newcombe`
    call_back         the rate over all cases, of whose silent a random sample was called; planning, the draw: its pages
    plot_the_dots     rules for a series of months: alerts; so `integrity.burst` and `integrity.straight_lining`
    counts.CountCube  counts added up once for every question asked of them: public results

Modules whose name begins with "_" do the work under these names; nobody outside imports them.

>>> assess(475, 500).verdict
<Verdict.MET: 'met'>
"""

from analysis.call_back import (
    allocate_calls,
    answered_by_others,
    call_back_rate,
    call_back_total,
    calls_for_margin,
    calls_to_decide,
    draw,
)
from analysis.comparison import benjamini_hochberg, funnel_limits, holm, overdispersion, shrink
from analysis.control_chart import anhoej_runs, laney_p_prime, xmr
from analysis.counts import CountCube, tally
from analysis.interval import (
    Difference,
    Interval,
    clopper_pearson,
    confidence_sequence,
    e_value,
    hypergeometric,
    jeffreys,
    mid_p,
    miettinen_nurminen,
    newcombe,
    wilson,
)
from analysis.nonresponse import breakeven_share, manski_bounds, r_indicator, response_rates
from analysis.planning import (
    power_to_prove,
    sample_size,
    sample_size_to_prove,
    sample_size_to_prove_among,
    yamane,
)
from analysis.publication import reliability, suppress_small_cells
from analysis.scores import cronbach_alpha, mean_score, omega, relative_importance
from analysis.stratification import cluster_proportion, kish, poststratify, rake
from analysis.tables import summary
from analysis.verdict import Assessment, Assessments, ResponsesNeeded, Verdict, assess, responses_needed

__all__ = [
    "Assessment",
    "Assessments",
    "CountCube",
    "Difference",
    "Interval",
    "ResponsesNeeded",
    "Verdict",
    "allocate_calls",
    "anhoej_runs",
    "answered_by_others",
    "assess",
    "benjamini_hochberg",
    "breakeven_share",
    "call_back_rate",
    "call_back_total",
    "calls_for_margin",
    "calls_to_decide",
    "clopper_pearson",
    "cluster_proportion",
    "confidence_sequence",
    "cronbach_alpha",
    "draw",
    "e_value",
    "funnel_limits",
    "holm",
    "hypergeometric",
    "jeffreys",
    "kish",
    "laney_p_prime",
    "manski_bounds",
    "mean_score",
    "mid_p",
    "miettinen_nurminen",
    "newcombe",
    "omega",
    "overdispersion",
    "poststratify",
    "power_to_prove",
    "r_indicator",
    "rake",
    "relative_importance",
    "reliability",
    "response_rates",
    "responses_needed",
    "sample_size",
    "sample_size_to_prove",
    "sample_size_to_prove_among",
    "shrink",
    "summary",
    "suppress_small_cells",
    "tally",
    "wilson",
    "xmr",
    "yamane",
]
