"""Odoo's own lint of modules passes with the suite on the path."""

import os
import re
import shutil
import subprocess
import sys

from harness import HOME, ODOO, ROOT, Server, free_port

#: Odoo's test hands its whole source to pylint as well, which is not ours to judge; and to it, the names of
#: pylint-odoo's checks (``bin/lint`` runs them) are unknown
PYLINT = """#!/usr/bin/env bash
arguments=()
for argument in "$@"; do
    [ -e "$argument/addons/base" ] || arguments+=("$argument")
done
printf '%s\\n' "${{arguments[@]}}" >>{addons}/pylint.txt
exec "{python}" -m pylint --disable=unknown-option-value "${{arguments[@]}}"
"""


def test_odoo_lint(tmp_path):
    """The addons are read from a copy: beside them a checkout may hold Odoo and its environment (``.sop``)."""
    (tmp_path / "bin").mkdir()
    pylint = tmp_path / "bin" / "pylint"
    pylint.write_text(PYLINT.format(addons=tmp_path, python=sys.executable))
    pylint.chmod(0o755)
    for addon in ROOT.glob("sop_*"):
        shutil.copytree(addon, tmp_path / addon.name, ignore=shutil.ignore_patterns("__pycache__"))
    plain = Server(template="sop_core")
    plain.create()
    try:
        done = subprocess.run(
            [
                *ODOO,
                f"--addons-path={tmp_path}",
                f"--data-dir={HOME / 'data'}",
                "-d",
                plain.database,
                "-i",
                "test_lint",
                "--test-tags",
                "/test_lint",
                "--stop-after-init",
                f"--http-port={free_port()}",
                "--limit-memory-hard=0",
                "--log-level=error",
            ],
            capture_output=True,
            text=True,
            timeout=800,
            env={**os.environ, "PATH": f"{pylint.parent}{os.pathsep}{os.environ['PATH']}"},
            check=False,
        )
    finally:
        plain.drop()
    failures = re.findall(r"(?:ERROR|CRITICAL) .*", done.stderr)
    assert not failures, done.stderr[-6000:]
    assert done.returncode == 0
    judged = set((tmp_path / "pylint.txt").read_text().splitlines())
    assert {str(path) for path in tmp_path.glob("sop_*")} <= judged
