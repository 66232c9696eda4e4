"""A body that was broken off is no answer: it must be as long as its head says, by whichever server it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import LengthRequired

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


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
