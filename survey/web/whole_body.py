"""A body is read whole: one that was broken off is no answer, and who is refused early still gets the refusal."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected, LengthRequired
from werkzeug.wsgi import LimitedStream, get_content_length

from survey.web.upload_limits import MOST_FORM_BYTES, MOST_UPLOAD_BYTES

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


MOST_REST = MOST_UPLOAD_BYTES + MOST_FORM_BYTES  # announced: of a longer one nobody wants the rest
PIECE = 64 * 1024


class Unmeasured:
    """A body of which nobody said how long it is: nothing would tell its end from its being broken off."""

    def read(self, _size: int = -1) -> bytes:
        """Refuse.

        Raises:
            LengthRequired: always.
        """
        raise LengthRequired

    readline = read


def require(environ: WSGIEnvironment) -> None:
    """Let nobody read a body that is shorter than was announced, or not announced at all: that is 400, or 411."""
    # Some servers end every body by themselves and say so; Werkzeug then takes whatever came for the whole.
    environ.pop("wsgi.input_terminated", None)
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input"], environ["wsgi.input_terminated"] = Unmeasured(), True
        environ.pop("CONTENT_LENGTH", None)
    elif length := get_content_length(environ):
        environ["wsgi.input"] = LimitedStream(environ["wsgi.input"], length)


def read_rest(environ: WSGIEnvironment) -> None:
    """Read what a refusal has left of a required body.

    A server that answers before a body has come breaks the connection: whoever was still sending, a proxy too, sees
    that in place of the answer.
    """
    body = environ["wsgi.input"]
    if isinstance(body, LimitedStream) and body.limit <= MOST_REST:
        with suppress(ClientDisconnected):
            while body.read(PIECE):
                pass
