"""Vietnamese in plain letters, for what cannot carry its marks."""

from __future__ import annotations

import unicodedata


def without_marks(words: str) -> str:
    """Return Vietnamese without its marks, as it is typed without a Vietnamese keyboard.

    >>> without_marks("Đề nghị Ông/Bà đánh giá")
    'De nghi Ong/Ba danh gia'
    """
    letters = unicodedata.normalize("NFD", words.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
