"""A whole province's posters in one file beside one file for each, and what drawing and setting take.

Expected: all the units of two provinces' profiles in one PDF/A well under a minute, at most two thirds of the time of
single files, and every code read back by zbar.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

from survey.app import create_app
from survey.collection import placements
from survey.collection.posters import qr_code, typesetting
from survey.collection.posters.typesetting import Poster, Size
from survey.demo.province import rows
from survey.settings import DATA, Settings
from survey.web.survey import survey_of
from tests.support import decoding

BASE = "https://hailong.vinhlong.gov.vn"
SECRET = "a secret of the benchmark, 32 letters"
DAY = dt.date(2026, 11, 23)
PROVINCE = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Provincial People's Committee"}


def run() -> None:
    """Print the times and their ratio."""
    wanted = province()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(f"sqlite:///{folder}/none.db", SECRET, instance=Path(folder)))
        with survey_of(app).database, app.app_context():
            typesetting.pdf(wanted[:1], Size.A4, DAY, demo=False)
            for size in Size:
                start = time.perf_counter()
                together = typesetting.pdf(wanted, size, DAY, demo=False)
                one_file = time.perf_counter() - start
                start = time.perf_counter()
                for poster in wanted:
                    typesetting.pdf([poster], size, DAY, demo=False)
                single = time.perf_counter() - start
                print(
                    f"  {size}: {len(wanted)} posters in one file {one_file:6.2f} s ({len(together) / 1e6:.1f} MB), "
                    f"one file each {single:6.2f} s, {single / one_file:5.1f} ×"
                )
    start = time.perf_counter()
    for poster in wanted:
        qr_code.svg(poster.address)
    print(f"  of it drawing the codes {time.perf_counter() - start:6.2f} s")
    start = time.perf_counter()
    drawn = decoding.rasters(together, 300)
    decoded = decoding.zbar(drawn)
    right = sum(read == [poster.address] for read, poster in zip(decoded, wanted, strict=True))
    print(f"  zbar reads {right} of {len(wanted)} strips at 300 dpi in {time.perf_counter() - start:.2f} s")


def province() -> list[Poster]:
    """Return a poster for every unit of the profiles that ship with the product."""
    batch = []
    for path in sorted((DATA / "agencies").glob("*.csv")):
        for row in rows(path):
            code = placements.new_code()
            link = f"{BASE}/q/{code}"
            batch.append(
                Poster(
                    address=link,
                    code=placements.shown(code),
                    fingerprint=placements.fingerprint(SECRET, link),
                    check=f"{BASE}/qr",
                    improvements=f"{BASE}/improvements",
                    province=PROVINCE,
                    unit={"vi": row["name_vi"], "en": row["name_en"]},
                )
            )
    return batch


if __name__ == "__main__":
    run()
