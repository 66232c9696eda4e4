"""Who witnesses the ledger: outside bodies that are asked to sign each checkpoint."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.ledger import cosignatures
from survey.ledger.notes import COSIGNER, Verifier
from survey.models import LedgerWitness

ADDRESS = 400


def add(session: Session, url: str, key: str, when: dt.datetime) -> LedgerWitness:
    """Ask a witness from now on; `url` stands before `/add-checkpoint`. One that was removed is asked again.

    An address without TLS will do: what is sent is public, and what comes back is checked by the key.

    Raises:
        InvalidNote: `key` is no public key of a witness.
        Conflict: the address cannot be posted to, or a witness of that name is asked already.
    """
    verifier = Verifier.parse(key, COSIGNER)
    url = url.rstrip("/")
    if len(url) > ADDRESS or not _postable(url):
        raise Conflict("The address of a witness begins with https:// or http://, and has no password.")
    if any(witness.name == verifier.name for witness in cosignatures.in_use(session)):
        raise Conflict("%(name)s is a witness already. Remove it first.", name=verifier.name)
    earlier = sa.select(LedgerWitness).where(LedgerWitness.verifier == str(verifier))
    witness = session.scalars(earlier).first() or LedgerWitness(verifier=str(verifier), size=0)
    witness.name, witness.url, witness.added_at, witness.removed_at = verifier.name, url, when, None
    witness.failures, witness.fault, witness.failed_at, witness.asked_at = 0, "", None, None
    session.add(witness)
    session.flush()
    trail.append(session, None, Act.WITNESS_ADDED, when, name=verifier.name, key=verifier.key_id.hex())
    return witness


def remove(session: Session, name: str, when: dt.datetime) -> None:
    """Ask a witness no more; what it has signed stays.

    Raises:
        NotFound: none of that name is asked.
    """
    witness = next((one for one in cosignatures.in_use(session) if one.name == name), None)
    if witness is None:
        raise NotFound("There is no witness named %(name)s.", name=name[:ADDRESS])
    witness.removed_at = when
    trail.append(session, None, Act.WITNESS_REMOVED, when, name=name)


def _postable(url: str) -> bool:
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        return False
    named = address.scheme in ("https", "http") and address.hostname and port != 0
    return bool(named) and not (address.username or address.password or address.query or address.fragment)
