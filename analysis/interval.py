"""Intervals for shares and for differences between shares, gathered under the names that callers use."""

from __future__ import annotations

from analysis._binomial import Interval, beta_limits, clopper_pearson, jeffreys, mid_p, wilson
from analysis._confidence_sequence import confidence_sequence, e_value
from analysis._difference import Difference, miettinen_nurminen, newcombe
from analysis._effective_sample_size import exact_limits, score_limits
from analysis._finite_population import hypergeometric
from analysis._stratified_difference import stratified_newcombe, stratified_wilson

__all__ = [
    "Difference",
    "Interval",
    "beta_limits",
    "clopper_pearson",
    "confidence_sequence",
    "e_value",
    "exact_limits",
    "hypergeometric",
    "jeffreys",
    "mid_p",
    "miettinen_nurminen",
    "newcombe",
    "score_limits",
    "stratified_newcombe",
    "stratified_wilson",
    "wilson",
]
