"""Run the benchmarks and print their table; started by bin/bench.

A benchmark is a module ``bench_NAME.py`` with ``run(scale)``, or ``run(scale, plain, suite)``
where it needs Odoo: the names of a database without and one with the suite (no demo data).
It returns a list of dicts ``name, n, unit, p50, p95, baseline, ratio, note``.
"""

import argparse
import importlib
import inspect
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLUMNS = ("name", "n", "unit", "p50", "p95", "baseline", "ratio", "note")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--scale", choices=("small", "medium", "large"), default="small")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--plain", required=True)
    parser.add_argument("--suite", required=True)
    options = parser.parse_args()
    known = sorted(path.stem[len("bench_") :] for path in HERE.glob("bench_*.py"))
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))} (there are {', '.join(known)})")
    return options, options.names or known


def set_up_odoo():
    """Odoo's own configuration, with the suite on the path."""
    import os

    from odoo.tools import config

    home = os.environ["SOP_HOME"]
    config.parse_config([f"--addons-path={HERE.parent}", f"--data-dir={home}/data", "--log-level=error", "--limit-memory-hard=0"])


def show(rows):
    def text(value):
        return f"{value:.3g}" if isinstance(value, float) and value < 1000 else f"{value:.0f}" if isinstance(value, float) else str(value)

    table = [COLUMNS] + [tuple(text(row.get(column, "")) for column in COLUMNS) for row in rows]
    widths = [max(len(line[index]) for line in table) for index in range(len(COLUMNS))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def main():
    options, names = arguments()
    sys.path.insert(0, str(HERE))
    set_up_odoo()
    rows = []
    for name in names:
        print(f"» {name} ({options.scale})", file=sys.stderr)
        run = importlib.import_module(f"bench_{name}").run
        given = {"scale": options.scale, "plain": options.plain, "suite": options.suite}
        rows += run(**{key: given[key] for key in inspect.signature(run).parameters if key in given})
    show(rows)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
