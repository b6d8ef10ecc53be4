"""Every turn the platforms' tools can take: each kind of event, call and broken line. No database."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from odoo import fields
from odoo.tests import BaseCase, tagged

from ...models.platform.sop_provider_zalo import RENEWAL
from ...tools import facebook, facebook_api, http_out, transport, zalo, zalo_api
from ...tools import facebook_conversions as conversions
from ...tools.livestream import read_wishes
from ...tools.outcome import Answer, Call, converse
from ...tools.outgoing import File, OutgoingMessage, card_text
from ...tools.text import clean
from ..channel_common import POST, parse

URL = "https://v"


def messenger(**parts):
    """The fact of one Messenger event."""
    event = {"sender": {"id": "1"}, "recipient": {"id": "P"}, "timestamp": 1700000000000, **parts}
    [fact] = parse(facebook, {"entry": [{"id": "P", "messaging": [event]}]})
    return fact


def feed(**value):
    """The fact of one change of a page's feed."""
    change = {"field": "feed", "value": {"item": "comment", "comment_id": "c", "post_id": POST, **value}}
    [fact] = parse(facebook, {"entry": [{"id": "P", "time": 1700000000, "changes": [change]}]})
    return fact


def event(name, **parts):
    """The fact of one event of Zalo."""
    [fact] = parse(zalo, {"event_name": name, "sender": {"id": "1"}, "recipient": {"id": "OA"}, "timestamp": "1700000000000", **parts})
    return fact


@tagged("post_install", "-at_install")
class TestPlatformEvents(BaseCase):
    """Kinds of events."""

    def test_messenger(self):
        self.assertEqual(messenger(message={"text": "no id"}).kind, "unknown")
        self.assertEqual(messenger(message={"mid": "m", "is_deleted": True}).kind, "delete")
        echo = messenger(message={"mid": "m", "is_echo": 1, "app_id": 5, "metadata": "n"})
        self.assertEqual((echo.kind, echo.data["app"], echo.data["client_ref"]), ("echo", "5", "n"))
        self.assertEqual(messenger(postback={"title": "Mua", "payload": "BUY"}).text, "Mua")
        self.assertTrue(messenger(postback={"payload": "BUY"}).ref.startswith("postback:"))
        referral = messenger(referral={"ref": "r", "ad_id": 7, "ads_context_data": {"ad_title": "Hè"}}).data["referral"]
        self.assertEqual(referral, {"ref": "r", "ad_id": "7", "ad_title": "Hè"})
        self.assertEqual([messenger(message_edit={"mid": "m", "num_edit": n}).data["number"] for n in (3, -1, "x")], [3, 0, 0])
        self.assertEqual([messenger(reaction={"mid": "m", "emoji": "❤", "action": a}).data["emoji"] for a in ("react", "unreact")], ["❤", ""])
        self.assertEqual(messenger(delivery={"mids": ["a", None, "b"], "watermark": 1}).data["mids"], ["a", "b"])
        self.assertEqual(messenger(delivery={"mids": 5}).data["mids"], [])
        self.assertEqual((messenger(read={"watermark": 1700000000123}).kind, messenger(optin={}).kind), ("read", "unknown"))

    def test_attachments(self):
        found = messenger(message={"mid": "m", "attachments": [{"type": "template", "payload": {"title": "T"}}, {"type": "new", "payload": {}}]})
        self.assertEqual([(media.kind, media.name) for media in found.media], [("share", "T"), ("new", "")], "unknown kinds leave a line")

    def test_feed(self):
        self.assertEqual(feed(verb="add", parent_id=POST, photo="https://p").media[0].kind, "image")
        self.assertEqual(feed(verb="add", parent_id="other", video="https://p").media[0].kind, "video")
        self.assertEqual((feed(verb="block").kind, feed(verb="add", item="like").kind), ("unknown", "unknown"))
        self.assertEqual([feed(verb=verb).data["verb"] for verb in ("edited", "delete", "hide", "unhide")], ["edit", "remove", "hide", "unhide"])
        self.assertTrue(feed(verb="add", **{"from": {"id": "P"}}).data["own"])
        [odd] = parse(facebook, {"entry": [{"id": "P", "changes": [{"field": "feed", "value": 5}]}]})
        self.assertEqual((odd.kind, facebook.split([])[0].payload), ("unknown", {"raw": "[]"}))

    def test_zalo(self):
        for name, kind in {"follow": "follow", "unfollow": "unfollow", "user_seen_message": "read", "user_received_message": "delivery"}.items():
            self.assertEqual(event(name, follower={"id": "9"}, oa_id="OA", message={"msg_ids": ["a", 5], "msg_id": "b"}).kind, kind)
        self.assertEqual(event("user_seen_message", message={"msg_ids": ["a"], "msg_id": "b"}).data["mids"], ["a", "b"])
        self.assertEqual(event("user_seen_message", message=5).data["mids"], [])
        spot = {"type": "location", "payload": {"coordinates": {"latitude": "10", "longitude": "106"}}}
        [place] = event("user_send_location", message={"msg_id": "m", "attachments": [spot]}).media
        self.assertEqual((place.name, place.url.endswith("=10,106")), ("10, 106", True))
        files = [{"type": "gif", "payload": {"url": "https://g"}}, {"type": "link", "payload": {"description": "D"}}, {"payload": {}}]
        found = event("user_send_image", message={"msg_id": "m", "attachments": files}).media
        self.assertEqual([(media.kind, media.name) for media in found], [("image", ""), ("share", "D"), ("image", "")])
        self.assertTrue(event("user_click_button", payload="#mua").ref.startswith("click:"))
        info = event("user_submit_info", info={"name": "A", "phone": "84901234567", "x": 1})
        self.assertEqual((info.data, event("user_submit_info", info=5).data), ({"name": "A", "phone": "84901234567"}, {}))
        icons = [event("user_reacted_message", message={"msg_id": "m", "react_icon": icon}).data["emoji"] for icon in ("/-heart", "/-remove")]
        self.assertEqual(icons, ["❤️", ""])
        self.assertEqual((event("user_send_group_text", message={"msg_id": "m"}).kind, zalo.split([])[0].payload), ("unknown", {"raw": "[]"}))
        self.assertEqual(event("oa_send_text", message={"msg_id": "m", "text": "x"}).kind, "echo")

    def test_words(self):
        self.assertEqual(read_wishes("A1", ["--", "A1"])[0].code, "A1")
        self.assertEqual(len(read_wishes("a1 x2", ["A1", "A-1"])), 1, "two codes written alike are one wish")
        self.assertEqual(card_text({"title": "Áo", "subtitle": "5 đ", "url": "https://a"}), "Áo\n5 đ\nhttps://a")
        self.assertEqual(clean("a\x00b"), "ab")


