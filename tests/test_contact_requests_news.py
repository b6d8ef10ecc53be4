"""A request is news: how long it takes, what a device is told, when a reminder rings."""

import contextlib
import json
import re
import socketserver
import struct
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from harness import PATIENCE, log_in, wait_until
from playwright.sync_api import expect
from test_contact_requests import LISTING, ask, eventually, fill_form, new_number

#: What is promised, in seconds
ROW, MAIL = 2, 60


class Postbox(socketserver.StreamRequestHandler):
    """A mail server that keeps what it is handed, with the moment."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        lines = None
        while line := self.rfile.readline():
            if lines is not None:
                lines.append(line)
                if line != b".\r\n":
                    continue
                self.server.taken.append((time.monotonic(), b"".join(lines)))
                lines, answer = None, b"250 taken\r\n"
            else:
                word = line[:4].upper()
                lines = [] if word == b"DATA" else None
                answer = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            self.wfile.write(answer)
            if answer.startswith(b"221"):
                return


@contextlib.contextmanager
def serving(server, handler):
    """A server of the world outside on a free port; it ends with the block."""
    outside = server(("127.0.0.1", 0), handler)
    outside.taken = []
    threading.Thread(target=outside.serve_forever, daemon=True).start()
    try:
        yield outside
    finally:
        outside.shutdown()
        outside.server_close()


@pytest.mark.browser
def test_from_the_buyers_press_to_the_sellers_first_call(server, new_page, admin):
    """In the open list within two seconds, in the hands of the mail server within a minute, one press from the call."""
    seller, buyer = new_page(), new_page(phone=True)
    log_in(seller, server, "seller", "/my/contact-requests", form=True)
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    seller.wait_for_timeout(1500)  # the line of the bus is open
    with serving(socketserver.ThreadingTCPServer, Postbox) as postbox:
        mail_server = admin.create(
            "ir.mail_server", name="outside", smtp_host="127.0.0.1", smtp_port=postbox.server_address[1], smtp_encryption="none"
        )
        try:
            name = f"Khách {time.time_ns()}"
            fill_form(buyer, server, server.ref(LISTING), name, new_number())
            pressed = time.monotonic()
            buyer.click(".o_sop_request_dialog button[type=submit]", no_wait_after=True)
            row = seller.locator(".o_sop_row", has_text=name)
            row.wait_for()
            seen = time.monotonic() - pressed
            eventually(lambda: any(b"contact-requests" in mail for _at, mail in postbox.taken), seconds=MAIL * PATIENCE)
            mailed = postbox.taken[0][0] - pressed
        finally:
            admin.call("ir.mail_server", "unlink", [mail_server])
    row.locator(".o_sop_reveal").click()
    row.locator(".o_sop_number_link").wait_for()
    row.locator(".o_sop_number_link").click()
    assert seller.evaluate("window.dialled.length || document.activeElement.href.startsWith('tel:')")
    print(f"\nfrom the press: in the open list after {seen:.2f} s ({ROW} s promised), mail handed over after {mailed:.1f} s ({MAIL} s promised)")
    assert seen < ROW * PATIENCE
    assert mailed < MAIL * PATIENCE


def text_of(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


def read_push(body, private, secret):
    """What a browser makes of the body of a push (RFC 8188 and 8291)."""
    salt, _size, length = struct.unpack("!16sLB", body[:21])
    sender, cipher = body[21 : 21 + length], body[21 + length :]
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    key = HKDF(SHA256(), 32, secret, b"WebPush: info\0" + own + sender).derive(shared)
    content, nonce = (
        HKDF(SHA256(), size, salt, b"Content-Encoding: " + what + b"\0").derive(key) for size, what in ((16, b"aes128gcm"), (12, b"nonce"))
    )
    return json.loads(AESGCM(content).decrypt(nonce, cipher, None).rstrip(b"\0")[:-1])


class PushService(BaseHTTPRequestHandler):
    """The push service of a browser's maker: it keeps what it is handed, and who says they hand it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, dict(self.headers), body))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *args):
        pass


#: A browser with a push service within reach: it takes a subscription once the worker is active, as the specification says
SUBSCRIBE = """([endpoint, keys]) => {
    PushManager.prototype.subscribe = async function (options) {
        const registration = await navigator.serviceWorker.getRegistration("/odoo");
        if (!registration.active || !options.userVisibleOnly) {
            throw new DOMException("Subscription failed - no active Service Worker", "AbortError");
        }
        window.subscribed = options.applicationServerKey;
        const unsubscribe = async () => (window.subscription = null);
        return (window.subscription = { endpoint, options, unsubscribe, toJSON: () => ({ endpoint, expirationTime: null, keys }) });
    };
    PushManager.prototype.getSubscription = async () => window.subscription;
}"""


#: In core's worker: what it asks the browser to show, which does show it
SHOWN = """() => {
    const show = self.registration.showNotification.bind(self.registration);
    self.shown = [];
    self.registration.showNotification = async (...notification) => (await show(...notification), self.shown.push(notification));
}"""


#: There, too: the notification is pressed; which page the browser is asked to open
PRESS = """(data) => {
    self.opened = [];
    Clients.prototype.openWindow = async (url) => self.opened.push(url);
    self.dispatchEvent(Object.assign(new ExtendableEvent("notificationclick"), { notification: { data, close() {} } }));
}"""


