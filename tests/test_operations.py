"""Workers behind the documented proxy: live messages, many at once, and limits that end a request but not the site."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import arm_job, log_in, run_code, wait_for_answer, wait_for_job
from playwright.sync_api import expect
from proxy import Proxy
from shop import Shop

SOFT = 1536 * 1024**2  # bytes a worker may hold between two requests
AGENTS = 20
ROUNDS = 3
READS = ("web_search_read", "get_counters", "get_panel")  # the list, the numbers on its chips, and the panel beside the chat


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A shop with four workers behind the proxy; its addresses are the proxy's.

    From the beginning a request (``shop.hanging``) and a job hang in it, while the other tests go on.
    """
    shop = Shop(workers=4)
    arm_job(shop.server)
    try:
        # a process for jobs that has nothing to do looks up once in 70 s: its limit is longer
        shop.start("--proxy-mode", "--limit-time-real=40", "--limit-time-real-cron=90", "--limit-time-cpu=10", f"--limit-memory-soft={SOFT}")
        proxy = Proxy(shop.server, tmp_path_factory.mktemp("proxy")).start()
        try:
            shop.server.url = proxy.url
            shop.facebook.hook = shop.facebook.hook.replace(f":{shop.server.port}/", f":{proxy.port}/")
            with ThreadPoolExecutor(1) as pool:
                shop.hanging = pool.submit(run_code, shop.server, "time.sleep(600)")
                yield shop
        finally:
            proxy.stop()
    finally:
        shop.close()


@pytest.mark.browser
def test_message_reaches_an_open_browser_with_workers(crowd, desktop):
    """What a webhook brings to one process is shown live by another: the one that serves websockets."""
    log_in(desktop, crowd.server, "manager", "/odoo/inbox")
    desktop.locator(".o_inbox_record").first.wait_for()
    crowd.facebook.play_say("4701001", "Shop giao hàng qua nhiều cửa nhé")
    expect(desktop.locator(".o_inbox_record", has_text="Shop giao hàng qua nhiều cửa nhé")).to_have_count(1)


@pytest.fixture(scope="module")
def agents(crowd):
    """Twenty agents; their password is the manager's."""
    server, logins = crowd.server, [f"agent{number}" for number in range(AGENTS)]
    group = server.ref("sop_inbox.sop_inbox_group_manager")
    users = server.client("admin").call(
        "res.users",
        "create",
        [{"name": login, "login": login, "group_ids": [[6, 0, [group]]]} for login in logins],
        context={"no_reset_password": True},
    )
    server.sql("UPDATE res_users SET password = (SELECT password FROM res_users WHERE login = 'manager') WHERE id = ANY(%s)", users)
    return logins


@pytest.fixture(scope="module")
def sessions(crowd, agents):
    """Forty sessions, opened at once: each agent on the laptop and on the phone."""
    barrier = threading.Barrier(2 * AGENTS)

    def enter(login):
        barrier.wait(60)
        return crowd.server.client(login, "manager")

    with ThreadPoolExecutor(2 * AGENTS) as pool:
        return list(pool.map(enter, agents * 2))


@pytest.mark.concurrency
def test_forty_log_in_at_once(sessions):
    """No connection is lost: each of them has a session of their own, which answers."""
    assert len({client.session.cookies["session_id"] for client in sessions}) == 2 * AGENTS
    for client in sessions[::8]:
        assert client.read("res.users", client.uid, "login")["login"].startswith("agent")


@pytest.mark.concurrency
def test_twenty_agents_at_once(crowd, sessions):
    """List, numbers and panel, read by all at once: no error. How long it takes is printed; bin/bench agents measures it."""

    def errors():  # but for the end of the request that hangs
        return [line for line in crowd.server.errors() if "timeout after" not in line]

    before = errors()

    def work(client):
        times = {name: [] for name in READS}

        def timed(name, *arguments, **options):
            start = time.perf_counter()
            result = client.call("sop.conversation", name, *arguments, **options)
            times[name].append((time.perf_counter() - start) * 1000)
            return result

        for _round in range(ROUNDS):
            page = timed("web_search_read", [["state", "=", "open"]], {"name": {}, "preview": {}, "unread_count": {}}, limit=40)
            assert timed("get_counters")
            conversation = page["records"][0]["id"]
            assert timed("get_panel", [conversation])["id"] == conversation
        return times

    with ThreadPoolExecutor(AGENTS) as pool:
        results = list(pool.map(work, sessions[:AGENTS]))
    for name in READS:
        values = sorted(value for times in results for value in times[name])
        assert len(values) == AGENTS * ROUNDS
        print(f"{name}: p50 {statistics.median(values):.0f} ms, p95 {values[int(len(values) * 0.95)]:.0f} ms")
    assert errors() == before


@pytest.mark.concurrency
def test_limits_with_workers(crowd):
    """A request that sleeps, one that computes and one that eats memory: each ends, and the same server goes on."""
    server = crowd.server
    assert "MemoryError" in run_code(server, "action = b'0' * (8 * 1024 ** 3)")
    assert run_code(server, "while True:\n    pass") == "ended"
    assert crowd.hanging.result() == "ended"
    wait_for_answer(server)
    assert server.process.poll() is None


@pytest.mark.concurrency
def test_a_job_beyond_its_limit_ends_and_jobs_go_on(crowd):
    """The process it hangs in is replaced; the job gets its next turn there, and people notice nothing."""
    wait_for_job(crowd.server, 2, seconds=300)  # from the server's start: 90 s of the job, and the next look-up
    wait_for_answer(crowd.server)
    assert crowd.server.process.poll() is None
    assert "timeout after 90s" in crowd.server.log.read_text(errors="replace")


@pytest.mark.concurrency
def test_a_worker_that_keeps_too_much_memory_is_replaced_after_its_answer(crowd):
    server = crowd.server
    assert (
        run_code(server, f"env.registry.many2many_relations['kept'] = b'0' * {SOFT * 7 // 8}") is False
    )  # what a leak does: answered, and not given back
    deadline = time.monotonic() + 60
    while "virtual memory limit" not in server.log.read_text(errors="replace"):
        assert time.monotonic() < deadline, "no worker has ended"
        time.sleep(0.5)
    wait_for_answer(server)
    assert server.process.poll() is None
