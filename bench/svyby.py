"""Time R's survey package on the same people, where Rscript and the package are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

TIMED_CELLS = 40
SCRIPT = """
suppressPackageStartupMessages(library(survey))
folder <- commandArgs(TRUE)[1]; agencies <- as.integer(commandArgs(TRUE)[2]); wanted <- as.integer(commandArgs(TRUE)[3])
column <- function(name) { path <- file.path(folder, name)
  readBin(path, "integer", file.size(path), size = 1, signed = FALSE) }
people <- data.frame(agency = column("agency"), month = column("month"), rating = column("rating"))
people <- people[people$rating > 0, ]
people$happy <- as.numeric(people$rating >= 4)
spent <- function(expression) sum(system.time(expression)[c("user.self", "sys.self")])
design_seconds <- spent(design <- svydesign(ids = ~1, weights = ~1, data = people))
part <- subset(design, month == 0 & agency < wanted)
table_seconds <- spent(found <- svyby(~happy, ~agency, part, svyciprop, method = "beta", vartype = "ci"))
cat(sprintf('{"design": %.4f, "table": %.4f, "rates": [%s]}', design_seconds, table_seconds,
  paste(sprintf("%.15g", found$happy), collapse = ",")))
"""


class Timed(NamedTuple):
    """Processor seconds of R, the number of cells it judged, and the rates it found."""

    design: float
    table: float
    cells: int
    rates: list[float]


def seconds_of_svyby(people: dict[str, np.ndarray], agencies: int) -> Timed | str:
    """Return the times of svydesign and of svyby over the first cells of month 0, or why R could not be asked."""
    program = shutil.which("Rscript")
    if program is None:
        return "Rscript is not installed (apt-get install r-cran-survey)"
    if subprocess.run([program, "-e", "library(survey)"], capture_output=True).returncode:
        return "R's survey package is not installed (apt-get install r-cran-survey)"
    with tempfile.TemporaryDirectory() as folder:
        for name, column in people.items():
            (Path(folder) / name).write_bytes(column.astype(np.uint8).tobytes())
        script = Path(folder) / "svyby.R"
        script.write_text(SCRIPT)
        command = [program, str(script), folder, str(agencies), str(TIMED_CELLS)]
        figures = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Timed(figures["design"], figures["table"], TIMED_CELLS, figures["rates"])
