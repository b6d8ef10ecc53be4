import io
import unicodedata
from datetime import timedelta

from markupsafe import Markup
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext
from PIL import Image

from ...tools.order_sheet import clean as clean_cell
from ..channel_common import TalkCommon

PRODUCT = {"id": "9001", "retailer_id": "AO-XANH-M", "title": "Áo xanh M", "subtitle": "199.000"}


@tagged("post_install", "-at_install")
class TestPlatformsToday(TalkCommon):
    """What Meta and Zalo send and take today: field cases 6, 11 to 14, 16 to 18 and 22, and what their pages have changed."""

    count = 0

    def words_of(self, *attachments, hear=None, **message):
        """What a colleague reads of one message with these attachments."""
        type(self).count += 1
        mid = f"m_today_{self.count}"
        if hear:
            hear(mid, list(attachments))
        else:
            self.hear_text(message.pop("text", ""), mid, self.count, attachments=list(attachments), **message)
        return html2plaintext(self.row(mid).mail_message_id.body, include_references=False)

    def zalo_words(self, *attachments, name="user_send_text", text=""):
        def hear(mid, found):
            self.hear_zalo(name, mid, message={"msg_id": mid, "text": text, "attachments": found})

        return self.words_of(*attachments, hear=hear)

    def answer(self, words):
        """A canned answer the agents share."""
        group = self.env.ref("sop_inbox.sop_inbox_group_user")
        return self.env["mail.canned.response"].create({"source": "x", "substitution": words, "group_ids": group.ids})

    # === WHAT COMES ===

    def test_a_product_of_the_page_s_shop(self):
        """Case 11: title, price and code are read, and the answer's variables tell of our product of that code."""
        product = self.env["product.product"].create({"name": "Áo xanh", "default_code": "AO-XANH-M", "list_price": 199_000, "taxes_id": False})
        for text in ("", "Còn không shop"):
            words = self.words_of({"type": "template", "payload": {"product": {"elements": [PRODUCT]}}}, text=text)
            for part in ("Áo xanh M", "199.000", "AO-XANH-M", text):
                self.assertIn(part, words)
        self.assertEqual(self.talk.talk_product_id, product)
        canned = self.answer("Dạ {{product}} ạ")
        self.assertIn("Áo xanh", self.talk.with_user(self.agent)._replies.preview_canned(canned.id)["text"])

    def test_a_place(self):
        """Case 12: coordinates without address and title are a place, at both platforms."""
        words = self.words_of({"type": "location", "payload": {"coordinates": {"lat": 10.77, "long": 106.69}}})
        self.assertIn("10.77, 106.69", words)
        self.assertIn("?q=10.77,106.69", words)
        spot = {"type": "location", "payload": {"coordinates": {"latitude": 10.7642473, "longitude": 106.6564314}}}
        self.assertIn("10.764247, 106.656431", self.zalo_words(spot, name="user_send_location"))
        for odd in ({"lat": 91, "long": 1}, {"lat": "x", "long": 1}, {"lat": float("inf"), "long": 1}, [], {"lat": True, "long": 1}):
            self.assertTrue(self.words_of({"type": "location", "payload": {"coordinates": odd}}), "never nothing")

    def test_what_a_bot_said(self):
        """Case 13: templates in echoes are read as the customer read them."""
        button = {"template_type": "button", "text": "Chị chọn size nào ạ?", "buttons": [{"type": "postback", "title": "M"}]}
        self.hear_echo("", "e1", 30, attachments=[{"type": "template", "payload": button}])
        self.assertEqual(html2plaintext(self.row("e1").mail_message_id.body).split(), ["Chị", "chọn", "size", "nào", "ạ?", "[M]"])
        cards = {"template_type": "generic", "elements": [{"title": "Áo", "subtitle": "Mới"}, {"title": "Mũ"}]}
        self.hear_echo("", "e2", 40, attachments=[{"type": "template", "payload": cards}])
        self.assertIn("Áo · Mới", html2plaintext(self.row("e2").mail_message_id.body))
        sent = {"type": "template", "payload": {"text": "Đơn SO7 đã giao", "link_url": "https://shop.example/so7"}}
        words = self.zalo_words(sent, name="oa_send_list")
        self.assertIn("Đơn SO7 đã giao", words)
        self.assertIn("https://shop.example/so7", words)

    def test_stickers_once_and_unknown_kinds_visibly(self):
        picture = {"type": "image", "payload": {"url": "https://x/s.png", "sticker_id": 5}}
        sticker = {"type": "sticker", "payload": {"url": "https://x/s.png", "sticker_id": 5}}
        for sent in ([picture, sticker], [sticker], [{"type": "sticker", "payload": {"url": "https://x/s.png"}}], [sticker, sticker]):
            self.words_of(*sent)
            row = self.row(f"m_today_{self.count}")
            files = self.env["sop.channel.media"].search([("row_id", "=", row.id)])
            self.assertEqual(files.mapped("media_kind"), ["sticker"])
        for kind in ("appointment_booking", "something_new"):
            for text in ("", "Dạ"):
                self.assertIn(kind.replace("_", " "), self.words_of({"type": kind, "payload": {}}, text=text))

    def test_zalo_s_form_whole(self):
        """Case 6: address, birthday and gender are read, and fill the customer's empty address."""
        info = {
            "name": "Nguyễn Văn Thu", "phone": "84901234568", "user_dob": "30/10/1999", "gender": "Nam",
            "full_address": {"user_city": "TP HCM", "user_ward": "Phường Tân Thuận", "user_address": "12 Đường số 13"},
        }  # fmt: skip
        self.hear_zalo("user_submit_info", info=info)
        talk = self.chat(self.oa)
        words = html2plaintext(talk.channel_id.message_ids[0].body)
        for part in ("Nguyễn Văn Thu", "12 Đường số 13, Phường Tân Thuận, TP HCM", "30/10/1999", "Nam"):
            self.assertIn(part, words)
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        partner = self.env["res.partner"].browse(talk.with_user(self.manager).action_create_partner())
        self.assertEqual((partner.street, partner.city), ("12 Đường số 13", "Phường Tân Thuận"))
        self.assertEqual(partner.state_id, self.env.ref("base.state_vn_VN-SG"))
        self.hear_zalo("user_submit_info", seconds=9, info={**info, "full_address": {"user_address": "Nơi khác"}})
        self.assertEqual(partner.street, "12 Đường số 13", "what is there stays")

    def test_visitors_and_withdrawals(self):
        """Case 14: a visitor without an account is a conversation; who withdraws is a duty, once."""
        self.zalo_words(name="anonymous_send_text", text="Shop ơi")
        self.assertEqual(self.chat(self.oa).preview, "Shop ơi")
        self.north.user_id = self.manager
        for seconds in (5, 6):
            self.hear(self.zalo_app, self.zalo_body("user_withdraw", seconds=seconds, message={}))
        [duty] = self.chat(self.oa).activity_ids
        self.assertEqual(duty.user_id, self.manager)

    def test_a_long_message_is_searched_whole_and_both_phones_are_kept(self):
        self.hear_text("dài " * 4000 + "gọi 0901234567 hoặc 0912345678", "m_long", 5)
        self.assertEqual(set(self.talk.phones.split()), {"+84912345678", "+84901234567"})
        panel = self.talk.with_user(self.agent).get_panel()
        self.assertEqual({panel["phone"], *panel["phones"]}, {"+84912345678", "+84901234567"})
        for mid, number in (("m_again1", "0912345678"), ("m_again2", "0901234567")):
            self.hear_text(f"dạ {number}", mid, 6)
            self.assertEqual((self.talk.phone[3:], self.talk.phones.split()[0][3:], len(self.talk.phones.split())), (number[1:], number[1:], 2))
        self.hear_text("x", "m_long3", 7)
        self.hear(self.fb_app, self.messenger(8, message_edit={"mid": "m_long3", "num_edit": 1, "text": "y " * 6000 + "0933333333"}))
        self.assertEqual(self.talk.phone, "+84933333333")

    def test_each_ad_opens_its_seven_days(self):
        """Each touch is a row, told twice once; the second ad, a month later, opens the window again."""
        ad = {"ad_id": "77", "source": "ADS", "ads_context_data": {"ad_title": "Áo hè"}}
        month = -int(timedelta(days=30).total_seconds())
        for _time in range(2):
            self.hear(self.fb_app, self.messenger(month, referral=ad))
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, days=29)
        self.assertFalse(self.talk._get_window()["open"])
        self.hear(self.fb_app, self.messenger(-3 * 86400, referral={**ad, "ad_id": "78", "ads_context_data": {}}))
        self.assertTrue(self.talk._get_window()["open"])
        self.hear(self.fb_app, self.messenger(month + 60, referral={"ref": "muahe", "source": "SHORTLINK"}))
        self.assertTrue(self.talk._get_window()["open"], "an older touch that comes late closes nothing")
        touches = [(touch.ad_ref, touch.title, touch.ref) for touch in self.talk.ad_touch_ids]
        self.assertEqual(touches, [("78", False, ""), ("", False, "muahe"), ("77", "Áo hè", "")])
        self.assertEqual([touch["name"] for touch in self.talk.with_user(self.agent).get_panel()["touches"]], ["78", "muahe", "Áo hè"])

    def test_composed_letters(self):
        """Cases 17 and 18: decomposed letters are stored composed; a rule's word meets them."""
        tag = self.env["crm.tag"].create({"name": "Hỏi giá"})
        self.env["sop.tag.rule"].create({"name": "giá", "tag_id": tag.id})
        self.hear_text(unicodedata.normalize("NFD", "shop báo giá em với"), "m_nfd", 5)
        self.assertEqual(self.talk.preview, "shop báo giá em với")
        self.assertIn("shop báo giá em với", self.row("m_nfd").mail_message_id.body)
        self.assertIn(tag, self.talk.tag_ids)

    # === WHAT GOES ===

    def test_blank_lines_and_indents_arrive(self):
        """Case 16."""
        for sent, arrives in (
            ("<p>Dòng một</p><p>Dòng ba</p>", "Dòng một\n\nDòng ba"),
            ("Dòng một<br/><br/>Dòng ba", "Dòng một\n\nDòng ba"),
            ("Giá:<br>  - M 10<br>\u00a0\u00a0- L 20", "Giá:\n  - M 10\n  - L 20"),
            ("<b>a</b>&lt;b&gt; &amp; c", "*a*<b> & c"),
        ):
            rows = self.say_back(Markup(sent))
            self.assertEqual(rows.mapped("text"), [arrives])
        canned = self.answer("Dòng một\n\n  Dòng ba")
        self.talk.with_user(self.agent).action_send_canned(canned.id)
        self.assertIn("Dòng một\n\n", self.env["sop.channel.message"].search([("direction", "=", "out")], limit=1, order="id desc").text)

    def attachment(self, name, content, mimetype):
        return self.env["ir.attachment"].create({"name": name, "raw": content, "mimetype": mimetype})

    def test_what_zalo_takes_is_said_before(self):
        """R9: pdf, doc, docx and csv up to 5 MB, no video; a large picture is made smaller by us."""
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        for name, content, mimetype, words in (
            ("phim.mp4", b"x", "video/mp4", "phim.mp4.*pdf"),
            ("bang.xlsx", b"x", "application/octet-stream", "bang.xlsx.*csv"),
            ("lon.pdf", b"%PDF-1.4" + b"x" * 5 * 2**20, "application/pdf", "5 MB"),
        ):
            file = self.attachment(name, content, mimetype)
            with self.subTest(name), self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                self.say_back("", attachment_ids=file.ids)
        self.assertFalse(self.env["sop.channel.message"].search([("account_id", "=", self.oa.id), ("direction", "=", "out")]))
        picture = io.BytesIO()
        Image.effect_noise((1500, 1500), 90).save(picture, "PNG")
        self.assertGreater(len(picture.getvalue()), 2**20)
        rows = self.say_back("", attachment_ids=self.attachment("anh.png", picture.getvalue(), "image/png").ids)
        calls = self.deliver(lambda call: {"error": 0, "data": {"attachment_id": "A", "message_id": "z_p"}})
        name, content, kind = calls[0].files["file"]
        self.assertEqual((name, kind, rows.state), ("anh.jpg", "image/jpeg", "sent"))
        self.assertLessEqual(len(content), 2**20)
        self.assertEqual(Image.open(io.BytesIO(content)).format, "JPEG")

    def test_order_messages_of_zalo_have_ended(self):
        """R8: after the window nothing goes by the path that was shut down on 1 March 2026."""
        self.hear_zalo()
        self.oa.transaction_messages = True
        talk = self.chat(self.oa)
        talk.last_inbound_at = fields.Datetime.subtract(self.now, days=8)
        self.assertEqual(talk.account_id._get_provider().tag(talk, True, {"type": "receipt"}), "")
        self.assertNotIn("transaction", self.env["sop.channel.account"].get_view(view_type="form")["arch"])

    def test_cells_are_counted_as_spreadsheets_do(self):
        """Case 22: 32 767 units of UTF-16, no half of a character."""
        cell = clean_cell("x" + "😀" * 20_000)
        self.assertEqual(len(cell.encode("utf-16-le")) // 2, 32_767)
        self.assertEqual(cell, "x" + "😀" * 16_383)
        self.assertEqual(clean_cell("😀" * 20_000), "😀" * 16_383)
        self.assertEqual((len(clean_cell("a" * 40_000)), clean_cell("ă")), (32_767, "ă"))
