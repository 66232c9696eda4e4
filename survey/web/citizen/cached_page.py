"""A page that is rendered once and filled in for each visitor, and packed once too.

The fixed parts are deflated in advance, each ended by a full flush, so that a reply is put together by joining:
fixed part, what fills the hole (a stored block), fixed part, and so on, all in one ordinary gzip member. A proxy
could pack it too, but not safely: what fills the holes (keys, permits, receipts) would be deflated together with what
a visitor chose, and the length would tell about it. In stored blocks nothing is compressed against anything.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from flask import Request, Response
from markupsafe import Markup, escape

from survey.web.compression import takes_gzip

HTML = "text/html; charset=utf-8"
EDGE = "\x00"  # cannot be in a page otherwise: texts are stored without control characters
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
TAIL = b"\x03\x00"
LONGEST_STORED = 65535
PIECE = 4096


def hole(name: str) -> Markup:
    """Return the mark that stands for what each request fills in."""
    return Markup(EDGE + name + EDGE)  # noqa: S704 - a constant of the template, filled with escaped text


class CachedPage:
    """One rendered page with holes."""

    def __init__(self, html: str) -> None:
        parts = html.split(EDGE)
        self.names = parts[1::2]
        self.fixed = [part.encode() for part in parts[::2]]
        self.packed = [_deflated(part) for part in self.fixed]

    def fill(self, values: Mapping[str, str], request: Request, status: int = 200) -> Response:
        """Return the page with its holes filled, packed if the visitor takes that."""
        filled = [str(escape(values[name])).encode() for name in self.names]
        if takes_gzip(request.headers.get("Accept-Encoding", "")):
            return Response(self.zipped(filled), status, [("Content-Encoding", "gzip")], content_type=HTML)
        return Response(self.plain(filled), status, content_type=HTML)

    def plain(self, filled: list[bytes]) -> bytes:
        """Return the page as it is read."""
        parts = [self.fixed[0]]
        for written, fixed in zip(filled, self.fixed[1:], strict=True):
            parts += (written, fixed)
        return b"".join(parts)

    def zipped(self, filled: list[bytes]) -> bytes:
        """Return the page as one gzip member."""
        page = self.plain(filled)
        parts = [HEAD, self.packed[0]]
        for written, packed in zip(filled, self.packed[1:], strict=True):
            parts += (_stored(written), packed)
        return b"".join((*parts, TAIL, struct.pack("<II", _crc32(page), len(page) & 0xFFFFFFFF)))


def _deflated(part: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)


def _crc32(page: bytes) -> int:
    """Return the checksum, in pieces so short that zlib does not let other threads run for each."""
    checksum, whole = 0, memoryview(page)
    for start in range(0, len(page), PIECE):
        checksum = zlib.crc32(whole[start : start + PIECE], checksum)
    return checksum


def _stored(written: bytes) -> bytes:
    blocks = (written[i : i + LONGEST_STORED] for i in range(0, len(written), LONGEST_STORED))
    return b"".join(struct.pack("<BHH", 0, len(b), len(b) ^ 0xFFFF) + b for b in blocks)
