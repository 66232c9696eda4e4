"""QR codes of links, as drawings and as pictures."""

from __future__ import annotations

import io

import segno

QUIET = 4  # modules of white around a code, the least that its standard asks for


def svg(link: str, title: str = "") -> str:
    """Return a link's QR code as an SVG drawing that takes the size of its frame.

    >>> svg("https://example.vn/q/7K2M9QXA").count("<path") > 0
    True
    """
    drawn = io.BytesIO()
    _code(link).save(
        drawn,
        kind="svg",
        border=QUIET,
        xmldecl=False,
        omitsize=True,
        light="#fff",
        title=title or None,
        svgclass=None,
        lineclass=None,
    )
    return drawn.getvalue().decode()


def png(link: str, pixels: int = 12) -> bytes:
    """Return a link's QR code as a PNG picture, `pixels` to a module: sharp at 45 mm on an office's printer."""
    drawn = io.BytesIO()
    _code(link).save(drawn, kind="png", border=QUIET, scale=pixels)
    return drawn.getvalue()


def _code(link: str) -> segno.QRCode:
    # A quarter of the code may be hidden by dirt or a crease; a smaller error level only where it costs nothing.
    return segno.make(link, error="q", micro=False, boost_error=True)
