"""Intervals for shares and for differences between shares, gathered under the names that callers use."""

from __future__ import annotations

from analysis.binomial import Interval, beta_limits, clopper_pearson, jeffreys, mid_p, wilson
from analysis.finite_population import hypergeometric

__all__ = [
    "Interval",
    "beta_limits",
    "clopper_pearson",
    "hypergeometric",
    "jeffreys",
    "mid_p",
    "wilson",
]
