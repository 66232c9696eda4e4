"""What a person agrees to who leaves an address for an answer, and which addresses answers can go to."""

from __future__ import annotations

from survey.i18n import msgid
from survey.models import AddressKind
from survey.settings import Settings

CONSENT_VERSION = 2  # of the words below: whoever changes them counts it up
CONSENT = msgid(
    "I agree that this address is kept sealed, only to send me the answer to my comment, once. No official sees it."
)
ERASURE = msgid(
    "The address is erased as soon as the answer has left, when you withdraw it on the page of your receipt code, or "
    "when nothing tells any more which file your answer belongs to; at the latest after %(days)s days."
)


def ways(settings: Settings) -> frozenset[AddressKind]:
    """Return which addresses answers can go to; where everything is handed over in files, all."""
    direct = {AddressKind.EMAIL: settings.smtp_host, AddressKind.PHONE: settings.gateway_url}
    return frozenset(kind for kind, line in direct.items() if line) or frozenset(direct)