@pytest.mark.browser
def test_a_device_that_allowed_it_is_told(server, new_page, admin):
    """From the button through core's queue and encryption to the notification the browser shows, and where it leads."""
    seller = new_page()
    seller.context.grant_permissions(["notifications"], origin=server.url)
    log_in(seller, server, "seller", "/my/contact-requests")
    seller.wait_for_selector("body[is-ready=true] .o_sop_push:visible")
    button = seller.locator(".o_sop_push_start")
    button.click()
    # this Chromium has no push service: it is said, and nothing breaks
    expect(seller.locator(".o_notification", has_text=re.compile("trình duyệt", re.IGNORECASE))).to_be_visible()
    assert seller.evaluate("async () => (await navigator.serviceWorker.getRegistration('/odoo')).active.state") == "activated"
    seller.reload()
    seller.wait_for_selector("body[is-ready=true] .o_sop_push:visible")
    private, secret = ec.generate_private_key(ec.SECP256R1()), bytes(range(16))
    own = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with serving(ThreadingHTTPServer, PushService) as push:
        endpoint = f"http://127.0.0.1:{push.server_address[1]}/device/{time.time_ns()}"
        seller.evaluate(SUBSCRIBE, [endpoint, {"p256dh": text_of(own), "auth": text_of(secret)}])
        button.click()
        eventually(lambda: admin.search("mail.push.device", ["endpoint", "=", endpoint]))
        name, number = f"Khách {time.time_ns()}", new_number()
        ask(new_page(), server, server.ref(LISTING), name, number)
        eventually(lambda: push.taken)
        # and off again, on this device alone
        expect(button).to_be_hidden()
        seller.locator(".o_sop_push_stop").click()
        expect(button).to_be_visible()
        assert not admin.search("mail.push.device", ["endpoint", "=", endpoint])
        assert seller.evaluate("window.subscription") is None
    _path, headers, body = push.taken[0]
    assert headers["Content-Encoding"] == "aes128gcm"
    assert headers["Authorization"].endswith(f"k={seller.evaluate('window.subscribed')}"), "signed with the key the browser was given"
    assert len(urlsafe_b64decode(seller.evaluate("window.subscribed") + "==")) == 65
    payload = read_push(body, private, secret)
    told = json.dumps(payload, ensure_ascii=False)
    assert payload["title"] == "Yêu cầu liên hệ mới"
    assert "iPhone" in told
    assert name not in told
    assert number.replace(" ", "")[1:] not in told
    # what the worker does with it, in the browser itself
    line = seller.context.new_cdp_session(seller)
    registrations = set()
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.update(one["registrationId"] for one in event["registrations"] if one["scopeURL"].endswith("/odoo")),
    )
    line.send("ServiceWorker.enable")
    wait_until(seller, lambda: registrations, "the browser names the worker")
    [registration] = registrations
    [worker] = seller.context.service_workers
    worker.evaluate(SHOWN)
    line.send("ServiceWorker.deliverPushMessage", {"origin": f"{server.url}/", "registrationId": registration, "data": json.dumps(payload)})
    wait_until(seller, lambda: worker.evaluate("self.shown.length"), "the worker shows it")
    [[title, options]] = worker.evaluate("self.shown")
    assert (title, options) == (payload["title"], payload["options"])
    worker.evaluate(PRESS, options["data"])
    wait_until(seller, lambda: worker.evaluate("self.opened"), "the worker opens a page")
    assert worker.evaluate("self.opened") == ["/my/contact-requests"]
    seller.goto(f"{server.url}/my/contact-requests")
    expect(seller.locator(".o_sop_row", has_text=name)).to_be_visible()


@pytest.mark.browser
def test_a_reminder_rings_on_any_page(server, new_page, admin):
    """In the portal whatever page is open, by core's bus; and on the list once, when the seller comes back to it."""
    name = f"Khách {time.time_ns()}"
    ask(new_page(), server, server.ref(LISTING), name, new_number())
    [request_id] = admin.search("sop.contact.request", ["buyer_name", "=", name])
    seller, other = new_page(), new_page()
    log_in(seller, server, "seller", "/my/contact-requests")
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    row = seller.locator(f".o_sop_row[data-id='{request_id}']")
    row.locator(".o_sop_clock").click()
    row.locator(".o_sop_preset[data-when=hour]").click()
    row.locator(".o_sop_reminder").wait_for()
    seller.goto("about:blank")
    log_in(other, server, "seller", "/my/home")
    other.wait_for_selector("body[is-ready=true]")
    other.wait_for_timeout(1500)  # the line of the bus is open
    # the hour is over
    server.sql("UPDATE sop_contact_request SET reminder_at = now() at time zone 'UTC' - interval '1 second' WHERE id = %s", request_id)
    server.sql(
        "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, now() at time zone 'UTC')", server.ref("sop_contact_requests.cron_reminder")
    )
    with psycopg2.connect(dbname="postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('cron_trigger', %s)", [server.database])
    expect(other.locator(".o_notification", has_text=name)).to_be_visible()
    seller.goto(f"{server.url}/my/contact-requests")
    expect(seller.locator(".o_notification", has_text=name)).to_be_visible()
