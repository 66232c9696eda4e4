"""Write the interval chart of a result as an SVG file."""

from __future__ import annotations

from pathlib import Path

import vl_convert

from analysis.charts import IntervalWords, interval_chart
from analysis.command.faults import refuse
from analysis.command.printing import VERDICTS, FileResult, label

MOST_ROWS = 200
DRAWN = ["answered", "rate", "lower", "upper", "verdict"]


def write_chart(result: FileResult, path: Path) -> None:
    """Draw every group, then the whole, against the target.

    Raises:
        FileRefused: more groups than a picture can show, or the picture cannot be written.
    """
    if len(result.groups) > MOST_ROWS:
        raise refuse(f"a picture of {len(result.groups):,} groups cannot be read: --by must make at most {MOST_ROWS}")
    level = f"{100 * result.confidence:g} %"
    share = "Satisfied, weighted" if "unweighted_rate" in result.groups else "Satisfied"
    words = IntervalWords(
        title=f"{share}, by {', '.join(result.by)}" if result.by else share,
        target=f"target {result.goal}",
        rate="satisfied",
        answered="answers",
        interval=f"{level} interval",
        no_answers="no answers",
        decimal=".",
        verdicts=VERDICTS,
    )
    rows = []
    if result.by:
        names = [label(group) for group in zip(*(result.groups[column] for column in result.by), strict=True)]
        rows = result.groups[DRAWN].assign(name=names).to_dict("records")
    whole = (
        result.total[DRAWN]
        .assign(name="in all, weighted" if "unweighted_rate" in result.total else "in all")
        .to_dict("records")
    )
    svg = vl_convert.vegalite_to_svg(interval_chart([*rows, *whole], result.target, words))
    try:
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise refuse(f"cannot write {path}: {error.strerror or error}") from error
