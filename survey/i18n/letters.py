"""Vietnamese in plain letters, for what cannot carry its marks."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = re.compile(r"[\W_]+")


def without_marks(words: str) -> str:
    """Return Vietnamese without its marks, as it is typed without a Vietnamese keyboard.

    >>> without_marks("Đề nghị Ông/Bà đánh giá")
    'De nghi Ong/Ba danh gia'
    """
    letters = unicodedata.normalize("NFD", words.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def plain_words(words: str) -> str:
    """Return the words of a text without marks and capitals, each between two blanks, so that one can be looked for.

    >>> plain_words("Đường truyền chậm, OTP… hết hạn!")
    ' duong truyen cham otp het han '
    """
    split = [word for word in _BETWEEN.split(without_marks(words).casefold()) if word]
    return f" {' '.join(split)} " if split else ""
