"""How a page names a comment: sealed anew each time, so that no address tells its number, its receipt or its order."""

from __future__ import annotations

import base64
import binascii

from survey.comments.originals import NO_COMMENT
from survey.comments.reading import CommentKey
from survey.errors import NotFound
from survey.security import sealing
from survey.security.tokens import RECEIPT

PURPOSE = "comment reference"


def reference(secret: str, key: CommentKey) -> str:
    """Return a reference to a comment, for this installation's pages only.

    >>> key_of("s" * 32, reference("s" * 32, (bytes(10), "S8"))) == (bytes(10), "S8")
    True
    """
    receipt, question = key
    return base64.urlsafe_b64encode(sealing.seal(secret, PURPOSE, receipt + question.encode())).decode().rstrip("=")


def key_of(secret: str, sealed: str) -> CommentKey:
    """Return what a reference names.

    Raises:
        NotFound: it is none of ours.
    """
    try:
        plain = sealing.unseal(secret, PURPOSE, base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    except (binascii.Error, ValueError):
        plain = None
    if plain is None:
        raise NotFound(NO_COMMENT)
    return plain[:RECEIPT], plain[RECEIPT:].decode()
