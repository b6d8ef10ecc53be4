import json
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.sop_pipeline.tests.logs import LogsMixin
from odoo.addons.sop_pipeline.tools.attempts import MAX_ATTEMPTS

from ..models.outbound.sop_channel_message_outbox import _converse
from ..tools.facebook import sign as sign_facebook
from .channel_common import ChannelCommon

NUMBER, NAME, TOKEN, ACCESS = "0987555222", "Nguyễn Thị Kín", "V3rify-me", "EAAtoken9"


@tagged("post_install", "-at_install")
class TestChannelLog(LogsMixin, ChannelCommon, HttpCase):
    """What platforms report of customers leaves no number, name or token in the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fb_app.write({"webhook_key": "K3y_of-4pp", "verify_token": TOKEN})
        cls.page.access_token = ACCESS

    def secret(self, log):
        self.assertUntold(log, NUMBER, NUMBER[1:], NAME, TOKEN, "K3y_of-4pp", ACCESS, "app_secret")

    def test_webhook(self):
        path = "/sop/webhook/facebook/K3y_of-4pp"
        body = self.comment_body(text=f"{NAME} {NUMBER}", ref=NUMBER, **{"from": {"id": NUMBER, "name": NAME}})
        with self.log() as log:
            self.url_open(f"{path}?hub.mode=subscribe&hub.challenge=1&hub.verify_token={TOKEN}")
            self.url_open(f"{path}?hub.mode=subscribe&hub.challenge=1&hub.verify_token={NUMBER}")
            for raw in (json.dumps(body).encode(), NUMBER.encode(), json.dumps([NAME]).encode()):
                self.url_open(path, data=raw, headers={"X-Hub-Signature-256": sign_facebook("app_secret", raw)})
                self.url_open(path, data=raw, headers={"X-Hub-Signature-256": "sha256=00"})
        self.assertIn("/sop/webhook…", log[0])
        self.secret(log[0])

    def test_applying(self):
        """Also where it goes wrong, again and again, with the customer's words in the error."""

        def broken(*_args):
            raise ValueError(f"{NAME} {NUMBER} {ACCESS}")

        with self.log() as log:
            self.hear_text(f"{NAME} {NUMBER}")
            with patch.object(self.env.registry["sop.channel.applier"], "_apply", broken):
                event = self.hear_text(f"{NAME} {NUMBER}", mid="m_2")
                for _attempt in range(MAX_ATTEMPTS):
                    event._apply()
        self.assertEqual(event.state, "dead")
        self.assertIn("could not be applied (attempt 1): ValueError", log[0])
        self.assertIn("in broken", log[0])
        self.secret(log[0])

    def test_sending(self):
        def talk():
            yield {}[f"{NAME} {NUMBER} {ACCESS}"]  # a KeyError that names them

        with self.log() as log:
            outcome = _converse(talk())
        self.assertEqual(outcome.state, "unknown")
        self.assertIn("a dialogue with a platform broke", log[0])
        self.secret(log[0])
