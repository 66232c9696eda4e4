"""What the channels are called, on pages and in files, and which of them is judged."""

from __future__ import annotations

from survey.i18n import gettext, msgid
from survey.models import Channel

REFERENCE = (Channel.OPEN, Channel.KIOSK, Channel.PAPER, Channel.TELEPHONE)  # shown beside the one that is judged
_NAMES = {
    Channel.INVITATION: msgid("By invitation"),
    Channel.OPEN: msgid("Open links and QR codes"),
    Channel.KIOSK: msgid("Kiosks"),
    Channel.PAPER: msgid("Paper sheets"),
    Channel.TELEPHONE: msgid("By telephone"),
}


def channel_name(channel: Channel) -> str:
    """Return the name of a channel in the language in use."""
    return gettext(_NAMES[channel])


def channel_label(channel: Channel) -> str:
    """Return the name of a channel and what its figures are for."""
    name = channel_name(channel)
    if channel in REFERENCE:
        return gettext("%(channel)s (for reference)", channel=name)
    return gettext("%(channel)s (assessed)", channel=name)
