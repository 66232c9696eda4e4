"""What must hold between the counts of a group, and the order in which groups are shown."""

from __future__ import annotations

import pandas as pd

from analysis.command import printing
from analysis.command.faults import refuse


def check_cases(counts: pd.DataFrame, by: list[str], column: str) -> None:
    """Refuse a group with more answers than cases."""
    too_many = counts[counts["answered"] > counts["population"]]
    for row in too_many.head(1).to_dict("records"):
        where = f"{printing.label([str(row[group]) for group in by])}: " if by else ""
        cure = f"{row['answered']} answers for {row['population']} cases: remove duplicates, or correct the cases"
        raise refuse(where + cure, column)


def check_calls(counts: pd.DataFrame, by: list[str], column: str) -> None:
    """Refuse a group in which more were called, reached or satisfied than there are."""
    counts["unreached"] = counts.get("unreached", 0)
    silent, spoken = counts["population"] - counts["answered"], counts["called_satisfied"] + counts["unreached"]
    for row in counts[(counts["called"] > silent) | (spoken > counts["called"])].head(1).to_dict("records"):
        where = f"{printing.label([str(row[group]) for group in by])}: " if by else ""
        raise refuse(
            f"{where}{row['called']} called, {row['called_satisfied']} of them satisfied and {row['unreached']} not"
            f" reached, of {row['population'] - row['answered']} who did not answer: correct one of these",
            column,
        )


def order(text: str) -> tuple[int, float, str, str]:
    """Return the place of a name among others: numbers by size, then words by letter."""
    return (0, float(text), "", text) if text.isdecimal() else (1, 0.0, text.casefold(), text)
