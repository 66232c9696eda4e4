"""The name by which somebody signs in."""

from __future__ import annotations

import unicodedata

from survey.i18n import nfc

# Letters that look like a Latin one or a digit in a login, after case folding (Unicode Technical Standard 39,
# confusables.txt). Any other letter that is neither Latin nor a digit cannot be in a login at all.
_LIKE = {
    "a": "аɑα",
    "b": "ьЬ",
    "c": "сϲ",
    "d": "ԁ",
    "đ": "ðɖ",
    "e": "еҽ",
    "g": "ɡ",
    "h": "һ",
    "i": "іıιɩ",
    "j": "јϳ",
    "k": "кκ",
    "l": "1ӏ",
    "m": "м",
    "n": "пո",
    "o": "0оοօσ",
    "p": "рρ",
    "q": "ԛ",
    "r": "г",
    "s": "ѕ",
    "t": "тτ",
    "u": "υս",
    "v": "νѵ",
    "w": "ԝѡ",
    "x": "хχ",
    "y": "уүγ",
    "z": "ᴢ",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    "'": "\u2019\u02bc",
}
_SKELETON = str.maketrans({other: letter for letter, others in _LIKE.items() for other in others})
_INVISIBLE = frozenset({"Cf", "Cc", "Cn", "Co", "Mn", "Me"})  # of what is left once letters and marks are composed
MARKS = frozenset("._-@+' ")


def login_key(login: str) -> str:
    """Return the form by which logins are told apart: those that look alike are one.

    Compatibility forms (NFKC), case, what cannot be seen, and letters of other scripts make no difference.

    >>> login_key(" Ｍai.Tran ") == login_key("mai.tran") == login_key("m\u0430i\u200b.tran")
    True
    >>> login_key("Ð.hải") == login_key("đ.hải"), login_key("hải") == login_key("hai")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", nfc(login)).casefold())
    seen = "".join(letter for letter in folded if unicodedata.category(letter) not in _INVISIBLE)
    return unicodedata.normalize("NFC", " ".join(seen.translate(_SKELETON).split()))


def is_readable(login: str) -> bool:
    """Return whether a login consists of what everybody can read and type: Latin letters, digits and a few marks.

    >>> is_readable("nguyễn.thị-hạnh_2@vinhlong.gov.vn"), is_readable("ханна"), is_readable("a\u0628")
    (True, False, False)
    """
    return all(
        letter in MARKS or (letter.isascii() and letter.isalnum()) or unicodedata.name(letter, "").startswith("LATIN ")
        for letter in unicodedata.normalize("NFC", login)
    )
