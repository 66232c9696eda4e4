"""What a person agrees to who leaves an address for an answer, and which addresses answers can go to."""

from __future__ import annotations

from survey.i18n import msgid
from survey.models import AddressKind
from survey.settings import Settings

CONSENT_VERSION = 1  # of the words below: whoever changes them counts it up
CONSENT = msgid(
    "I agree that this address is kept sealed so that the answer to my comment can be sent to me, once. No official "
    "sees it. It is erased as soon as the answer has left, when I withdraw it on the page of my receipt code, or when "
    "nothing tells any more which file my answer belongs to; at the latest after %(days)s days."
)


def ways(settings: Settings) -> frozenset[AddressKind]:
    """Return which addresses answers can go to; where everything is handed over in files, all."""
    direct = {AddressKind.EMAIL: settings.smtp_host, AddressKind.PHONE: settings.gateway_url}
    return frozenset(kind for kind, line in direct.items() if line) or frozenset(direct)
