"""Which counts of a table are too small to be shown: the one place where reasons, factors and cuts ask."""

from __future__ import annotations

from collections.abc import Sequence

FEWEST = 10  # answers below which a share says more about a person than about a service
FEWEST_PEOPLE = 5  # who chose an answer, below which their number is not told


def shown(answered: Sequence[int], fewest: int = FEWEST) -> list[bool]:
    """Return which cells of one table may be shown; the others are too few, or would give those away by subtraction.

    Cells without an answer hide nobody. Of those hidden there are never so few together that they could be told.

    >>> shown([40, 7, 25, 0]), shown([40, 3, 30, 12])
    ([True, False, False, True], [True, False, True, False])
    """
    hidden = [0 < count < fewest for count in answered]
    while any(hidden) and sum(count for count, hide in zip(answered, hidden, strict=True) if hide) < fewest:
        left = [(count, place) for place, count in enumerate(answered) if count and not hidden[place]]
        if not left:
            break
        hidden[min(left)[1]] = True
    return [not hide for hide in hidden]


def enough(answered: int) -> bool:
    """Return whether so many answers may be shown as a share.

    >>> enough(9), enough(10)
    (False, True)
    """
    return answered >= FEWEST