@tagged("post_install", "-at_install")
class TestPlatformCalls(BaseCase):
    """What is asked of platforms."""

    def calls(self, api, part, answers, **values):
        """Outcome and calls of one dialogue; what is answered is taken in order."""
        made, answers = [], iter(answers)
        outgoing = OutgoingMessage(part, URL, "T", "P", **{"person": "1", "text": "Chào", "client_ref": "n", **values})
        return converse(api.talk(outgoing), lambda call: made.append(call) or next(answers)), made

    def test_facebook_parts(self):
        sent = Answer(200, {"message_id": "m", "id": "c", "recipient_id": "77"})
        card = {"title": "Áo", "image_url": "https://i", "url": "https://a", "buttons": [{"title": "Mua", "url": "https://b"}]}
        receipt = {
            "customer": {"name": "A"}, "order": "S1", "currency": "VND", "goods": 5, "shipping": 1, "tax": 0, "total": 4, "rounding": 1,
            "lines": [{"name": "Áo", "qty": 1, "total": 5}], "discounts": [{"name": "KM", "total": -2}], "url": "https://o",
        }  # fmt: skip
        file = File("a.pdf", b"x", "application/pdf")
        for part, values, path in (
            ("cards", {"data": {"cards": [card, {}]}}, "me/messages"),
            ("receipt", {"data": receipt}, "me/messages"),
            ("utility", {"data": {"name": "t", "language": "vi", "values": []}}, "me/messages"),
            ("text", {"tag": "human_agent", "quote": "q"}, "me/messages"),
            ("reply", {"target": "c1"}, "c1/comments"),
            ("reply", {"target": "c1", "file": file}, "c1/comments"),
            ("private", {"target": "c1"}, "P/messages"),
            ("op", {"target": "c1", "data": {"op": "unlike"}}, "c1/likes"),
        ):
            outcome, [call] = self.calls(facebook_api, part, [sent], **values)
            self.assertEqual((outcome.state, call.url), ("sent", f"{URL}/{path}"), part)
        outcome, made = self.calls(facebook_api, "file", [Answer(200, {})], file=file)
        self.assertEqual((outcome.state, len(made)), ("retry", 1), "uploaded without a name")
        self.assertIsNone(facebook_api.receipt_payload({"lines": []}))
        plain = facebook_api.receipt_payload({**receipt, "discounts": [], "rounding": 0, "url": ""})
        self.assertFalse({"adjustments", "order_url"} & set(plain))

    def test_zalo_parts(self):
        sent = Answer(200, {"error": 0, "data": {"message_id": "z", "attachment_id": "A"}})
        picture, paper = File("a.png", b"x", "image/png"), File("a.pdf", b"x", "application/pdf")
        for part, values, count in (
            ("cards", {"data": {"cards": [{"title": "Áo"}]}}, 1),
            ("text", {"quote": "q"}, 1),
            ("info", {"data": {"title": "T", "subtitle": "S", "image_url": "https://i"}}, 1),
            ("file", {"file": picture}, 2),
            ("file", {"file": paper}, 2),
            ("file", {"file": paper._replace(ref="A")}, 1),
        ):
            outcome, made = self.calls(zalo_api, part, [sent, sent], **values)
            self.assertEqual((outcome.state, len(made)), ("sent", count), part)
        self.assertEqual(self.calls(zalo_api, "file", [Answer(0, broken="lost")], file=paper)[0].state, "retry")
        self.assertEqual(self.calls(zalo_api, "file", [Answer(200, {"error": 0})], file=paper)[0].reason, "lost")

    def test_what_is_looked_up(self):
        self.assertEqual(set(facebook_api.check_calls(URL, "P", "T")), {"page", "fields"})
        self.assertEqual(facebook_api.subscribe_call(URL, "P", "T").params["subscribed_fields"], facebook_api.SUBSCRIBED)
        for call in (facebook_api.profile_call(URL, "1", "T"), facebook_api.post_call(URL, "9", "T"), facebook_api.templates_call(URL, "P", "T")):
            self.assertEqual((call.method, call.params["access_token"]), ("GET", "T"))
        self.assertEqual(facebook_api.read_profile({"name": "A", "profile_pic": "u"}), ("A", "u"))
        self.assertEqual(facebook_api.read_post({"message": "M"}), ("M", "", ""))
        kept = {"name": "t", "language": "vi", "body": "", "state": "other"}
        self.assertEqual(facebook_api.read_templates({"data": [{"name": "t", "language": {"code": "vi"}}, {"name": "x"}]}), [kept])
        self.assertEqual(zalo_api.read_profile({"data": {"display_name": "A", "avatar": "u"}}), ("A", "u"))
        self.assertEqual(zalo_api.read_account({"data": {"oa_id": "5", "name": "OA"}}), ("5", "OA"))
        self.assertIn("getoa", zalo_api.check_calls(URL, "T")["page"].url)
        self.assertIn('"1"', zalo_api.profile_call(URL, "1", "T").params["data"])

    def test_tokens(self):
        self.assertEqual((zalo_api.login_url(""), zalo_api.login_url("http://d/")), (zalo_api.LOGIN_URL, "http://d"))
        self.assertEqual(zalo_api.refresh_call("L", "app", "s", "r").data["grant_type"], "refresh_token")
        for body, wanted in (
            ({"access_token": "a", "refresh_token": "r", "expires_in": "5"}, ("a", "r", 5, "")),
            ({"access_token": "a", "refresh_token": "r", "expires_in": "x"}, ("a", "r", 90_000, "")),
            ({"error": -14020}, ("", "", 0, "-14020")),
            ({}, ("", "", 0, "200")),
        ):
            self.assertEqual(zalo_api.read_tokens(Answer(200, body)), wanted)

    def test_conversions(self):
        now = fields.Datetime.now()
        event = conversions.build("purchase", "k", now, "P", "1", "+84901234567", "a@b.vn", 5, "VND")
        self.assertEqual(conversions.problem_of({**event, "custom_data": {**event["custom_data"], "value": -1}}), "value")
        for answer, state in (
            (Answer(401, {}), "retry"),
            (Answer(400, {"error": {"code": 190}}), "retry"),
            (Answer(0, broken="lost"), "retry"),
            (Answer(400, {"error": {"code": 100}}), "failed"),
        ):
            [outcome] = converse(conversions.talk(URL, "D", "T", [event], "TEST1"), lambda call, a=answer: a)
            self.assertEqual(outcome.state, state)
        self.assertTrue(conversions.dataset_call(URL, "P", "T").url.endswith("P/dataset"))
        found = [conversions.read_dataset(Answer(status, {"id": "D"})) for status in (200, 400)]
        self.assertEqual(found, ["D", ""])


