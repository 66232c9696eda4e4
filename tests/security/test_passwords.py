"""Passwords: one-off ones are strong by themselves, and a flood of them is turned away."""

from __future__ import annotations

import pytest

from survey.errors import TooManyTries
from survey.security import passwords


def test_a_flood_of_sign_ins_is_turned_away_not_queued() -> None:
    held = [passwords._places.acquire(blocking=False) for _ in range(4)]
    try:
        with pytest.raises(TooManyTries) as refused:
            passwords.verify(passwords.decoy_hash(), "not the password")
        assert refused.value.retry_after == 5
    finally:
        [passwords._places.release() for taken in held if taken]
    assert passwords.verify(passwords.decoy_hash(), "not the password") is False


def test_a_one_off_password_is_taken_and_never_the_same() -> None:
    drawn = {passwords.new_password("hanh") for _ in range(1000)}
    assert len(drawn) == 1000
    for password in drawn:
        passwords.check_strength(password, "hanh")


@pytest.mark.parametrize("login", ["a", "an", "-", "Hân", "mai", "VAN"])
def test_a_short_login_stands_in_nobodys_way(login: str) -> None:
    """By chance one password in a thousand holds three given letters, and one in two a given one."""
    for _ in range(8000):
        passwords.check_strength(passwords.new_password(login), login)
    if len(login) < 3:
        passwords.check_strength("một cây đa - ngàn năm", login)
