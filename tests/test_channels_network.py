"""A media server that drips, and the real worker: the site goes on, ends when it is told to, and nothing is lost."""

import importlib.util
import re
import signal
import time

import psycopg2
import pytest
import requests
from harness import ROOT

JOB_SECONDS = 45  # a run of a job: Odoo's ten seconds, and what began within them (30)

spec = importlib.util.spec_from_file_location("rough_server", ROOT / "sop_inbox" / "tests" / "rough_server.py")
rough_server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rough_server)


@pytest.fixture
def rough():
    """The platform's media server."""
    running = rough_server.RoughServer()
    yield running
    running.close()


def fetch(server, rough):
    """Have the worker fetch now, and wait until it hangs on the media server."""
    met = rough.met
    server.sql("UPDATE sop_channel_media SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE state = 'queued'")
    server.sql(
        "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, now() AT TIME ZONE 'UTC')", server.ref("sop_inbox.sop_channel_media_cron_fetch")
    )
    deadline = time.monotonic() + 90
    while rough.met < met + 6:
        assert time.monotonic() < deadline, "the worker asked for nothing"
        with psycopg2.connect(dbname="postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [server.database])
        time.sleep(0.5)


def answers(server, seconds):
    """Wait until the site answers; returns how long that took."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        try:
            requests.get(f"{server.url}/web/login", timeout=seconds).raise_for_status()
            return time.monotonic() - started
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError(f"no answer within {seconds} s")


def test_files_that_drip(own_server, rough):
    server = own_server.start()
    server.sql("UPDATE sop_channel_app SET api_url = %s WHERE id = %s", rough.url, server.ref("sop_inbox.app_facebook"))
    server.sql("UPDATE sop_channel_media SET state = 'done'")
    for path in ("drip_body", "drip_head", "silent") * 2:
        server.sql(
            "INSERT INTO sop_channel_media (account_id, kind, url, state, attempts) VALUES (%s, 'file', %s, 'queued', 0)",
            server.ref("sop_inbox.account_page"),
            f"{rough.url}/{path}",
        )

    # told to end in the middle of it, the server ends
    fetch(server, rough)
    answers(server, 20)
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    assert time.monotonic() - started < 10, "it waited for the media server"

    # told to start again, it does
    server.start()
    fetch(server, rough)
    server.process.send_signal(signal.SIGHUP)
    time.sleep(2)
    answers(server, 60)
    assert server.process.poll() is None

    # left alone, the job ends in its time: what can be tried again waits, what was tried often is missing, and says why
    server.sql("UPDATE sop_channel_media SET attempts = 7 WHERE state = 'queued' AND url LIKE '%%drip_body'")
    before = server.log.stat().st_size
    fetch(server, rough)
    assert answers(server, 20) < 20
    deadline = time.monotonic() + 2 * JOB_SECONDS
    while not (runs := re.findall(r"fetch pictures and files'.*duration ([\d.]+)s", server.log.read_text(errors="replace")[before:])):
        assert time.monotonic() < deadline, "the job does not end"
        time.sleep(1)
    assert max(map(float, runs)) < JOB_SECONDS
    rows = server.sql("SELECT state, count(*), bool_and(reason <> '') FROM sop_channel_media WHERE url LIKE %s GROUP BY state", f"{rough.url}%")
    assert {state: (count, told) for state, count, told in rows} == {"failed": (2, True), "queued": (4, True)}
    cut = (".ir_cron: Job", "ir_autovacuum", "InterfaceError")  # core's jobs in whose middle the reload came
    assert not [line for line in server.errors() if not any(word in line for word in cut)]
