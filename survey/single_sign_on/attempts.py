"""One attempt to sign in at a provider: what our answer to its browser must know, sealed in a cookie, good for one use.

The state of the request belongs to this browser alone by it: nobody can let somebody else finish what they began.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import json
import zlib
from dataclasses import asdict, dataclass, replace

from survey.accounts import sign_in_limits
from survey.db.engine import Database
from survey.errors import SignOnRefused, TooManyTries
from survey.security import sealing
from survey.single_sign_on.openid_connect import STALE, Challenge

PURPOSE = "single sign-on"
LASTS = dt.timedelta(minutes=10)
LONGEST = 3600  # characters of a cookie, of which browsers keep 4096 with its name
MOST = 65_536  # bytes of what was sealed: repetitions are packed so small that a cookie holds far more


class Aim(enum.StrEnum):
    """What somebody goes to a provider for."""

    SIGN_IN = "sign_in"
    TIE = "tie"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Attempt:
    """One attempt: at which provider, for what, since when; `session` is that of whoever is signed in already.

    `after` is the page to go on to; `fields` are those of a form that waits until somebody has proved who they are.
    """

    provider: str
    aim: Aim
    state: str
    nonce: str
    verifier: str
    at: int
    after: str = ""
    session: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def challenge(self) -> Challenge:
        """Return what the provider's answer is checked by."""
        return Challenge(self.state, self.nonce, self.verifier)


def seal(secret: str, attempt: Attempt) -> str:
    """Return an attempt as a cookie; what makes it too long for one is left out."""
    sealed = ""
    for less in (attempt, replace(attempt, fields=()), replace(attempt, fields=(), after="")):
        plain = json.dumps(asdict(less), ensure_ascii=False).encode()
        sealed = base64.urlsafe_b64encode(sealing.seal(secret, PURPOSE, zlib.compress(plain, 9))).decode()
        if len(plain) <= MOST and len(sealed) <= LONGEST:
            break
    return sealed


def opened(database: Database, secret: str, cookie: str, provider: str, at: dt.datetime) -> Attempt:
    """Return the attempt that a browser brings back from a provider, which by this is used.

    Raises:
        SignOnRefused: there is none, it is for another provider, too old, or was used.
    """
    attempt = _unsealed(secret, cookie)
    if attempt is None or attempt.provider != provider or not 0 <= at.timestamp() - attempt.at < LASTS.total_seconds():
        raise SignOnRefused("state", STALE)
    try:
        with database.session(writes=True) as session:
            sign_in_limits.count(session, sign_in_limits.once(secret, attempt.state, LASTS), at)
            session.commit()
    except TooManyTries as error:
        raise SignOnRefused("state", STALE) from error
    return attempt


def _unsealed(secret: str, cookie: str) -> Attempt | None:
    try:
        plain = sealing.unseal(secret, PURPOSE, base64.urlsafe_b64decode(cookie.encode("ascii")))
    except ValueError:
        return None
    if plain is None:
        return None
    kept = json.loads(zlib.decompressobj().decompress(plain, MOST))
    fields = tuple((name, value) for name, value in kept.pop("fields"))
    return Attempt(**kept | {"aim": Aim(kept["aim"])}, fields=fields)
