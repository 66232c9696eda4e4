"""What every e-mail to an official needs of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from survey.models import Staff


@dataclass(frozen=True)
class Post:
    """The secret that seals and signs, the address of the pages, and the `languages`, the default first."""

    secret: str
    public_url: str
    languages: Sequence[str]

    def language_of(self, account: Staff) -> str:
        """Return the language in which an account is written to: the one it chose, else the default."""
        chosen = account.language or ""
        return chosen if chosen in self.languages else self.languages[0]
