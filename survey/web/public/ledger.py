"""The ledger for everybody: a page on how to check it, and what programs read (c2sp.org/tlog-tiles)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template

from survey.errors import NotFound
from survey.ledger import cosignatures, tree
from survey.ledger.tiles import bundle, filled, parsed
from survey.models import LedgerCheckpoint
from survey.periods import local_day
from survey.settings import DATA
from survey.web.request import session, settings
from survey.witness.archive import archive

pages = Blueprint("ledger", __name__, url_prefix="/ledger")
SCRIPT = DATA / "verify_ledger.py"
FOR_EVER = "public, max-age=31536000, immutable"
A_MOMENT = "no-cache"


@pages.get("", strict_slashes=False)
def show() -> str:
    """Say in plain words how anybody checks the figures."""
    newest, witnesses = tree.newest_checkpoint(session()), cosignatures.in_use(session())
    note = "" if newest is None else cosignatures.cosigned(session(), newest)
    return render_template(
        "public/ledger.html",
        newest=newest,
        day=None if newest is None else local_day(newest.sealed_at),
        note=note,
        witnesses=witnesses,
        signers=[witness.name for witness in witnesses if f" {witness.name} " in note],
        public_url=settings().public_url,
    )


@pages.get("/checkpoint")
def checkpoint() -> Response:
    """Return how far the ledger goes, signed by its key and by its witnesses."""
    return _text(cosignatures.cosigned(session(), _newest()), A_MOMENT)


@pages.get("/key")
def key() -> Response:
    """Return the public key by which checkpoints are checked; whoever keeps a copy need not believe this address."""
    return _text(_newest().verifier + "\n", A_MOMENT)


@pages.get("/witnesses")
def witnesses() -> Response:
    """Return the public keys of the witnesses, one a line; whoever needs them gets them from the witnesses."""
    return _text("".join(f"{witness.verifier}\n" for witness in cosignatures.in_use(session())), A_MOMENT)


@pages.get("/witness.pyz")
def program() -> Response:
    """Return the witness as one file, for whoever wants to be one."""
    reply = _reply(archive(), "application/zip", A_MOMENT)
    reply.headers["Content-Disposition"] = "attachment; filename=witness.pyz"
    return reply


@pages.get("/verify_ledger.py")
def script() -> Response:
    """Return the program that checks this ledger without any of ours."""
    return _text(SCRIPT.read_text(encoding="utf-8"), A_MOMENT)


@pages.get("/tile/<path:place>")
def tile(place: str) -> Response:
    """Return a tile of hashes or of entries, as far as it is signed."""
    wanted = parsed(place)
    if wanted is None or wanted.first + wanted.width > filled(wanted.level, _newest().size):
        abort(404)
    content = tree.tile_content(session(), wanted)
    body = bundle(content) if wanted.level is None else b"".join(content)
    return _reply(body, "application/octet-stream", FOR_EVER)


def _newest() -> LedgerCheckpoint:
    newest = tree.newest_checkpoint(session())
    if newest is None:
        raise NotFound("Nothing has been sealed yet. Please come back in a few minutes.")
    return newest


def _text(body: str, cached: str) -> Response:
    return _reply(body.encode(), "text/plain; charset=utf-8", cached)


def _reply(body: bytes, kind: str, cached: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Cache-Control"] = cached
    return response
