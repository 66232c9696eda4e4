"""What is wrong between the answers and the ledger, each named so that it can be found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey.i18n import gettext, msgid


@dataclass(frozen=True)
class Discrepancy:
    """One thing that is not as the ledger has it; `message` is a msgid, `values` fill it."""

    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it in the language in use."""
        return gettext(self.message, **self.values)


NO_CHECKPOINT = msgid("Nothing has been signed yet. Run `hailong seal`.")
LOST_ENTRIES = msgid("The ledger: entries %(first)s to %(last)s are missing.")
CHANGED_ENTRY = msgid("The ledger: entry %(number)s was changed.")
CHANGED_TREE = msgid("The ledger: the hash %(number)s of level %(level)s was changed or is missing.")
CHANGED_CHECKPOINT = msgid("The ledger: the checkpoint of %(size)s entries is not the root of these entries.")
UNSIGNED_CHECKPOINT = msgid("The ledger: the checkpoint of %(size)s entries is not signed by its key as it is kept.")
FORGED_COSIGNATURE = msgid(
    "The ledger: the signature of the witness %(witness)s on the checkpoint of %(size)s entries is not genuine."
)
MISSING_COSIGNATURE = msgid(
    "The ledger: the witness %(witness)s signed the checkpoint of %(size)s entries, and its signature is gone."
)
SHORTENED = msgid("The ledger has %(size)s entries, and had %(before)s before: its end was taken away.")
REWRITTEN = msgid("The ledger: what stood in it when it had %(size)s entries was rewritten.")
OTHER_LEDGER = msgid("The checkpoint is one of another ledger: %(origin)s.")
CHANGED_ANSWER = msgid("Answer %(answer)s of %(day)s, entry %(number)s: it was changed or moved.")
CHANGED_COUNTING = msgid("Answer %(answer)s of %(day)s, entry %(number)s: whether it counts was changed.")
REMOVED_ANSWER = msgid("Entry %(number)s, an answer of %(day)s: the answer was removed.")
ADDED_ANSWER = msgid("Answer %(answer)s of %(day)s was added: the ledger does not know it.")
TWICE = msgid("Answer %(answer)s of %(day)s was added: entry %(number)s is that of another answer.")
CHANGED_COMMENT = msgid("Answer %(answer)s of %(day)s, entry %(number)s: its comment on %(question)s was changed.")
CHANGED_CALL_BACK = msgid("Call-back of %(period)s: its design, its draw or its results are not as the ledger says.")
ADDED_COMMENT = msgid("Answer %(answer)s of %(day)s, entry %(number)s: a comment on %(question)s was added.")
REMOVED_COMMENT = msgid("Answer %(answer)s of %(day)s, entry %(number)s: its comment on %(question)s was removed.")
CUT_NUMBER = msgid(
    "Answers of %(first)s to %(last)s: %(before)s before their links to cases were cut, %(after)s after it."
)
CHANGED_EXCLUSION = msgid("Entry %(number)s: whether this answer is left out was changed.")
CHANGED_QUESTIONNAIRE = msgid("The questionnaire %(name)s was changed, added or removed after it was published.")
CHANGED_TARGET = msgid("The target from %(name)s on was changed, added or removed.")
CHANGED_PERIOD = msgid("The closed period %(name)s: its frozen figures were changed, added or removed.")
CHANGED_RESULTS = msgid("The published results %(name)s were changed, added or removed.")
OTHER_FIGURES = msgid("The closed period %(name)s: its frozen figures are not those of its answers.")
CHANGED_REPORT = msgid("The register of reports: the file %(name)s was changed, added or removed.")
