"""Where the inbox keeps data of customers, and that one erasure reaches it from the contact (row C21)."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.sop_pipeline.tests.personal import ColumnsCase, PersonalCase

from ..channel_common import PAGE, POST, PSID, ChannelCommon
from ..outbound.test_channel_out import PNG

NAME, PHONE, WORDS = "Lý Thị Cẩm Nhung", "0938111222", "chuyện riêng của khách"
SHOPS = "of the shop, or of its account at the platform"


@tagged("post_install", "-at_install")
class TestColumns(ColumnsCase, TransactionCase):
    addon = "sop_inbox"
    impersonal = {
        **dict.fromkeys(
            (f"delivery.carrier.sop_{name}" for name in ("api_url", "password", "service", "session", "shop", "token", "username")), SHOPS
        ),
        **dict.fromkeys(
            (
                f"sop.channel.account.{name}"
                for name in (
                    "access_token",
                    "check_result",
                    "dataset_ref",
                    "external_id",
                    "image_128",
                    "last_error",
                    "name",
                    "pause_reason",
                    "refresh_token",
                    "test_event_code",
                )
            ),
            SHOPS,
        ),
        **dict.fromkeys(
            (f"sop.channel.app.{name}" for name in ("api_url", "app_ref", "app_secret", "name", "oa_secret", "verify_token", "webhook_key")), SHOPS
        ),
        **dict.fromkeys((f"sop.channel.post.{name}" for name in ("external_id", "image_512", "message", "title", "url")), "the page's own post"),
        **dict.fromkeys((f"sop.channel.template.{name}" for name in ("body", "language", "name")), "words of the shop, with places for names"),
        **dict.fromkeys(
            (f"sop.carrier.place.{name}" for name in ("district", "district_code", "province", "province_code", "ward", "ward_code", "ward_key")),
            "a public table",
        ),
        "mail.message.sop_payload": "a part of a message, and deleted with it",
        "mail.message.sop_folded": "follows from the words of the message",
        "product.template.sop_folded": "the name of a product",
        "res.company.sop_consent_text": "words of the shop",
        "res.company.sop_buying_words": "words of the shop",
        "sop.call.rule.name": "words of the shop",
        "sop.macro.name": "words of the shop",
        "sop.order.sheet.name": "a system of the shop",
        "sop.order.sheet.column.title": "a title of the shop",
        "res.partner.sop_tracking_consent_text": "words of the shop that were agreed to",
        "sale.order.sop_request_ref": "a script's number of an order",
        "sop.carrier.rate.key": "a hash of a parcel, gone within minutes",
        "sop.carrier.rate.service": "a carrier's service",
        **dict.fromkeys((f"delivery.carrier.{name}" for name in ("sop_hook_key", "sop_hook_secret")), SHOPS),
        **dict.fromkeys((f"sop.parcel.event.{name}" for name in ("code", "key", "kind", "reason_code")), "a carrier's code"),
        "sop.parcel.event.said": "names of amounts",
        "sop.ad.spend.ad_ref": "an ad's number, of no customer",
        **dict.fromkeys((f"sop.parcel.reason.{name}" for name in ("code", "name")), "a carrier's table"),
        "sop.parcel.notice.words": "words of the shop",
        "sop.parcel.notified": "names of events",
        **dict.fromkeys((f"sop.cod.line.{name}" for name in ("note", "our_ref", "tracking_ref")), "a carrier's line about a parcel"),
        **dict.fromkeys(
            (f"sop.cod.statement.{name}" for name in ("error", "file", "file_hash", "name")), "a carrier's statement, kept with the accounts"
        ),
        "sop.cod.claim.note": "words of the shop to a carrier",
        "sop.parcel.batch.row.message": "a carrier's refusal, gone after ninety days",
        "sale.order.sop_risk_reason": "words of a manager for sending an order",
        "sop.parcel.calibration.bins": "figures of the shop",
        "sop.parcel.our_ref": "a number of ours for a parcel",
        "sop.parcel.tracking_ref": "a carrier's number of a parcel, kept with its delivery",
        "sop.channel.event.kind": "name of a kind",
        "sop.channel.event.page_ref": "the page",
        "sop.channel.media.media_kind": "name of a kind",
        "sop.channel.message.error_code": "a platform's code",
        "sop.channel.message.client_ref": "random",
        "sop.channel.message.tag": "a platform's word",
        "sop.channel.message.reason": "words of ours for why it did not go; the row is deleted with the person",
        "sop.channel.upload.checksum": "of a file of the shop",
        "sop.channel.upload.ref": "a platform's number of a file of the shop",
        "sop.conversation.tally.kind": "a sort of conversations",
        "sop.conversation.tally.state": "a sort of conversations",
        "sop.conversion.event.contents": "products and quantities",
        "sop.conversion.event.currency": "a currency",
        "sop.conversion.event.event_key": "an order's number and a word; the row is deleted with the person",
        "sop.live.item.code": "a code of the shop's",
        "sop.order.export.company_ids": "companies",
        "sop.order.export.lang": "a language",
        "sop.order.export.name": "a date",
        "sop.picture.checksum": "of a picture staff sent",
        "sop.picture.folder": "of pictures of the shop",
        "sop.picture.name": "of a picture staff sent",
        "sop.tag.rule.name": "words of the shop",
    }


@tagged("post_install", "-at_install")
class TestErase(PersonalCase, ChannelCommon):
    def talk(self):
        """A customer who wrote and commented, and whom an agent has linked to a contact. Returns the contact."""
        self.hear_text(f"{WORDS} {PHONE}")
        self.hear_comment(text=f"{WORDS} {PHONE}", sender=PSID)
        self.hear_comment(ref=f"{POST}_9", text=f"Dạ {WORDS}", sender="1000001", parent_id=f"{POST}_1")
        chat = self.chat()
        chat.identity_id.write({"name": NAME, "email": "cam.nhung@example.com"})
        chat.name = NAME
        self.reply(chat, f"Chào {NAME}")
        note = f"Ghi chú: {NAME}"
        chat.message_post(body=note)
        contact = self.env["res.partner"].create({"name": NAME, "phone": PHONE, "country_id": self.env.ref("base.vn").id})
        chat.partner_id = contact
        self.env["sop.order.export"].create({"user_id": self.manager.id, "state": "done", "file": "eA=="})
        return contact

    def test_from_the_contact_it_is_gone_from_the_inbox(self):
        contact = self.talk()
        identity = self.chat().identity_id
        self.assertTrue(self.grep("Cẩm Nhung", PHONE))
        self.env["sop.privacy"]._erase(contact._sop_person())
        self.assertEqual(self.grep("Cẩm Nhung", "938111222", "chuyện riêng của khách", "cam.nhung", f"(?<![0-9]){PSID}(?![0-9])"), set())
        self.assertFalse(identity.exists() or self.env["sop.order.export"].search([("user_id", "=", self.manager.id)]))
        self.assertFalse(contact.active)

    def test_it_is_told(self):
        told = str(self.env["sop.privacy"]._export(self.talk()._sop_person()))
        for text in (NAME, PHONE, WORDS, "cam.nhung@example.com"):
            self.assertIn(text, told)

    def test_another_customer_of_the_page_stays(self):
        contact = self.talk()
        self.hear(self.fb_app, self.messenger(5, sender="7000777", message={"mid": "m_77", "text": "Người khác hỏi"}))
        self.env["sop.privacy"]._erase(contact._sop_person())
        self.assertTrue(self.grep("Người khác hỏi"))


@tagged("post_install", "-at_install")
class TestErased(ChannelCommon):
    def test_erased_is_gone_everywhere(self):
        """Whatever table is searched, nothing the customer said or gave is found."""
        secret, phone = "chuyện riêng tư xyzzy", "0901234567"
        self.hear_text(f"{secret} {phone}")
        self.hear_comment(text=f"{secret} {phone}", sender=PSID)
        self.hear_comment(ref=f"{POST}_9", text=f"Dạ {secret}", sender=PAGE, parent_id=f"{POST}_1")
        chat = self.chat()
        self.north.sop_process = True
        lead = self.env["crm.lead"].browse(chat.with_user(self.agent).action_create_lead())
        lead.description = secret
        self.reply(chat, f"Nhắc lại {secret}", attachments=[("a.png", PNG)])
        identity = chat.identity_id
        with self.assertRaises(AccessError):
            identity.with_user(self.agent).action_erase()
        identity.with_user(self.manager).action_erase()
        self.env.flush_all()
        self.assertFalse(self.grep("xyzzy") | self.grep(phone) | self.grep("+84901234567"))
        self.assertFalse(identity.exists() or chat.exists())
        self.assertTrue(lead.exists(), "it still counts")

    def grep(self, text):
        """Tables of the suite and of messages that hold ``text`` in any column."""
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND (table_name LIKE 'sop_%%' OR table_name LIKE 'mail_%%' OR table_name IN ('discuss_channel', 'ir_attachment', 'crm_lead'))"
        )
        found = set()
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s LIMIT 1', [f"%{text}%"])
            if self.env.cr.rowcount:
                found.add(table)
        return found
