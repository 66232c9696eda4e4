"""Why a witness has not signed, in words."""

from __future__ import annotations

from collections.abc import Mapping

from survey.i18n import msgid
from survey.operations.cosigning import WitnessFault

FAULTS: Mapping[str, str] = {
    WitnessFault.UNREACHABLE: msgid("it cannot be reached"),
    WitnessFault.LATE: msgid("it does not answer in time"),
    WitnessFault.STRANGER: msgid("it does not know this ledger; give it the public key"),
    WitnessFault.SIGNATURE: msgid("it knows another key of this ledger"),
    WitnessFault.FORKED: msgid("it has signed another history of this ledger, and refuses this one"),
    WitnessFault.AHEAD: msgid("it has signed more entries than the ledger has"),
    WitnessFault.REPLY: msgid("its reply is no signature by its key"),
}
