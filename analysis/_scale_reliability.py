"""Does a set of items measure one thing: Cronbach's alpha and McDonald's omega, once per questionnaire version."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis.validation import Real, persons_by_items

LEAST_UNIQUENESS = 0.005


def cronbach_alpha(x: ArrayLike) -> float:
    """Return α = K/(K−1)·(1 − Σs²_item/s²_total).

    Source: Cronbach 1951, Psychometrika 16:297.
    Shapes: persons × items, complete rows only.
    Edges: below 0 where items run against each other.

    Raises:
        ValueError: fewer than two persons or items, missing values, or totals that do not vary.

    >>> round(cronbach_alpha([[4, 5, 4], [5, 5, 5], [2, 3, 3], [4, 4, 3]]), 4)
    0.9252
    """
    table = persons_by_items(x)
    persons, items = table.shape
    if persons < 2 or items < 2:
        raise ValueError("x must hold at least two persons and two items")
    total = table.sum(axis=1).var(ddof=1)
    if not total > 0:
        raise ValueError("everybody has the same total, so that reliability cannot be told")
    return float(items / (items - 1) * (1 - table.var(axis=0, ddof=1).sum() / total))


def omega(x: ArrayLike) -> float:
    """Return McDonald's ω = (Σλ)²/((Σλ)² + Σψ) from one factor fitted by maximum likelihood to the correlations.

    Source: McDonald 1999, Test Theory; Jöreskog 1967, Psychometrika 32:443 for the fit.
    Shapes: persons × items, complete rows only.
    Edges: unique variances are kept at 0.005 or more, as R's factanal does.

    Raises:
        ValueError: fewer than three items, no more persons than items, missing values, an item that does not vary, or
            items that repeat each other exactly.

    >>> rows = [[1, 2, 1], [2, 2, 3], [3, 3, 3], [4, 3, 4], [5, 5, 4], [2, 1, 2], [4, 5, 5], [3, 4, 2]]
    >>> round(omega(rows), 3)
    0.919
    """
    table = persons_by_items(x)
    if table.shape[1] < 3 or table.shape[0] <= table.shape[1]:
        raise ValueError("x must hold at least three items and more persons than items")
    if not (table.std(axis=0) > 0).all():
        raise ValueError("an item has the same rating from everybody: leave it out")
    correlation = np.asarray(np.corrcoef(table, rowvar=False))
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        raise ValueError("items repeat each other: leave one out")
    loadings, unique = _one_factor(correlation)
    explained = loadings.sum() ** 2
    return float(explained / (explained + unique.sum()))


def _one_factor(correlation: Real) -> tuple[Real, Real]:
    def misfit(unique: Real) -> tuple[float, Real]:
        root = np.sqrt(unique)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        small = values[:-1]
        loading = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0))
        implied = loading**2 + unique - np.diag(correlation)
        return float((small - np.log(small) - 1).sum()), implied / unique**2

    start = 0.5 / np.diag(np.linalg.inv(correlation))
    bounds = [(LEAST_UNIQUENESS, 1.0)] * len(correlation)
    fit = scipy.optimize.minimize(
        misfit,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-10},
    )
    unique = np.asarray(fit.x)
    values, vectors = np.linalg.eigh(correlation / np.sqrt(np.outer(unique, unique)))
    loadings = np.sqrt(unique) * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0))
    return loadings * np.sign(loadings.sum() or 1), unique
