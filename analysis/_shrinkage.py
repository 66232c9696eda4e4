"""Stable estimates for small agencies: the beta-binomial model fitted to all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis.validation import Real, Target, Whole, agencies, exact_target, tail


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """Stable estimates: each agency's rate drawn towards what all have in common, more so with fewer answers."""

    k: Whole
    n: Whole
    target: Target
    confidence: float
    alpha: float
    beta: float
    loglik: float
    rate: Real
    lower: Real
    upper: Real
    p_at_least_target: Real

    @property
    def mean(self) -> float:
        """The rate that agencies have in common: alpha / (alpha + beta)."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def precision(self) -> float:
        """How many answers the common rate weighs: alpha + beta."""
        return self.alpha + self.beta


def shrink(k: ArrayLike, n: ArrayLike, target: Target, confidence: float = 0.95) -> Shrinkage:
    """Return empirical-Bayes rates for sorting small agencies, and the probability that each reaches the target.

    k ~ BetaBinomial(n, alpha, beta) by maximum likelihood; rate = (alpha + k)/(alpha + beta + n), limits are quantiles
    of Beta(alpha + k, beta + n - k), P(p >= t) = 1 - I(t; alpha + k, beta + n - k). The precision alpha + beta is at
    most the number of answers, reached when agencies differ no more than by chance; if all or none are satisfied, where
    no maximum exists, half an answer of each kind is added to the sums.
    `k`, `n`: one dimension, an agency each; n = 0 gets the common rate.
    Source: empirical Bayes with the beta-binomial by maximum likelihood; docs/statistics.md §7.

    Raises:
        ValueError: impossible counts, no agency with answers, target or confidence outside (0, 1).

    >>> stable = shrink([29, 40, 57, 63, 85, 107, 132, 187, 246, 290, 386, 476],
    ...                 [30, 44, 60, 75, 90, 120, 150, 200, 260, 310, 400, 520], "0.90")
    >>> round(stable.mean, 4), round(stable.precision), stable.rate[:2].round(4).tolist()
    (0.9247, 125, [0.9328, 0.9206])
    """
    satisfied, answered = agencies(k, n)
    share, a = float(exact_target(target)), tail(confidence)
    alpha, beta = beta_binomial_fit(satisfied, answered)
    posterior = scipy.stats.beta(alpha + satisfied, beta + answered - satisfied)
    rate = (alpha + satisfied) / (alpha + beta + answered)  # scipy's mean is no number where beta is next to nothing
    loglik = float(np.sum(scipy.stats.betabinom.logpmf(satisfied, answered, alpha, beta)))
    # The mean of a very skewed distribution may lie beyond its quantile: a printed interval holds its rate.
    limits = np.fmin(posterior.ppf(a), rate), np.fmax(posterior.isf(a), rate)
    return Shrinkage(
        satisfied,
        answered,
        target,
        confidence,
        alpha,
        beta,
        loglik,
        rate,
        *limits,
        np.asarray(posterior.sf(share)),
    )


def beta_binomial_fit(k: Whole, n: Whole) -> tuple[float, float]:
    """Return alpha and beta of greatest likelihood; where all or none are satisfied, the sums and half an answer more.

    The precision alpha + beta is at most the number of answers. `k`, `n`: satisfied and all answers by agency.

    >>> alpha, beta = beta_binomial_fit(np.array([45, 90, 170, 60]), np.array([50, 100, 200, 80]))
    >>> round(alpha / (alpha + beta), 3)
    0.849
    """
    good, bad, total = int(k.sum()), int((n - k).sum()), int(n.sum())
    if good == 0 or bad == 0:
        return good + 0.5, bad + 0.5
    start = np.array([np.log(good / bad), np.log(min(100.0, total))])
    bounds = [(-30.0, 30.0), (np.log(1e-3), np.log(total))]
    fit = scipy.optimize.minimize(
        beta_binomial_loss, start, (k, n), method="L-BFGS-B", jac=True, bounds=bounds, tol=1e-13
    )
    polished = scipy.optimize.root(beta_binomial_slope, fit.x, (k, n), tol=1e-14)
    best = polished.x if polished.success and (np.abs(polished.x - fit.x) < 1e-3).all() else fit.x
    precision, mean = float(np.exp(best[1])), float(scipy.special.expit(best[0]))
    return precision * mean, precision * (1 - mean)


def beta_binomial_loss(parameters: Real, k: Whole, n: Whole) -> tuple[float, Real]:
    """Return the loss, minus the log-likelihood but for its constant, and its slope by the two parameters.

    `parameters`: the logit of the mean and the logarithm of the precision.
    """
    mean, precision = scipy.special.expit(parameters[0]), np.exp(parameters[1])
    alpha, beta = precision * mean, precision * (1 - mean)
    loglik = scipy.special.betaln(alpha + k, beta + n - k).sum() - k.size * scipy.special.betaln(alpha, beta)
    whole_part = scipy.special.psi(precision) - scipy.special.psi(precision + n)
    by_alpha = (scipy.special.psi(alpha + k) - scipy.special.psi(alpha) + whole_part).sum()
    by_beta = (scipy.special.psi(beta + n - k) - scipy.special.psi(beta) + whole_part).sum()
    return -loglik, -np.array([alpha * (1 - mean) * (by_alpha - by_beta), alpha * by_alpha + beta * by_beta])


def beta_binomial_slope(parameters: Real, k: Whole, n: Whole) -> Real:
    """Return the slope of the loss alone."""
    return beta_binomial_loss(parameters, k, n)[1]
