"""Fixtures of the end-to-end tests; see harness.py."""

import contextlib
import shutil

import pytest
from harness import NO_DIALLER, OUTPUT, Server
from playwright.sync_api import Error, expect, sync_playwright
from shop import Shop

DESKTOP = {"viewport": {"width": 1366, "height": 768}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

SECONDS = 60_000  # a machine that does other things too is slow, not wrong

expect.set_options(timeout=SECONDS)


@pytest.fixture(scope="session")
def server():
    """One server over a clone of the demo database, shared by the tests: each makes its own records."""
    running = Server()
    running.create()
    running.sql("UPDATE sop_conversation SET snoozed_until = now() + interval '30 days' WHERE state = 'snoozed'")  # none comes back by itself
    try:
        yield running.start()
    finally:
        running.stop()
        running.drop()


@pytest.fixture
def admin(server):
    """The administrator's client."""
    return server.client("admin")


@pytest.fixture
def own_server():
    """A server of the test's own, not started: for kills, installs and what must not disturb others."""
    running = Server()
    running.create()
    try:
        yield running
    finally:
        running.stop()
        running.drop()


@pytest.fixture(scope="session")
def shop():
    """A server of its own joined to doubles of Facebook and Zalo, shared by the tests: each has its own customers.

    Tests may kill it (``shop.restart()``): its address changes then.
    """
    running = Shop()
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, request):
    """Makes pages: ``new_page()`` at desktop size, ``new_page(phone=True)``; each its own session.

    What the page's scripts could not handle fails the test; a failing test leaves screenshots.
    """
    contexts, errors = [], []
    pages = request.node.pages = []

    def make(phone=False):
        # without motion a sheet that still slides in is not taken for one that a thumb slides out
        context = chromium.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", reduced_motion="reduce", **(PHONE if phone else DESKTOP))
        context.set_default_timeout(SECONDS)
        context.add_init_script(NO_DIALLER)
        page = context.new_page()
        page.on("pageerror", lambda error: "ResizeObserver loop" in str(error) or errors.append(str(error)))  # a notice of the browser's
        contexts.append(context)
        pages.append(page)
        return page

    yield make
    failed = getattr(request.node, "failed", False)
    for number, page in enumerate(pages):
        if failed and not page.is_closed():
            OUTPUT.mkdir(exist_ok=True)
            page.screenshot(path=OUTPUT / f"{request.node.name}-{number}.png")
    for context in contexts:
        context.close()
    assert not errors or failed, errors


@pytest.fixture
def desktop(new_page):
    return new_page()


@pytest.fixture
def phone(new_page):
    return new_page(phone=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.failed = True
        report.sections += what_was_seen(item)


def what_was_seen(item):
    """What the pages of a failed test say, and the last lines of its servers' logs: the machine it failed on may be out of reach."""
    for number, page in enumerate(getattr(item, "pages", ())):
        with contextlib.suppress(Error):  # it is closed, or away
            yield f"page {number}: {page.url}", page.locator("body").inner_text(timeout=5000)[:3000]
    found = (getattr(value, "server", value) for value in getattr(item, "funcargs", {}).values())
    for server in {id(one): one for one in found if isinstance(one, Server)}.values():
        if server.log.exists():
            lines = [line[:200] for line in server.log.read_text(errors="replace").splitlines() if '"GET ' not in line]
            yield server.log.name, "\n".join(lines[-60:])
