"""Odoo's own lint of modules passes with the suite on the path."""

import re
import shutil
import subprocess

from harness import HOME, ODOO, ROOT, Server, free_port


def test_odoo_lint(tmp_path):
    """The addons are read from a copy: beside them a checkout may hold Odoo and its environment (``.sop``)."""
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
            check=False,
        )
    finally:
        plain.drop()
    failures = re.findall(r"(?:ERROR|CRITICAL) .*", done.stderr)
    assert not failures, done.stderr[-6000:]
    assert done.returncode == 0
