"""The columns of a published call-back: keys, heads, kinds, and what each means; of the province's row alone."""

from __future__ import annotations

from survey.i18n import msgid
from survey.reports.columns import RecordColumn

_SILENT = msgid("Of all silent cases the share that is satisfied lies between both limits, with the same confidence.")
_OWN = msgid("Of all cases that were answered the share of such answers lies between both limits.")
_OF_ALL = msgid("The rate of all cases lies between both limits whatever those think who were drawn and not reached.")
CALL_BACK = (
    RecordColumn(
        "call_back.cases",
        msgid("Call-back: all cases"),
        "count",
        msgid("Cases of the period that count, when the call-back was sealed. All of it is filled in the total alone."),
    ),
    RecordColumn("call_back.answered", msgid("Call-back: answered"), "count", msgid("Of these, cases with an answer.")),
    RecordColumn(
        "call_back.satisfied",
        msgid("Call-back: satisfied answers"),
        "count",
        msgid("Of these, cases whose answer chose level 4 or 5; empty where it would tell what a few people said."),
    ),
    RecordColumn(
        "call_back.silent_called",
        msgid("Call-back: silent drawn"),
        "count",
        msgid("Cases without an answer that were drawn at random to be called."),
    ),
    RecordColumn(
        "call_back.silent_unreached",
        msgid("Call-back: silent not reached"),
        "count",
        msgid("Of these, cases of which nobody answered the overall question on the telephone."),
    ),
    RecordColumn(
        "call_back.silent_satisfied",
        msgid("Call-back: silent satisfied"),
        "count",
        msgid("Of those who were reached, those who chose level 4 or 5."),
    ),
    RecordColumn(
        "call_back.fewest",
        msgid("Call-back: fewest people"),
        "count",
        msgid("How many must have been reached for it to be told what they said."),
    ),
    RecordColumn(
        "call_back.withheld",
        msgid("Call-back: withheld"),
        "text",
        msgid("Why the rate of all cases is not told: few: too few reached; others: it would tell of a few others."),
    ),
    RecordColumn(
        "call_back.rate",
        msgid("Call-back: rate of all cases"),
        "share",
        msgid("Satisfied share of all cases, estimated; empty where somebody drawn was not reached."),
    ),
    RecordColumn("call_back.lower", msgid("Call-back: lower limit"), "limit", _OF_ALL),
    RecordColumn("call_back.upper", msgid("Call-back: upper limit"), "limit", _OF_ALL),
    RecordColumn(
        "call_back.if_alike",
        msgid("Call-back: rate if alike"),
        "share",
        msgid("The rate of all cases under the assumption that those not reached think as those who were."),
    ),
    RecordColumn(
        "call_back.verdict",
        msgid("Call-back: verdict"),
        "text",
        msgid("Verdict over all cases; empty below 30 people reached. It stands beside the judged one."),
    ),
    RecordColumn(
        "call_back.silent_rate",
        msgid("Call-back: rate of the silent"),
        "share",
        msgid("Satisfied share of the silent, estimated; empty where somebody drawn was not reached."),
    ),
    RecordColumn("call_back.silent_lower", msgid("Call-back: silent, lower limit"), "limit", _SILENT),
    RecordColumn("call_back.silent_upper", msgid("Call-back: silent, upper limit"), "limit", _SILENT),
    RecordColumn(
        "call_back.answered_called",
        msgid("Call-back: answered drawn"),
        "count",
        msgid("Cases with an answer that were drawn at random, to ask who gave it."),
    ),
    RecordColumn(
        "call_back.answered_unreached",
        msgid("Call-back: answered not reached"),
        "count",
        msgid("Of these, cases of which it is not known who answered."),
    ),
    RecordColumn(
        "call_back.not_own",
        msgid("Call-back: not their own"),
        "count",
        msgid("Of those who were reached, those who say that they did not answer themselves, or not freely."),
    ),
    RecordColumn("call_back.not_own_lower", msgid("Call-back: not their own, lower limit"), "limit", _OWN),
    RecordColumn("call_back.not_own_upper", msgid("Call-back: not their own, upper limit"), "limit", _OWN),
    RecordColumn(
        "call_back.verdict_can_turn",
        msgid("Call-back: verdict could turn"),
        "flag",
        msgid("Whether the verdict on those who answered could be another one without such answers."),
    ),
    RecordColumn(
        "call_back.finished_at",
        msgid("Call-back: finished"),
        "day",
        msgid("The day in Viet Nam on which the calls were finished and counted."),
    ),
)
