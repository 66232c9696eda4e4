"""What is wrong in somebody's file, and where: said in one line each, with what to do."""

from __future__ import annotations

from dataclasses import dataclass

MOST_FAULTS = 20


@dataclass(frozen=True)
class InputFault:
    """One thing to mend: the place (line or row), the column, and what to do.

    >>> print(InputFault("line 7", "rating", "6 is not a rating"))
    line 7, column rating: 6 is not a rating
    """

    place: str
    column: str
    cure: str

    def __str__(self) -> str:
        """Say it in one line."""
        spot = ", ".join(part for part in (self.place, f"column {self.column}" if self.column else "") if part)
        return f"{spot}: {self.cure}" if spot else self.cure


class FileRefused(Exception):
    """The file cannot be judged as it is; `faults` holds the first twenty reasons."""

    def __init__(self, *faults: InputFault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults

    def __reduce__(self) -> tuple[type[FileRefused], tuple[InputFault, ...]]:
        """Let a refusal come whole from another process."""
        return FileRefused, self.faults


class NoRows(FileRefused):
    """There is nothing to judge in the file: no rows, or none that is chosen."""


def refuse(cure: str, column: str = "") -> FileRefused:
    """Return the refusal of a whole file, or of a whole column.

    >>> str(refuse("the file is empty"))
    'the file is empty'
    """
    return FileRefused(InputFault("", column, cure))
