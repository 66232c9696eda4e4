"""`python -m bench` runs every benchmark in turn, `python -m bench analysis` one of them."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable

import bench


def found() -> dict[str, Callable[[], None]]:
    """Return the benchmarks by name: the modules of this folder that have a `run`."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main(asked: list[str]) -> int:
    benchmarks = found()
    unknown = [name for name in asked if name not in benchmarks]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(benchmarks)}", file=sys.stderr)
        return 2
    for name in asked or benchmarks:
        print(f"\n== {name}", flush=True)
        benchmarks[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
