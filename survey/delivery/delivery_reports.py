"""Reports of failed delivery as mail servers send them (RFC 3464): which message reached nobody, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.message import Message

from survey.delivery import message_reference

STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
FAILED = re.compile(r"failed\b", re.IGNORECASE)  # a remark in brackets may follow
ADDRESSES = ("Original-Recipient", "Final-Recipient")


@dataclass(frozen=True)
class FailureReport:
    """One recipient's failure: the reference of our message, the addresses it is reported under, and the status."""

    reference: tuple[str, str] = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    status: str  # as 5.1.1 (RFC 3463), or empty


def read(content: bytes) -> list[FailureReport]:
    """Return the final failures of our messages that an e-mail reports; none if it is no such report."""
    email = message_from_bytes(content)
    if email.get_content_type() != "multipart/report":
        return []
    blocks, returned = _blocks(email), _returned(email)
    if not blocks:
        return []
    about = [_text(blocks[0], "Original-Envelope-Id"), *(_text(returned, "Message-ID") for returned in returned)]
    reference = next(filter(None, map(message_reference.read, about)), None)
    if reference is None:
        return []
    sent_to = [_text(message, "To") for message in returned]
    return [
        FailureReport(reference, tuple(_addresses(block, sent_to)), _status(block))
        for block in blocks[1:]
        if FAILED.match(_text(block, "Action"))
    ]


def _blocks(email: Message) -> list[Message]:
    """Return the groups of fields of the machine's part: of the message, then one for each recipient."""
    for part in email.walk():
        content = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(content, list):
            return [block for block in content if isinstance(block, Message) and block.keys()]
    return []


def _returned(email: Message) -> list[Message]:
    """Return the headers of our message as they came back."""
    returned = []
    for part in email.walk():
        content, kind = part.get_payload(), part.get_content_type()
        if kind in ("message/rfc822", "message/global") and isinstance(content, list):
            returned += [inner for inner in content if isinstance(inner, Message)]
        elif kind in ("text/rfc822-headers", "message/global-headers"):
            decoded = part.get_payload(decode=True)
            text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
            returned.append(message_from_string(text))
    return returned


def _addresses(block: Message, sent_to: list[str]) -> Iterator[str]:
    for name in ADDRESSES:
        yield _text(block, name).rpartition(";")[2].strip().strip("<>")
    yield from sent_to


def _status(block: Message) -> str:
    match = STATUS.search(_text(block, "Status"))
    return match[0] if match else ""


def _text(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip()
