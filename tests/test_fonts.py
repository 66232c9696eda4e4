"""Our fonts are ours by name, hold every Vietnamese letter, and are the ones that are drawn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import vl_convert
from fontTools.ttLib import TTFont

from survey import fonts
from survey.operations import doctor
from survey.settings import ROOT

RESERVED = "Liberation"  # by the licence, only fonts that nobody changed may be called so
CALLED = (1, 3, 4, 6, 16)  # family, unique identifier, full name, PostScript name, typographic family


def test_no_font_of_ours_is_called_by_the_reserved_name() -> None:
    assert {path.stem for path in fonts.FOLDER.glob("*.ttf")} == set(fonts.FACES)
    for face in fonts.FACES:
        with TTFont(fonts.FOLDER / f"{face}.ttf") as font:
            names = {record.nameID: record.toUnicode() for record in font["name"].names}
        assert names[1] in (fonts.SANS, "Hailong Serif")
        assert names[6].partition("-")[0] == face.partition("-")[0]
        assert not [names[number] for number in CALLED if RESERVED in names.get(number, "")]
        assert "Red Hat" in names[0] and "Open Font License" in names[13]


def test_every_face_holds_every_vietnamese_letter() -> None:
    assert len(fonts.VIETNAMESE) == 2 * (12 * 6 + 1)
    assert {"ế", "Ự", "đ", "ỹ", "Ỵ"} < fonts.VIETNAMESE
    assert fonts.damaged() == []


def test_the_poster_and_the_charts_ask_for_our_family() -> None:
    sources = [*(ROOT / "survey").rglob("*.py"), *(ROOT / "survey").rglob("*.typ")]
    named = [path.name for path in sources if RESERVED in path.read_text(encoding="utf-8")]
    assert named == []


def test_a_chart_is_drawn_in_our_font_whatever_fonts_the_machine_has() -> None:
    fonts.register()
    spec = {
        "data": {"values": [{}]},
        "mark": {"type": "text", "text": "Tỷ lệ hài lòng"},
        "config": {"font": fonts.SANS},
    }
    other = {**spec, "config": {"font": "Hailong Serif"}}
    assert vl_convert.vegalite_to_png(json.dumps(spec)) != vl_convert.vegalite_to_png(json.dumps(other))
    assert fonts.in_use()


def test_the_doctor_sees_sound_fonts() -> None:
    assert doctor.typefaces().state == "ok"


@pytest.mark.parametrize("harm", ["missing", "cut short", "of another alphabet"])
def test_the_doctor_names_a_font_that_is_not_whole(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "fonts"
    shutil.copytree(fonts.FOLDER, folder)
    path = folder / "HailongSans-Bold.ttf"
    if harm == "missing":
        path.unlink()
    elif harm == "cut short":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        with TTFont(path) as font:
            for table in font["cmap"].tables:
                table.cmap = {code: name for code, name in table.cmap.items() if code < 0x1E00}
            font.save(path)
    monkeypatch.setattr(fonts, "FOLDER", folder)
    fonts.letters.cache_clear()
    finding = doctor.typefaces()
    fonts.letters.cache_clear()
    assert (finding.state, finding.values) == ("fault", {"faces": "HailongSans-Bold"})


def test_the_doctor_sees_that_charts_are_drawn_in_another_font() -> None:
    code = (
        "from survey import fonts; from survey.operations import doctor; "
        "fonts.FOLDER = fonts.FOLDER.parent / 'agencies'; fonts.register(); "
        "fonts.FOLDER = fonts.FOLDER.parent / 'fonts'; print(doctor.typefaces().observation)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "charts are drawn in another font"
