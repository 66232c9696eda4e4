"""Intervals for shares and for differences between shares, gathered under the names that callers use."""

from __future__ import annotations

from analysis.binomial import Interval, beta_limits, clopper_pearson, jeffreys, mid_p, wilson
from analysis.difference import Difference, miettinen_nurminen, newcombe
from analysis.finite_population import hypergeometric
from analysis.sequence import confidence_sequence, e_value

__all__ = [
    "Difference",
    "Interval",
    "beta_limits",
    "clopper_pearson",
    "confidence_sequence",
    "e_value",
    "hypergeometric",
    "jeffreys",
    "mid_p",
    "miettinen_nurminen",
    "newcombe",
    "wilson",
]
