from unittest.mock import patch

from odoo.tests import tagged

from ...tools.outcome import Answer
from ...tools.transport import MediaError
from ..channel_common import ChannelCommon
from ..outbound.test_channel_out import PNG


@tagged("post_install", "-at_install")
class TestMedia(ChannelCommon):
    def test_files_come_later_and_failures_are_seen(self):
        self.company.partner_id.lang = "en_US"
        self.hear_text("", attachments=[{"type": "image", "payload": {"url": "https://cdn.example/a.png"}}])
        chat = self.chat()
        self.assertEqual(chat.preview, "[Picture]")
        media = self.env["sop.channel.media"].search([("row_id.external_ref", "=", "m_1")])
        media._keep({media: MediaError("unreachable")})
        self.assertEqual((media.state, bool(media.reason)), ("queued", True))
        media._keep({media: ((), PNG, "image/png")})
        message = self.row("m_1").mail_message_id
        self.assertEqual((media.state, message.attachment_ids.mimetype), ("done", "image/png"))
        self.assertFalse(media.url, "the platform's address is not kept")
        media.write({"state": "queued", "attempts": 8})
        media._keep({media: MediaError("large", final=True)})
        self.assertEqual((media.state, self.page.media_failed_count), ("failed", 1))

    def test_a_refused_profile_is_asked_for_again(self):
        """Nothing lost: while the token is refused, names wait; Zalo says 200 all the same."""
        self.hear_zalo()
        self.hear_text()
        media = self.env["sop.channel.media"]
        for account, answer, final in (
            (self.oa, Answer(200, {"error": -216, "message": "token"}), False),
            (self.oa, Answer(200, {"error": -32}), False),
            (self.oa, Answer(200, {"error": -201}), True),
            (self.page, Answer(400, {"error": {"code": 190}}), False),
            (self.page, Answer(400, {"error": {"code": 100}}), True),
        ):
            item = media.search([("account_id", "=", account.id), ("kind", "=", "profile")])
            with patch("odoo.addons.sop_inbox.models.inbound.sop_channel_media.perform", return_value=answer):
                found = media._run(*item._job())
            self.assertEqual((isinstance(found, MediaError), found.final), (True, final), answer)
