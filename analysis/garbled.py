"""Vietnamese names that were garbled on their way: what is meant, where the old coding can be undone.

Three ways are usual: letters of a font of the nineties (TCVN3, or VNI, which writes each mark behind its vowel), and
UTF-8 that was read as Windows-1252 and saved again. No kept library undoes the first two. A text is called garbled only
if it holds what no Vietnamese word does and every word of it becomes a possible syllable when it is undone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_VOWELS = "aăâeêioôơuưy"
_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
_TONES = _GRAVE + _HOOK + _TILDE + _ACUTE + _DOT
# TCVN 5712:1993 by fonts such as .VnTime: plain letters, then each vowel with its five tones in the order of _TONES.
_TCVN3_LETTERS = dict(zip("¡¢£¤¥¦§¨©ª«¬\xad®", "ĂÂÊÔƠƯĐăâêôơưđ", strict=True))
_TCVN3_TONED = "µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
# VNI: the tone, or the shape of the vowel and the tone, is a letter behind the vowel.
_VNI_TONES = {"ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ù": _ACUTE, "ï": _DOT}
_VNI_CIRCUMFLEX = {"â": "", "à": _GRAVE, "å": _HOOK, "ã": _TILDE, "á": _ACUTE, "ä": _DOT}
_VNI_BREVE = {"ê": "", "è": _GRAVE, "ú": _HOOK, "ü": _TILDE, "é": _ACUTE, "ë": _DOT}
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "í": "í", "ò": "ị", "î": "ỵ"}
_INITIAL = "b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|q|qu|r|s|t|th|tr|v|x"
_OPEN = (
    "a|e|ê|i|o|ô|ơ|u|ư|y|ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi|oa|oe|ua|uê|ui|uơ|ưa|ưi|ưu|uy|iêu|yêu|oai|oao|oay|oeo"
    "|uai|uay|uây|uôi|ươi|ươu|uya|uyu"
)
_CLOSED = "a|ă|â|e|ê|i|o|ô|ơ|u|ư|y|iê|yê|oa|oă|oe|oo|uâ|uê|uô|ươ|uy|uyê"
_SYLLABLE = re.compile(rf"(?:{_INITIAL})?(?:(?:{_OPEN})|(?:{_CLOSED})(?:c|ch|m|n|ng|nh|p|t))")
_LETTERS = frozenset(
    unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in ("", *_TONES)
) | frozenset("bcdđfghjklmnpqrstvwxz")
_PUNCTUATION = "().,;:/&-–'\"“”"
_ADDRESS = re.compile(r"\s*(?:https?://|www\.)\S+\s*$", re.IGNORECASE)
_LOST = re.compile(r"\ufffd|(?<=\w)\?(?=\w)")


def lost(text: str) -> bool:
    r"""Return whether letters were replaced by question marks or by the sign for what cannot be read.

    Edges: in an address of the web a question mark stands for itself.

    >>> lost("S? N?i v?"), lost("Phường \ufffd"), lost("Ai trả lời? Ông/Bà"), lost("https://a.vn/q?page=1")
    (True, True, False, False)
    """
    return bool(_LOST.search(text)) and not _ADDRESS.match(text)


def meant(text: str) -> str | None:
    """Return what a garbled text means, or nothing if it is not garbled or cannot be undone.

    >>> meant("Së Néi vô"), meant("Sôû Noäi vuï"), meant("Sá»Ÿ Ná»™i vá»¥"), meant("Sở Nội vụ"), meant("Café Noël")
    ('Sở Nội vụ', 'Sở Nội vụ', 'Sở Nội vụ', None, None)
    """
    if text.isascii() or all(map(_vietnamese, text.split())):
        return None
    for undo in (_encoded_twice, _from_tcvn3, _from_vni):
        undone = undo(text)
        if undone is not None and undone != text and all(map(_vietnamese, undone.split())):
            return undone
    return None


def _vietnamese(word: str) -> bool:
    """Return whether a word is a possible syllable, a sign, a number, or plain letters as in names of elsewhere."""
    parts = re.split(rf"[{re.escape(_PUNCTUATION)}]", word.lower())
    return all(part.isascii() or not any(map(str.isalnum, part)) or _is_syllable(part) for part in parts)


def _is_syllable(word: str) -> bool:
    if not all(letter in _LETTERS for letter in unicodedata.normalize("NFC", word)):
        return False
    parts = unicodedata.normalize("NFD", word)
    tones = sum(mark in _TONES for mark in parts)
    shape = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(shape) is not None


def _encoded_twice(text: str) -> str | None:
    for encoding in ("cp1252", "latin-1"):
        try:
            return unicodedata.normalize("NFC", text.encode(encoding).decode("utf-8"))
        except UnicodeError:
            continue
    try:  # Windows-1252 leaves five bytes without a letter, which programs let pass as they are
        raw = b"".join(c.encode("latin-1") if c in "\x81\x8d\x8f\x90\x9d" else c.encode("cp1252") for c in text)
        return unicodedata.normalize("NFC", raw.decode("utf-8"))
    except UnicodeError:
        return None


@cache
def _tcvn3() -> dict[int, str]:
    toned = (unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES)
    letters = _TCVN3_LETTERS | dict(zip(_TCVN3_TONED, toned, strict=True))
    return str.maketrans(letters)


def _from_tcvn3(text: str) -> str:
    return text.translate(_tcvn3())


def _from_vni(text: str) -> str:
    written: list[str] = []
    for sign in text:
        low, before = sign.lower(), written[-1].lower() if written else ""
        if low in _VNI_TONES and before in tuple("aeiouyơư"):
            written[-1] += _VNI_TONES[low]
        elif low in _VNI_CIRCUMFLEX and before in tuple("aeo"):
            written[-1] += "\u0302" + _VNI_CIRCUMFLEX[low]
        elif low in _VNI_BREVE and before == "a":
            written[-1] += "\u0306" + _VNI_BREVE[low]
        elif low in _VNI_LETTERS:
            written.append(_VNI_LETTERS[low].upper() if sign.isupper() else _VNI_LETTERS[low])
        else:
            written.append(sign)
    return unicodedata.normalize("NFC", "".join(written))
