"""Run core's tests on two databases and print what differs; part of bin/core-check.

Both run the same files over the whole registry (pytest-odoo), one module after the other, each in a
process of its own. Results of the database without the suite are kept in a folder.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

#: Tests that differ by decision: start of their names -> why. They are printed and do not count.
EXPLAINED = {
    "crm/tests/test_crm_lead/TestCrmLeadMailTrackingDuration::": "stages of no process are fitted (docs/decisions.md, sop_pipeline)",
}
INI = "[pytest]\npython_files = test_*.py\naddopts = -q -p no:cacheprovider -p no:randomly\nfilterwarnings = ignore\n"


def outcomes(report):
    """What a JUnit report says: dict of test -> [outcome, first line of the reason]; a test is ``file::class::name``."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '').replace('.', '/')}::{case.get('name')}"
        found.setdefault(name, ["passed", ""])
        for kind in ("failure", "error", "skipped"):
            node = case.find(kind)
            if node is not None:
                found[name] = ["skipped" if kind == "skipped" else "failed", (node.get("message") or "").strip().split("\n")[0][:300]]
    return found


def run(options, database, module, suite, only=()):
    """Run a module's tests on a database; returns ``outcomes``."""
    module, _part, inside = module.partition("::")
    folder = options.addons / module / "tests"
    if not folder.is_dir():
        sys.exit(f"✗ {module} has no tests in {folder}")
    with tempfile.TemporaryDirectory() as work:
        report, ini, log = Path(work, "report.xml"), Path(work, "pytest.ini"), Path(work, "log")
        ini.write_text(INI)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            ini,
            "--rootdir",
            options.addons,
            f"--junitxml={report}",
            f"--odoo-database={database}",
            "--odoo-http",
            "--odoo-extra",
            f"data-dir={options.data}",
            "--odoo-extra",
            "limit-memory-hard=0",
            "--odoo-extra",
            "max-cron-threads=0",
            *([f"--odoo-addons-path={options.suite}"] if suite else []),
            folder,
        ]
        if expression := " or ".join(only) or " and ".join(filter(None, inside.split("::"))):
            command += ["-k", expression]
        with log.open("w") as out:
            subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, cwd=work, check=False)
        if not report.exists():
            sys.exit(f"✗ the tests of {module} did not run:\n{log.read_text()[-2000:]}")
        return outcomes(report)


def plain_outcomes(options, module):
    """Outcomes without the suite: kept ones, or those of a run now; None where only failures are to be looked at."""
    kept = options.kept / f"{module.replace('::', '.')}.json"
    if kept.exists() and not options.again:
        return json.loads(kept.read_text())
    if options.failures:
        return None
    print(f"» {module} without the suite", file=sys.stderr, flush=True)
    found = run(options, options.plain, module, suite=False)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, indent=1))
    return found


def different(plain, suite):
    """Names of tests whose outcome differs, those that one side has not included."""
    return sorted(name for name in plain.keys() | suite.keys() if plain.get(name, ["missing"])[0] != suite.get(name, ["missing"])[0])


def explained(name):
    """Why a test may differ, or None."""
    return next((reason for start, reason in EXPLAINED.items() if name.startswith(start)), None)


def check(options, module):
    """Compare one module; returns the number of differences that stay when they are tried again, each printed."""
    plain = plain_outcomes(options, module)
    print(f"» {module} with the suite", file=sys.stderr, flush=True)
    suite = run(options, options.with_suite, module, suite=True)
    if not any(outcome == "passed" for outcome, _reason in suite.values()):
        sys.exit(f"✗ no test of {module} passed with the suite: nothing was compared")
    if plain is None:  # what fails is looked at without the suite below
        plain = {name: ["passed", ""] if outcome[0] == "failed" else outcome for name, outcome in suite.items()}
    differences = different(plain, suite)
    for _time in range(2):  # some of core's tests depend on the moment or on each other: what stays counts
        names = sorted({name.rpartition("::")[2].split(" ")[0] for name in differences if not explained(name)})
        if not names:
            break
        print(f"» {module}: {len(names)} once more", file=sys.stderr, flush=True)
        again = run(options, options.plain, module, False, names), run(options, options.with_suite, module, True, names)
        differences = [name for name in differences if explained(name) or name in different(*again)]
        suite |= again[1]
        plain |= again[0]
    for name in differences:
        print(f"{name}\n    without: {' '.join(plain.get(name, ['missing']))}\n    with:    {' '.join(suite.get(name, ['missing']))}")
        if reason := explained(name):
            print(f"    by decision: {reason}")
    differences = [name for name in differences if not explained(name)]
    passed = sum(outcome == "passed" for outcome, _reason in suite.values())
    print(f"» {module}: {len(suite)} tests, {passed} passed, {len(differences)} different", file=sys.stderr, flush=True)
    return len(differences)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="+")
    for name in ("addons", "suite", "data", "kept"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--plain", required=True)
    parser.add_argument("--with", dest="with_suite", required=True)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--failures", action="store_true")
    options = parser.parse_args()
    count = sum([check(options, module) for module in options.modules])
    print(f"{count} differences" if count else "core's tests give the same with and without the suite")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
