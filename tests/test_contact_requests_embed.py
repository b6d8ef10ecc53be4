"""The button on another web site, in a real browser."""

import contextlib
import hashlib
import hmac
import html
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect
from test_contact_requests import new_number


@pytest.fixture
def foreign():
    """Somebody else's web site: plain pages by path, on an origin that shares nothing with the shop's."""
    pages = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    site.pages, site.port = pages, site.server_address[1]
    yield site
    site.shutdown()
    site.server_close()


@contextlib.contextmanager
def embedded(admin, server, origin):
    """A site of the entitled seller in the suite; its key and the secret its own server signs with."""
    site_id = admin.create("sop.embed.site", name=origin, origin=origin, seller_id=server.ref("sop_contact_requests.partner_minh_khang"))
    try:
        yield admin.read("sop.embed.site", site_id, "key", "secret", "origin")
    finally:
        admin.call("sop.embed.site", "unlink", [site_id])


def show(foreign, server, site, words):
    """A page of the other site with the button for a listing of its own, signed by its server."""
    signature = hmac.new(site["secret"].encode(), "\n".join(words.values()).encode(), hashlib.sha256).hexdigest()
    attributes = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in words.items())
    foreign.pages[words["url"].removeprefix(site["origin"])] = (
        f"<!DOCTYPE html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'><h1>Tủ lạnh cũ</h1>"
        f'<script async src="{server.url}/sop/embed/{site["key"]}/button.js" {attributes} data-signature="{signature}"></script></html>'
    )


@pytest.mark.browser
def test_button_on_another_web_site(server, new_page, admin, foreign):
    """C17: the script in a page of another site, the form in its frame, the request in the list; no other site may do so."""
    name, number = f"Khách {time.time_ns()}", new_number()
    origin = f"http://localhost:{foreign.port}"
    words = {"ref": f"SKU-{time.time_ns()}", "title": "Tủ lạnh & “máy giặt”", "url": f"{origin}/tu-lanh"}
    with embedded(admin, server, origin) as site:
        show(foreign, server, site, words)
        page = new_page(phone=True)
        page.goto(words["url"])
        page.click("text=TÔI MUỐN ĐƯỢC TƯ VẤN")
        form = page.frame_locator("dialog iframe")
        form.locator("[name=buyer_name]").fill(name)
        form.locator("[name=phone]").fill(number)
        form.locator("[name=message]").fill("Còn không ạ?")
        form.locator("[name=consent]").check()
        page.wait_for_timeout(2200)  # people are slower than machines, and the server checks it
        form.locator("button[type=submit]").click()
        form.locator(".o_sop_request_thanks").wait_for()
        assert not page.context.cookies(), "it works where the browser keeps no foreign cookies, and leaves none"
        page.click("dialog > button")
        page.wait_for_selector("dialog", state="detached")
        [request_id] = admin.search("sop.contact.request", ["buyer_name", "=", name])
        request = admin.read("sop.contact.request", request_id, "listing_name", "external_url", "seller_id", "state")
        assert (request["listing_name"], request["external_url"]) == (words["title"], words["url"])
        assert request["seller_id"][0] == server.ref("sop_contact_requests.partner_minh_khang")

        stolen = new_page()  # the same page, copied to another origin
        stolen.goto(f"http://127.0.0.1:{foreign.port}/tu-lanh")
        with stolen.expect_console_message(lambda message: "frame-ancestors" in message.text):
            stolen.click(".sop-request-button")


@pytest.mark.browser
def test_frame_is_light_and_closes(server, new_page, admin, foreign):
    """All that the frame on another web site loads is below 150 KB; the cross and Escape close it, and the focus goes back."""
    origin = f"http://localhost:{foreign.port}"
    with embedded(admin, server, origin) as site:
        words = {"ref": "A", "title": "Máy", "url": f"{origin}/may"}
        show(foreign, server, site, words)
        page = new_page(phone=True)
        answers = []
        page.on("response", lambda answer: answers.append(answer) if answer.url.startswith(server.url) and answer.status == 200 else None)
        page.goto(words["url"])
        page.click(".sop-request-button")
        form = page.frame_locator("dialog iframe")
        form.locator("[name=buyer_name]").wait_for()
        page.wait_for_load_state("networkidle")
        sizes = {answer.url: len(answer.body()) for answer in answers}
        assert sum(sizes.values()) < 150_000, sizes
        assert form.locator("html").evaluate("el => el.scrollWidth <= el.clientWidth"), "fits"
        closed = page.locator("dialog")
        form.locator("[name=buyer_name]").press("Escape")
        expect(closed).to_have_count(0)
        assert page.evaluate("document.activeElement.className") == "sop-request-button"
        for close in (lambda: page.keyboard.press("Escape"), lambda: page.click("dialog > button")):
            page.click(".sop-request-button")
            form.locator("[name=buyer_name]").wait_for()
            close()
            expect(closed).to_have_count(0)
            assert page.evaluate("document.activeElement.className") == "sop-request-button"
