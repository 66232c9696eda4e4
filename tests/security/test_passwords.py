"""Passwords: one-off ones are strong by themselves, and a flood of them is turned away."""

from __future__ import annotations

import threading
import time

import pytest

from survey.errors import TooManyTries
from survey.operations.serving import TURNS_OF_OFFICIALS
from survey.security import passwords


def test_a_flood_of_sign_ins_is_turned_away_at_once_and_leaves_threads_for_citizens() -> None:
    assert passwords.AT_ONCE == TURNS_OF_OFFICIALS // 2 - 1
    with passwords.turn():
        began = time.monotonic()
        for _ in range(40):
            with pytest.raises(TooManyTries) as refused, passwords.turn():
                pass
        assert refused.value.retry_after == 5
        assert time.monotonic() - began < passwords.WAIT_SECONDS, "not one of them has waited for a turn"
    with passwords.turn():
        assert passwords.verify(passwords.decoy_hash(), "not the password") is False


def test_one_who_has_signed_in_before_waits_for_a_turn_that_strangers_do_not_get() -> None:
    order: list[str] = []
    begun = threading.Event()

    def hold() -> None:
        with passwords.turn():
            begun.set()
            time.sleep(0.3)
            order.append("stranger")

    def come_back() -> None:
        try:
            with passwords.turn(first=True):
                order.append("first")
        except TooManyTries:
            order.append("refused")

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    others = [threading.Thread(target=come_back) for _ in range(2)]
    for thread in others:
        thread.start()
    for thread in (*others, holder):
        thread.join()
    assert order == ["refused", "stranger", "first"], "one waits, no more"


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
