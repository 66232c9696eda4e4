"""Tables of counts as a reader may see them: rows that are withheld keep only how many answered, and are pooled."""

from __future__ import annotations

import pandas as pd

from survey.models import Channel
from survey.results.disclosure import Disclosure
from survey.results.live_counts import LEVELS, MEASURES
from survey.results.open_cohort import COHORT

SAID = ("satisfied", *LEVELS, "no_opinion", "rate", "mean", "mean_lower", "mean_upper", "index")
CONCLUDED = ("p_met", "p_not_met", "needed_if_all_satisfied", "needed_if_all_dissatisfied", "needed_if_rate_holds")
OF_CASES = ("rated_satisfied", "possible_lower", "possible_upper", "break_even")
POOLED = -1


def withheld_rows(frame: pd.DataFrame, shown: Disclosure, by: str, channel: Channel) -> pd.DataFrame:
    """Return the rows of one channel with why each is withheld and, last, those that are as one row if it may be told.

    The counts of withheld rows are still there, for `without_words` to remove once all is worked out.
    """
    why = shown.rows(by, channel, frame["id"].to_list(), frame["answered"].to_list())
    rows = frame.assign(withheld=pd.Series(why, index=frame.index, dtype=object), pooled="")
    hidden = rows[(rows["withheld"] != "") & (rows["answered"] > 0)]
    answered = int(hidden["answered"].sum())
    others = (rows["withheld"] == "") & (rows["answered"] > 0)
    if len(hidden) < 2 or answered < shown.fewest or not others.any() or shown.scope.running:
        return rows
    measures = [name for name in (*MEASURES, *COHORT) if name in rows.columns]
    pool = hidden[measures].sum().to_frame().T.astype("int64")
    pool = pool.assign(id=POOLED, code="", name=pd.Series([{}]), withheld="", pooled=by)
    return pd.concat([rows, pool[rows.columns]], ignore_index=True)


def without_words(table: pd.DataFrame, *, cases: bool = True, fewest: int = 0) -> pd.DataFrame:
    """Return a table of figures without what is withheld; its limits then say nothing.

    What the rated cases of a judged row said is withheld with it, where they are too few by themselves, and if `cases`
    is false: beside the answers of the period, nearly the same, the difference would be the words of a few.
    """
    table = table.copy()
    hidden = table["withheld"] != ""
    if hidden.any():
        names = [name for name in (*SAID, *CONCLUDED) if name in table]
        table[names] = table[names].astype(object).mask(hidden)
        table["lower"], table["upper"] = table["lower"].mask(hidden, 0.0), table["upper"].mask(hidden, 1.0)
        table["suppress"] |= hidden
        for name in ("flag_complement", "review"):
            if name in table:
                table[name] &= ~hidden
    if "rated" in table:
        few = hidden | ((table["rated"] > 0) & (table["rated"] < fewest)) | (not cases)
        if few.any():
            table[list(OF_CASES)] = table[list(OF_CASES)].astype(object).mask(few)
    return table
