"""What the product says: msgids are English, the catalogue of the language in use has the words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol, cast

from babel.support import LazyProxy

from survey.i18n.formats import date
from survey.i18n.language import current_catalogue
from survey.i18n.stored_text import nfc


class Worded(Protocol):
    """What says in a msgid and its values what is wrong: an error, a fault of a file."""

    @property
    def message(self) -> str:
        """The msgid."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What fills its placeholders; texts among it may be what somebody typed."""


def gettext(message: str, /, **values: Any) -> str:
    """Return a message in the language in use, with its values put in."""
    words = current_catalogue().gettext(message)
    return words % values if values else words


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Return a message about a number of things in the language in use, with its values put in."""
    words = current_catalogue().ngettext(one, many, count)
    return words % values if values else words


def error_text(error: Worded) -> str:
    """Return what an error says in the language in use; what somebody typed stands in it in one spelling."""
    return gettext(error.message, **{name: _written(value) for name, value in error.values.items()})


def _written(value: Any) -> Any:
    if isinstance(value, dt.date):
        return date(value)
    return nfc(value) if isinstance(value, str) else value


def lazy_gettext(message: str, /, **values: Any) -> str:
    """Return a message that is said anew, in the language then in use, each time that it is written."""
    return cast("str", LazyProxy(gettext, message, enable_cache=False, **values))  # it acts as a text


def msgid(text: str) -> str:
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return text
