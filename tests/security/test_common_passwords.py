"""Passwords that many people use are refused however long they are; a sentence of one's own is not."""

from __future__ import annotations

import pytest

from survey.errors import InvalidPassword
from survey.security.passwords import check_strength

# What attackers try first, of fourteen signs and more: the pieces of all published lists, and how Vietnamese ones go.
COMMON = """
iloveyou123456 abcd1234abcd1234 qwerty987654321 1q2w3e4r5t6y7u vietnam@vietnam1 password123456 Passw0rd@123456
matkhau12345678 MatKhau@2025@2026 anhyeuem@123456 Anhyeuem19051990 emyeuanhnhieulam yeumaimaimaimai 12345678901234
qwertyuiop12345 1qaz2wsx3edc4rfv nguyenvana@1234 Nguyenthilan2000 hailong@vinhlong Vinhlong@2026!! admin@123456789
dichvucong@2026 ubndtinhvinhlong saigon@19752026 dragonmonkey123 0123456789asdf! aaaaaaaaaaaaab1 matkhaucuatoi!1
Hochiminh@2026! welcome@12345678
"""
OWN = (
    "một câu dài dễ nhớ",
    "Con mèo nằm trên nóc tủ",
    "hôm nay trời mưa to",
    "correct horse battery staple",
    "Ba tôi bán hủ tiếu ở chợ",
    "9#kV!t2qLwz@71xe",
    "Vĩnh Long có bưởi năm roi ngon",
)


@pytest.mark.parametrize("password", COMMON.split())
def test_what_many_people_use_is_refused_and_says_what_to_do(password: str) -> None:
    with pytest.raises(InvalidPassword) as refused:
        check_strength(password, "hanh")
    assert "sentence" in str(refused.value) or "repeat" in str(refused.value)


@pytest.mark.parametrize("password", OWN)
def test_a_sentence_of_ones_own_is_taken_whatever_signs_it_has(password: str) -> None:
    check_strength(password, "hanh")
