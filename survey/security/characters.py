"""Which characters a text may hold: those of XML 1.0, or a document cannot be written nor a chart be drawn.

Kept out besides: control characters but tab and line feed, and every mark that changes the direction of what is read.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"
_XML = "\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"  # production Char, without the carriage return
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(rf"[^{_XML}]|[{_CONTROLS}{_DIRECTIONS}]")


def allowed(text: str) -> str:
    r"""Return a text without the characters that may not be stored.

    >>> allowed("Xã\ufffe \u200fMới\0")
    'Xã Mới'
    """
    return _FORBIDDEN.sub("", text)


def writable(text: str) -> str:
    r"""Return a stored text as every kind of file can hold it: a character from before it was kept out is shown as one.

    >>> writable("Xã\ufffe Mới") == f"Xã{REPLACEMENT} Mới"
    True
    """
    return _FORBIDDEN.sub(REPLACEMENT, text)
