"""Several files as one table: each is counted by itself, here or by the workers of a Dask cluster, and then added up.

What a worker gives back is counts per group, so that little travels however large the files are. They are added up in
the order of the files' names, whoever counted them: the figures are the same to the last digit. A file whose worker
has gone is counted by another one.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.command.cells import ShareRead, Wanted, add_up
from analysis.command.faults import FileRefused, InputFault, NoRows, refuse
from analysis.command.reading import open_table

LARGE_FILE = 20_000_000
SIGNS = "*?["
TRIES = 5  # of one file, by workers that went away meanwhile


@dataclass(frozen=True)
class FileReading:
    """How each of several files is read."""

    wanted: Wanted
    encoding: str = ""
    sheet: str = ""

    def count(self, path: Path) -> dict[str, Any]:
        """Return the counts per group of one file; nothing where it holds none of the rows that are chosen.

        Raises:
            FileRefused: as `cells.add_up`, each fault with the name of the file.
        """
        try:
            return add_up(open_table(path, (), self.encoding, self.sheet), self.wanted)
        except FileRefused as refusal:
            if isinstance(refusal, NoRows) and self.wanted.where:
                return {}
            named = (InputFault(f"{path} {fault.place}".strip(), fault.column, fault.cure) for fault in refusal.faults)
            raise FileRefused(*named) from refusal


def files_of(pattern: Path) -> list[Path]:
    """Return the file of that name, or the files that a pattern names, in the order of their names.

    Raises:
        FileRefused: the pattern names none.
    """
    if pattern.exists() or not any(sign in str(pattern) for sign in SIGNS):
        return [pattern]
    root = Path(pattern.anchor or ".")
    files = sorted(file for file in root.glob(str(pattern.relative_to(pattern.anchor))) if file.is_file())
    if not files:
        raise refuse("no file has such a name")
    return files


def counted(files: Sequence[Path], reading: FileReading, scheduler: str = "", workers: int = 0) -> pd.DataFrame:
    """Return the counts per group of all files together: counted here, in `workers` processes, or on a cluster.

    Raises:
        FileRefused: as `FileReading.count`; no file holds a row that is chosen; or Dask is not installed.
    """
    spread = scheduler or workers
    parts = _spread(files, reading, scheduler, workers) if spread else [reading.count(file) for file in files]
    if not any(parts):
        raise refuse("no file holds a row that --where chooses: there is nothing to judge")
    return added([part for part in parts if part], reading.wanted)


def added(parts: Sequence[Mapping[str, Any] | pd.DataFrame], wanted: Wanted) -> pd.DataFrame:
    """Return the sum of several counts per group; of persons the population is one number per group, in all of them.

    Raises:
        FileRefused: a group of persons has different populations.

    >>> added([{"answered": [3], "satisfied": [2]}, {"answered": [1], "satisfied": [1]}], Wanted()).to_dict("records")
    [{'answered': 4, 'satisfied': 3}]
    """
    frame = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    by, measures = list(wanted.by), [name for name in frame.columns if name not in wanted.by]
    frame[measures] = frame[measures].fillna(0)
    ways = dict.fromkeys(measures, "sum")
    if wanted.rating and wanted.population:
        ways["population"] = "first"
        keys = [frame[name] for name in by] or [pd.Series(0, index=frame.index)]
        if (frame.groupby(keys, sort=False)["population"].nunique() > 1).any():
            raise refuse("a group has another number in another file: give each group one number", wanted.population)
    grouped = frame.groupby(by or (lambda _: 0), sort=False).agg(ways)
    return grouped.reset_index() if by else grouped.reset_index(drop=True)


def successors(path: Path) -> dict[str, str]:
    """Return of each code the one as which it counts by now, through however many mergers; a blank successor is none.

    Raises:
        FileRefused: it cannot be read, has not the columns `code` and `successor`, or goes round in a circle.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = ((row["code"].strip(), row["successor"].strip()) for row in csv.DictReader(file))
            after = {code: successor for code, successor in rows if successor}
    except (OSError, UnicodeDecodeError, KeyError, AttributeError, csv.Error) as error:
        raise refuse(f"{path} must be a CSV in UTF-8 with the columns code and successor") from error
    last: dict[str, str] = {}
    for code in after:
        way = [code]
        while way[-1] in after:
            way.append(after[way[-1]])
            if len(set(way)) < len(way):
                raise refuse(f"{path}: {' → '.join(way)} goes round in a circle")
        last[code] = way[-1]
    return last


def succeeded(counts: pd.DataFrame, wanted: Wanted, after: Mapping[str, str]) -> pd.DataFrame:
    """Return counts in which the groups of codes that have a successor count as its own."""
    if not wanted.by:
        return counts
    return added([counts.assign(**{name: counts[name].replace(dict(after)) for name in wanted.by})], wanted)


def _spread(files: Sequence[Path], reading: FileReading, scheduler: str, workers: int) -> list[dict[str, Any]]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise refuse("Dask is not installed: pip install 'hailong[scale]'") from error
    with ExitStack() as stack:
        address: Any = scheduler
        if not scheduler:
            way = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
            address = stack.enter_context(LocalCluster(**way))
        client = stack.enter_context(Client(address, set_as_default=False))
        each = client.map(reading.count, [file.absolute() for file in files], retries=TRIES, pure=False)
        return list(client.gather(each))


def progress(file: Path) -> ShareRead:
    """Return what shows how much of a large file is read, if somebody looks."""
    if not sys.stderr.isatty() or not file.exists() or file.stat().st_size < LARGE_FILE:
        return lambda _: None

    def show(done: float) -> None:
        filled = round(30 * min(done, 1.0))
        end = "\r\033[K" if done >= 1 else ""
        print(f"\rReading [{'█' * filled}{' ' * (30 - filled)}] {min(done, 1.0):4.0%}{end}", end="", file=sys.stderr)

    return show