class Handler(BaseHTTPRequestHandler):
    """A media server with every mood."""

    def do_GET(self):
        if self.path == "/hangs_up":
            return
        status, headers, body = {
            "/json": (200, {}, b'{"a": 1}'),
            "/text": (200, {"Content-Type": "text/plain"}, b"x"),
            "/number": (200, {}, b"5"),
            "/far": (302, {"Location": "/text"}, b""),
            "/round": (302, {"Location": "/round"}, b""),
            "/inside": (302, {"Location": "http://127.0.0.1:1/x"}, b""),
            "/gone": (404, {}, b""),
            "/busy": (503, {}, b""),
            "/large": (200, {"Content-Length": "99"}, b""),
            "/long": (200, {}, b"x" * 50),
        }[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep the tests' output clean."""


@tagged("post_install", "-at_install")
class TestTransport(BaseCase):
    """HTTP to platforms, over a real server of this test's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.url = f"http://127.0.0.1:{server.server_port}"

    def test_calls(self):
        self.assertEqual(transport.perform(Call("GET", f"{self.url}/json"), self.url), Answer(200, {"a": 1}))
        self.assertEqual([transport.perform(Call("GET", f"{self.url}{path}"), self.url).body for path in ("/text", "/number")], [{}, {}])
        self.assertEqual(transport.perform(Call("GET", "http://127.0.0.1:1/x")).broken, "unsent")
        self.assertEqual(transport.perform(Call("GET", "no address")).broken, "unsent")
        pasted = Call("GET", f"{self.url}/json", headers={"access_token": "T\u200b"})
        self.assertEqual(transport.perform(pasted, self.url).broken, "unsent", "a token no header can carry")
        self.assertEqual(transport.perform(Call("GET", f"{self.url}/hangs_up"), self.url).broken, "lost")

    def test_media(self):
        self.assertEqual(transport.fetch_media(f"{self.url}/far", self.url), (b"x", "text/plain"))
        self.assertEqual(transport.fetch_media(f"{self.url}/json", self.url)[1], "application/octet-stream")
        for path, reason, final in (
            ("/round", "redirects", True),
            ("/inside", "address", True),
            ("/gone", "gone", True),
            ("/busy", "unreachable", False),
            ("/large", "large", True),
            ("/long", "large", True),
        ):
            with self.assertRaises(transport.MediaError, msg=path) as caught:
                transport.fetch_media(self.url + path, self.url, limit=20)
            self.assertEqual((caught.exception.reason, caught.exception.final), (reason, final), path)
        with self.assertRaisesRegex(transport.MediaError, "slow"):
            transport.fetch_media(f"{self.url}/long", self.url, seconds=-1)
        with self.assertRaisesRegex(transport.MediaError, "unreachable"):
            transport.fetch_media("http://127.0.0.1:1/x", "http://127.0.0.1:1")
        with patch.object(http_out, "is_public", return_value=True):
            self.assertEqual(transport.fetch_media(f"{self.url}/text")[0], b"x")
        with patch.object(http_out, "resolve", side_effect=OSError), self.assertRaisesRegex(transport.MediaError, "unreachable"):
            transport.fetch_media("http://h.example/x")
        self.assertEqual(transport.file_name("a.png", "image", "image/png"), "a.png")


@tagged("post_install", "-at_install")
class TestRenewalJob(BaseCase):
    """The process that renews tokens is a program that needs nothing of Odoo."""

    def test_it_starts_alone(self):
        job = json.dumps({"dsn": {"host": "/nowhere", "connect_timeout": 1}, "account": 1, "stale": ""}).encode()
        done = subprocess.run([sys.executable, str(RENEWAL)], input=job, capture_output=True, timeout=120, check=False)
        self.assertNotIn(b"ImportError", done.stderr)
        self.assertIn(b"OperationalError", done.stderr)
