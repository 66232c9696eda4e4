"""Passwords: argon2id, a few at a time; one-off passwords, and what a new one must be like.

The parameters are OWASP's (19 MiB, two passes). Hashing costs tens of milliseconds of a core on purpose, and a flood of
sign-ins must not take the threads that answer citizens: one is computed at a time in each process, one more may wait
for it (somebody who has signed in before), and all others are turned away at once.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey.errors import InvalidPassword, TooManyTries
from survey.security.common_passwords import uncommon

SHORTEST = 14
LONGEST = 256
DISTINCT = 6
UNCOMMON = 10  # letters and digits that are left once what everybody uses is taken out
LOGIN = 3  # a login of fewer letters stands in half of all sentences
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that reads like another

VOID = "!"  # stands where an account has no password: no password has this hash

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
AT_ONCE = 1  # half of the turns of officials, but the one that may wait (operations.serving.TURNS_OF_OFFICIALS)
WAIT_SECONDS = 2.0
_working = threading.BoundedSemaphore(AT_ONCE)
_waiting = threading.BoundedSemaphore(1)


@contextmanager
def turn(first: bool = False) -> Iterator[None]:
    """Compute what is to be computed of passwords in this block; `first`: wait for it, if nobody else does.

    Raises:
        TooManyTries: somebody else's password is being checked at this moment.
    """
    if not (_working.acquire(blocking=False) or (first and _after_the_other())):
        raise TooManyTries("Many people are signing in at this moment. Please try again in a few seconds.", 5)
    try:
        yield
    finally:
        _working.release()


def _after_the_other() -> bool:
    if not _waiting.acquire(blocking=False):
        return False
    try:
        return _working.acquire(timeout=WAIT_SECONDS)
    finally:
        _waiting.release()


def hash_password(password: str) -> str:
    """Return what is stored of a password; in a `turn`, where others wait."""
    return _HASHER.hash(unicodedata.normalize("NFC", password))


def verify(stored: str, password: str) -> bool:
    """Return whether a password is the one that was stored; in a `turn`, where others wait."""
    try:
        return _HASHER.verify(stored, unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Return whether a password was stored with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def new_password(login: str) -> str:
    """Return a one-off password: 20 random letters in groups of five, 99 bits; by chance it may not hold the login."""
    letters = [secrets.choice(LETTERS) for _ in range(20)]
    password = "-".join("".join(letters[i : i + 5]) for i in range(0, 20, 5))
    return new_password(login) if _holds(password, login) else password


def check_strength(password: str, login: str) -> None:
    """Refuse a password that is too short, too long, too simple, common, or holds the login of three letters or more.

    Raises:
        InvalidPassword: says which, and what to do.
    """
    password = unicodedata.normalize("NFC", password)
    if len(password) < SHORTEST:
        raise InvalidPassword(
            "new",
            "The password must have at least %(least)s characters. A short sentence is easy to remember.",
            least=SHORTEST,
        )
    if len(password) > LONGEST:
        raise InvalidPassword("new", "The password may have at most %(most)s characters.", most=LONGEST)
    if len(set(password)) < DISTINCT or _holds(password, login):
        raise InvalidPassword(
            "new", "This password is too easy to guess. Please do not repeat a few characters or use your login in it."
        )
    if uncommon(password) < UNCOMMON:
        raise InvalidPassword(
            "new",
            "This password is made of words and rows of signs that many people use, so it is soon guessed. Please "
            "choose a short sentence of your own.",
        )


def _holds(password: str, login: str) -> bool:
    return len(login) >= LOGIN and login.casefold() in password.casefold()


@cache
def decoy_hash() -> str:
    """Return a hash that no password matches: a login that nobody has must take as long as a wrong password."""
    return _HASHER.hash(secrets.token_urlsafe(16))
