"""What `hailong doctor` has found out about one thing: how it stands, and the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One line: `state` is ok, warning or fault; `cure` says what to do about the latter two.

    `about`, `observation` and `cure` are msgids, with `values` for the latter two.
    """

    state: str
    about: str
    observation: str
    cure: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
