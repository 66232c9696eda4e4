"""The columns that .csv, .xlsx and .json share: by which key, under which head, of which kind, and what each means."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

from survey.i18n import msgid

ValueKind = Literal["text", "long", "day", "count", "share", "limit", "score", "flag"]
Value: TypeAlias = str | int | float | dt.date | None


@dataclass(frozen=True)
class RecordColumn:
    """One column: its key in .json and .csv, its head in words, how its values are written, and what it means."""

    key: str
    head: str
    kind: ValueKind
    meaning: str


_LEVEL = msgid("Answers that chose this level to the overall question.")
_LETTERS = msgid("Letters of apology for these cases that stand so when the file is made.")
_FOLLOWED = msgid("Of these comments, those whose follow-up stands so when the file is made.")
_OF_ALL = msgid("Whatever those think who did not answer, the rate of all finished cases is not beyond this.")
_MORE = msgid("Empty where the cases that are left cannot bring so many, or the period is closed.")
_LIMIT = msgid("The rate lies between both limits with the confidence that is named; printed rounded outwards.")
# What stands beside each row of a .csv, so that a row is complete in itself.
ABOUT = (
    RecordColumn("agency", msgid("Agency code"), "text", msgid("Code of the agency whose report it is.")),
    RecordColumn("period", msgid("Period"), "text", msgid("Its period: 2026-10, 2026-Q3, 2026-H1, 2026-9M, 2026.")),
    RecordColumn(
        "basis",
        msgid("Basis"),
        "text",
        msgid("calendar: calendar months; administrative: months from the 15th to the 14th."),
    ),
    RecordColumn("first_day", msgid("First day"), "day", msgid("The first day of the period in Viet Nam.")),
    RecordColumn("last_day", msgid("Last day"), "day", msgid("The last day of the period in Viet Nam; it is counted.")),
    RecordColumn(
        "as_of", msgid("As of"), "day", msgid("Until which day is counted; of a closed period the day of its closing.")
    ),
    RecordColumn(
        "closed", msgid("Closed"), "flag", msgid("Whether the figures are frozen, so that the verdict is final.")
    ),
    RecordColumn("demo", msgid("Demonstration"), "flag", msgid("Whether these are demonstration data.")),
    RecordColumn("target", msgid("Target"), "limit", msgid("The least share that is to be satisfied.")),
    RecordColumn("confidence", msgid("Confidence"), "limit", msgid("The confidence of the limits and of the verdict.")),
    RecordColumn(
        "channel",
        msgid("Channel"),
        "long",
        msgid(
            "How the answers came: invitation (judged); open, kiosk, paper or telephone (for reference, never to be "
            "added)."
        ),
    ),
    RecordColumn(
        "line",
        msgid("Grouped by"),
        "text",
        msgid(
            "What the row is of: total, unit, procedure; counting_all and without: the total with and without what is "
            "left out. Only rows of one kind and channel may be added up."
        ),
    ),
)
RESULTS = (
    RecordColumn("answered", msgid("Answers"), "count", msgid("Answers to the overall question, levels 1 to 5.")),
    RecordColumn(
        "satisfied",
        msgid("Satisfied answers"),
        "count",
        msgid("Of these, answers that chose level 4 or 5."),
    ),
    RecordColumn("rate", msgid("Satisfaction rate"), "share", msgid("Satisfied answers divided by all answers.")),
    RecordColumn("lower", msgid("Lower limit"), "limit", _LIMIT),
    RecordColumn("upper", msgid("Upper limit"), "limit", _LIMIT),
    RecordColumn(
        "verdict",
        msgid("Verdict"),
        "text",
        msgid("Met or not met if both limits lie on one side of the target; from 30 answers on."),
    ),
    RecordColumn(
        "certain", msgid("Certain verdict"), "text", msgid("The verdict that those who did not answer cannot change.")
    ),
)
LEVELS = (
    RecordColumn("level_1", msgid("1 Very dissatisfied"), "count", _LEVEL),
    RecordColumn("level_2", msgid("2 Dissatisfied"), "count", _LEVEL),
    RecordColumn("level_3", msgid("3 Neutral"), "count", _LEVEL),
    RecordColumn("level_4", msgid("4 Satisfied"), "count", _LEVEL),
    RecordColumn("level_5", msgid("5 Very satisfied"), "count", _LEVEL),
    RecordColumn("mean", msgid("Mean score (1–5)"), "score", msgid("The mean of the levels that were chosen.")),
)
CASES = (
    RecordColumn("finished", msgid("Finished cases"), "count", msgid("Cases that were finished in the period.")),
    RecordColumn("invited", msgid("Invited cases"), "count", msgid("Of these, cases that were invited.")),
    RecordColumn("rated", msgid("Rated cases"), "count", msgid("Of these, cases that were rated, whenever.")),
    RecordColumn("response_rate", msgid("Share of cases rated"), "share", msgid("Rated cases, of all finished ones.")),
    RecordColumn(
        "withdrawn", msgid("Withdrawn cases"), "count", msgid("Cases of the period that the portal withdrew.")
    ),
    RecordColumn(
        "withdrawn_rated",
        msgid("Withdrawn after rating"),
        "count",
        msgid("Of these, cases that had been rated before; their answers count on."),
    ),
    RecordColumn("possible_lower", msgid("Lowest possible rate of all cases"), "share", _OF_ALL),
    RecordColumn("possible_upper", msgid("Highest possible rate of all cases"), "share", _OF_ALL),
    RecordColumn(
        "break_even",
        msgid("Share of the silent needed for the target"),
        "share",
        msgid("Of those who did not answer, the share that must be satisfied for all cases to reach the target."),
    ),
    RecordColumn("needed_if_all_satisfied", msgid("More answers needed if all are satisfied"), "count", _MORE),
    RecordColumn("needed_if_rate_holds", msgid("More answers needed if the rate holds"), "count", _MORE),
    RecordColumn(
        "internal_use_only",
        msgid("Internal use only"),
        "flag",
        msgid("Too few answers or too wide limits: not to be published."),
    ),
)
COMMENTS = (
    RecordColumn("comments", msgid("Comments"), "count", msgid("Answers in which something was written.")),
    RecordColumn("comments_new", msgid("New comments"), "count", _FOLLOWED),
    RecordColumn("comments_in_hand", msgid("Comments in hand"), "count", _FOLLOWED),
    RecordColumn("comments_done", msgid("Comments dealt with"), "count", _FOLLOWED),
    RecordColumn("comments_not_for_us", msgid("Comments not for the unit"), "count", _FOLLOWED),
    RecordColumn(
        "comments_late",
        msgid("Comments overdue"),
        "count",
        msgid("Of these comments, those overdue."),
    ),
)
LETTERS = (
    RecordColumn("late_cases", msgid("Late cases"), "count", msgid("Cases that were finished after their due day.")),
    RecordColumn("letters", msgid("Letters drafted"), "count", msgid("Letters of apology that were drafted for them.")),
    RecordColumn("letters_drafted", msgid("Letters undecided"), "count", _LETTERS),
    RecordColumn("letters_approved", msgid("Letters approved"), "count", _LETTERS),
    RecordColumn("letters_delivered", msgid("Letters delivered"), "count", _LETTERS),
    RecordColumn("letters_handed_over", msgid("Letters handed over on paper"), "count", _LETTERS),
    RecordColumn("letters_declined", msgid("Letters declined"), "count", _LETTERS),
)
CODE = RecordColumn(
    "code", msgid("Code"), "text", msgid("Code of the unit or procedure; empty where it is of no one, or of several.")
)
NAME = RecordColumn("name", msgid("Name"), "long", msgid("Name of the unit or procedure in the language of the file."))
INTERVAL = RecordColumn(
    "interval",
    msgid("Interval, rounded outwards"),
    "text",
    msgid("Both limits as they are printed, or why they are not shown."),
)
WITHHELD = RecordColumn(
    "withheld",
    msgid("Not shown because"),
    "text",
    msgid(
        "Why only the number of answers is given: few (there are few), others (it would tell what few others said), "
        "open (it is given when the period is closed)."
    ),
)
POOLED = RecordColumn(
    "pooled",
    msgid("Put together"),
    "text",
    msgid("unit or procedure: the row is those together that are not shown, and is not to be added to them."),
)
MEASURES = (*RESULTS, *LEVELS, *CASES, *COMMENTS, *LETTERS)
