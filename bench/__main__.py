"""`python -m bench` runs every benchmark in turn, `python -m bench analysis` one of them.

What follows an option goes to the one benchmark named: `python -m bench server --against CHECKOUT`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable

import bench
from tests.support.faults.running import end_whole


def benchmarks() -> dict[str, Callable[..., None]]:
    """Return the benchmarks by name: the modules of this folder that have a `run`."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main(arguments: list[str]) -> int:
    options = next((i for i, argument in enumerate(arguments) if argument.startswith("--")), len(arguments))
    names, runs = arguments[:options], benchmarks()
    unknown = [name for name in names if name not in runs]
    if unknown or (options < len(arguments) and len(names) != 1):
        print(f"no benchmark {', '.join(unknown) or 'named'}; there are: {', '.join(runs)}", file=sys.stderr)
        return 2
    for name in names or runs:
        print(f"\n== {name}", flush=True)
        runs[name](*arguments[options:])
    return 0


if __name__ == "__main__":
    end_whole()
    sys.exit(main(sys.argv[1:]))
