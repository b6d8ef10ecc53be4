"""A second checkout in a folder with blanks, served by its own bin/run; and Odoo's limits, which end a request or a job, never the site."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness import HOME, ROOT, TEMPLATE, Client, Server, administer, arm_job, free_port, run_code, wait_for_answer, wait_for_job

ODOO_HOME = os.environ.get("ODOO_HOME") or str(HOME / "odoo")
#: An addon that is loaded with the server: one process looks at its limits each second, not each minute
SOON = "import odoo.service.server\n\nodoo.service.server.SLEEP_INTERVAL = 1\n"


@pytest.fixture
def elsewhere():
    """A second checkout, in a folder whose name has blanks, with a home of its own that fetches nothing."""
    folder = Path(tempfile.mkdtemp()) / "a shop of mine"
    folder.mkdir()
    folder.parent.chmod(0o755)
    for name in ("bin", "sop_pipeline", "sop_contact_requests", "sop_inbox"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / ".sop/data").mkdir(parents=True)
    yield folder
    shutil.rmtree(folder.parent)


def set_up_python(folder, python):
    """Its own environment, with the packages that are here already."""
    venv, here = folder / ".sop/venv", sysconfig.get_path("purelib")
    subprocess.run([python, "-m", "venv", "--without-pip", venv], check=True)
    [packages] = venv.glob("lib/*/site-packages")
    (packages / "here.pth").write_text(f"{here}\n")
    for stamp in Path(sys.prefix).glob(".[0-9]*"):
        (venv / stamp.name).touch()


def as_user(user):
    return ["runuser", "-u", user, "--"] if user else []


def command(folder, *words, user=None, **variables):
    """Words and environment to start a command of that checkout with."""
    environment = {name: value for name, value in os.environ.items() if name not in ("SOP_HOME", "SOP_PYTHON")}
    return {"args": [*as_user(user), *words], "cwd": folder.parent, "env": environment | {"ODOO_HOME": ODOO_HOME} | variables}


def test_limit_in_one_process_in_a_folder_with_blanks(elsewhere):
    """bin/run from there: a request and a job hang beyond the limit; both end, and the same process serves again."""
    copy = Server()
    copy.create()
    set_up_python(elsewhere, sys.executable)
    (elsewhere / ".sop/data/filestore").symlink_to(HOME / "data/filestore")
    (elsewhere / "soon").mkdir()
    (elsewhere / "soon/__init__.py").write_text(SOON)
    (elsewhere / "soon/__manifest__.py").write_text("{'name': 'Soon', 'license': 'LGPL-3', 'author': 'SOP suite'}\n")
    arm_job(copy)
    state = subprocess.run(
        **command(elsewhere, "bash", "-c", f"source '{elsewhere}/bin/environment.sh' && suite_state"), check=True, capture_output=True
    ).stdout
    (elsewhere / f".sop/{copy.database}.installed").write_bytes(state)
    port = free_port()
    server = SimpleNamespace(database=copy.database, url=f"http://127.0.0.1:{port}")
    server.client = lambda login: Client(server, login, login)
    with copy.log.open("wb") as log:
        process = subprocess.Popen(
            **command(
                elsewhere,
                str(elsewhere / "bin/run"),
                f"--port={port}",
                "--database",
                copy.database,
                "--load=base,rpc,web,soon",
                "--limit-time-real=10",
                "--limit-time-real-cron=5",
                "--max-cron-threads=1",
            ),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for_job(copy, 1)
        wait_for_job(copy, 2)  # the first has ended, and jobs go on
        for _time in range(5):  # a job that another's load brings to its limit ends the request, too: then it is asked again
            wait_for_answer(server)
            said = run_code(server, "action = b'0' * (8 * 1024 ** 3)")
            if said != "ended":
                break
        assert "MemoryError" in said
        wait_for_answer(server)  # the second job's limit may have ended just now
        assert run_code(server, "time.sleep(600)") == "ended"
        arm_job(copy, runs=2)
        wait_for_job(copy, 3)
        wait_for_answer(server)
        assert process.poll() is None, "it is the process that was started"
        assert copy.log.read_text().count("real time limit") >= 2
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        copy.drop()


def may_use(user, path):
    return subprocess.run([*as_user(user), "test", "-r", path, "-a", "-x", path], check=False).returncode == 0


def ordinary_user():
    """Who an ordinary user is here, and a Python they may start: nobody where root runs the tests, else the one who does (None)."""
    if os.geteuid():
        return None, sys.executable
    system = "/usr/bin/python{}.{}".format(*sys.version_info)
    pythons = [python for python in (Path(sys.executable).resolve(), system) if may_use("nobody", python)]
    if pythons and may_use("nobody", ODOO_HOME) and may_use("nobody", sysconfig.get_path("purelib")):
        return "nobody", pythons[0]
    warnings.warn("no ordinary user can read the environment in this folder: run by root instead", RuntimeWarning, stacklevel=2)
    return None, sys.executable


def test_an_ordinary_user_in_a_folder_with_blanks(elsewhere):
    """bin/odoo makes a cluster and a database of their own there; where only a remote PostgreSQL is, a database of their own."""
    (user, python), database = ordinary_user(), f"{TEMPLATE}_elsewhere"
    set_up_python(elsewhere, python)
    has_postgres = shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if user:
        subprocess.run(["chown", "-R", f"{user}:", str(elsewhere.parent)], check=True)
    at_home = {"HOME": str(elsewhere)} | ({"PGHOST": ""} if has_postgres else {})
    odoo = str(elsewhere / "bin/odoo")
    try:
        made = subprocess.run(
            **command(elsewhere, odoo, "-d", database, "-i", "base", "--stop-after-init", "--no-http", "--log-level=warn", user=user, **at_home),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert made.returncode == 0, made.stderr[-4000:]
        told = subprocess.run(
            **command(elsewhere, odoo, "shell", "-d", database, "--no-http", "--log-level=warn", user=user, **at_home),
            input="print('addons', env['ir.module.module'].search_count([('name', 'like', 'sop_')]))\n",
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "addons 3" in told.stdout, told.stdout + told.stderr[-4000:]
    finally:
        for pid_file in elsewhere.glob(".sop/postgres-run/postmaster.pid"):
            pid = int(pid_file.read_text().split()[0])
            os.kill(pid, signal.SIGQUIT)
            while pid_file.exists() and Path(f"/proc/{pid}").exists():
                time.sleep(0.1)
        administer(f'DROP DATABASE IF EXISTS "{database}"')
