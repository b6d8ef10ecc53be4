import json
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from psycopg2.pool import PoolError

from ...tools.facebook import sign as sign_facebook
from ...tools.zalo import sign as sign_zalo

BODY = {"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [{"message": {"mid": "m1", "text": "Chào"}, "sender": {"id": "5"}}]}]}


@tagged("post_install", "-at_install")
class TestWebhook(HttpCase):
    """The door for platforms, over HTTP: 403, 404, 200, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apps = cls.env["sop.channel.app"].create(
            [
                {"provider": "facebook", "app_ref": "wf", "app_secret": "s1", "verify_token": "tôi", "webhook_key": "hook-f"},
                {"provider": "zalo", "app_ref": "wz", "oa_secret": "s2", "webhook_key": "hook-z"},
            ]
        )

    def post(self, raw, header=None, path="facebook/hook-f", name="X-Hub-Signature-256", content_type="application/json"):
        headers = {"Content-Type": content_type} | ({name: header} if header else {})
        return self.url_open(f"/sop/webhook/{path}", data=raw, headers=headers).status_code

    def stored(self):
        return self.env["sop.channel.event"].search([("app_id", "in", self.apps.ids)])

    def test_handshake(self):
        ask = "/sop/webhook/facebook/hook-f?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        answer = self.url_open(ask + "tôi")
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertEqual(self.url_open(ask + "ai").status_code, 403)
        self.assertEqual(self.url_open(ask).status_code, 403)
        self.assertEqual(self.url_open("/sop/webhook/facebook/none").status_code, 404)
        self.assertEqual(self.url_open("/sop/webhook/zalo/hook-f").status_code, 404, "a key is its provider's")

    def test_signed_is_stored_once(self):
        raw = json.dumps(BODY).encode()
        for _time in range(3):
            self.assertEqual(self.post(raw, sign_facebook("s1", raw)), 200)
        self.assertEqual(len(self.stored()), 1)
        self.assertEqual(self.stored().state, "new", "nothing is applied while the platform waits")

    def test_any_content_type(self):
        """The signature is over the bytes, also where the content type says that they are a form."""
        for number, content_type in enumerate(("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")):
            raw = json.dumps(BODY | {"number": number}).encode()
            self.assertEqual(self.post(raw, sign_facebook("s1", raw), content_type=content_type), 200, content_type)

    def test_bad_signatures_store_nothing(self):
        raw = json.dumps(BODY).encode()
        for header in (None, "sha256=00", sign_facebook("s2", raw), sign_facebook("s1", raw + b" "), "sha1=x"):
            self.assertEqual(self.post(raw, header), 403)
        self.assertEqual(self.post(raw, sign_facebook("s1", raw), "facebook/none"), 404)
        self.assertEqual(self.post(raw, sign_facebook("s1", raw), "viber/hook-f"), 404)
        self.assertFalse(self.stored())

    def test_whatever_is_inside_a_signed_body_is_kept(self):
        for raw in (
            b"{}",
            b"[]",
            b"null",
            b"",
            b"not json",
            b'{"entry":5}',
            b"\xff\xfe",
            b'{"entry":[{"changes":[{"value":"\\u0000"}]}]}',
            b"[" * 100_000,
        ):
            self.assertEqual(self.post(raw, sign_facebook("s1", raw)), 200, raw[:20])
        self.assertGreaterEqual(len(self.stored()), 6)

    def test_zalo(self):
        raw = b'{"event_name":"user_send_text","sender":{"id":"1"},"message":{"msg_id":"a","text":"x"},"timestamp":"17"}'
        header = sign_zalo("wz", raw, "17", "s2")
        self.assertEqual(self.post(raw, header, "zalo/hook-z", "X-ZEvent-Signature"), 200)
        self.assertEqual(self.post(raw, header[:-1] + "x", "zalo/hook-z", "X-ZEvent-Signature"), 403)
        self.assertEqual(len(self.stored()), 1)

    def test_zalos_own_time_is_read_whatever_it_is(self):
        """It stands in the body, and is read before anybody has proved who sends it."""
        for timestamp in (b'"\\ud800"', b'"\\u0000"', b"1e999", b"[1]", b"-1", b'"' + b"9" * 5000 + b'"', b'{"a":' * 900 + b"1" + b"}" * 900):
            self.assertEqual(self.post(b'{"timestamp":' + timestamp + b"}", "mac=x", "zalo/hook-z", "X-ZEvent-Signature"), 403, timestamp[:20])

    def test_too_large_is_refused(self):
        raw = b" " * (5 * 1024 * 1024 + 1)
        self.assertEqual(self.post(raw, sign_facebook("s1", raw)), 413)

    def test_thousand_items_with_a_poison_one(self):
        events = [{"message": {"mid": f"m{i}", "text": "x"}, "sender": {"id": "5"}} for i in range(1000)]
        events[500] = {"message": {"mid": ["\x00"]}}
        raw = json.dumps({"entry": [{"id": "1", "messaging": events}]}).encode()
        self.assertEqual(self.post(raw, sign_facebook("s1", raw)), 200)
        self.assertEqual(len(self.stored()), 1000)

    def test_full_pool_does_not_fail_what_is_stored(self):
        """No connection is left to wake the workers: the platform is answered 200 all the same."""
        raw = json.dumps(BODY).encode()
        with patch("odoo.sql_db.db_connect", side_effect=PoolError("full")):
            self.env["ir.cron"]._notifydb()
        self.assertEqual(self.post(raw, sign_facebook("s1", raw)), 200)
