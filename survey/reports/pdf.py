"""The .pdf: the same outline as the .docx, tagged for screen readers and fit to be kept (PDF/UA-1 and PDF/A-2a)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from survey.collection.posters import qr_code
from survey.fonts import FOLDER, SERIF, printable
from survey.i18n import gettext
from survey.periods import local_day
from survey.reports import pictures
from survey.reports.composition import outline
from survey.reports.outline import (
    Outline,
    OutlineAnnex,
    OutlineBlock,
    OutlineFigure,
    OutlineHeading,
    OutlineQrCode,
    OutlineText,
    ReportChart,
)
from survey.reports.report import Report
from survey.settings import DATA

SERIF_FACE = "HailongSerif-Regular"


def write_pdf(report: Report, path: Path) -> None:
    """Write the report as a PDF."""
    write_pages(outline(report), path)


def write_pages(printed: Outline, path: Path) -> None:
    """Write a report that is put together as a PDF, in the language in use."""
    import typst  # native, and loaded only where it draws: never in a process that serves pages

    pdf = typst.compile(
        DATA / "report.typ",
        root=DATA,
        font_paths=[FOLDER],
        ignore_system_fonts=True,
        sys_inputs={"data": data(printed)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(printed.as_of.timestamp()),
    )
    path.write_bytes(bytes(pdf))


def data(printed: Outline) -> str:
    """Return all that a report says, ready to be set: JSON that the template reads."""
    day = local_day(printed.as_of)
    drawn = pictures.drawn(printed, "svg")
    head = asdict(printed.head)
    if printed.head.addressees:
        head["addressees"] = gettext("To: %(names)s", names="; ".join(printed.head.addressees))
    else:
        head["addressees"] = ""
    whole: dict[str, object] = {
        "title": f"{printed.head.kind} – {printed.head.title}",
        "author": printed.author,
        "language": printed.language,
        "font": SERIF,
        "day": [day.year, day.month, day.day],
        "mark": printed.head.foot,
        "words": {"recipients": gettext("Recipients:")},
        "head": head,
        "opening": [_block(block, drawn) for block in printed.opening],
        "body": [_block(block, drawn) for block in printed.body],
        "signing": asdict(printed.signing),
        "annexes": [_annex(annex, drawn) for annex in printed.annexes],
    }
    return json.dumps(_printable(whole), ensure_ascii=False)


def _annex(annex: OutlineAnnex, drawn: Mapping[ReportChart, bytes]) -> dict[str, object]:
    blocks = [_block(block, drawn) for block in annex.blocks]
    return {"name": annex.name, "title": annex.title, "attached": annex.attached, "blocks": blocks}


def _block(block: OutlineBlock, drawn: Mapping[ReportChart, bytes]) -> dict[str, object]:
    match block:
        case OutlineHeading():
            return {"kind": "heading", **asdict(block)}
        case OutlineText():
            return {"kind": "text", **asdict(block)}
        case OutlineQrCode():
            code = {"svg": qr_code.svg(block.address), "alternative": block.alternative, "width": block.width}
            return {"kind": "qr", **code}
        case OutlineFigure():
            caption = gettext("Figure %(number)s. %(title)s", number=block.number, title=block.title)
            svg, alternative = drawn[block.chart].decode(), block.chart.alternative
            return {"kind": "figure", "caption": caption, "svg": svg, "alternative": alternative}
    caption = gettext("Table %(number)s. %(title)s", number=block.number, title=block.title)
    return {"kind": "table", "caption": caption, "table": asdict(block.table)}


def _printable(value: object) -> object:
    """Return data in which each letter that our face lacks is a box: the standard allows no letter without a shape."""
    if isinstance(value, str):
        return "\n".join(printable(line, SERIF_FACE) for line in value.split("\n"))
    if isinstance(value, dict):
        return {key: one if key == "svg" else _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list | tuple) else value
