"""The name by which somebody signs in."""

from __future__ import annotations

import unicodedata

from survey.i18n import nfc


def login_key(login: str) -> str:
    """Return the form by which logins are told apart: NFKC and case-folded, so that look-alikes are one.

    >>> login_key(" Ｍai.Tran ") == login_key("mai.tran")
    True
    """
    folded = unicodedata.normalize("NFKC", nfc(login)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()
