"""From figures to the files that offices send."""

from survey.reports.report import Report, build
from survey.reports.writing import FORMATS, PRINTED, write

__all__ = ["FORMATS", "PRINTED", "Report", "build", "write"]
