import unicodedata
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ...models.conversation import sop_conversation_find
from ...tools.words import LETTERS, PLAIN_LETTERS, fold, number_asked
from ..channel_common import TalkCommon
from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestSearch(OrderCommon, TalkCommon):
    """Everything is found without accents or with, composed or not (field cases 17, 18), and a number in any form."""

    def found(self, text, user=None):
        return self.env["sop.conversation"].with_user(user or self.agent).search([("words", "ilike", text)])

    def test_names_messages_tags_and_orders(self):
        talk = self.make("Nguyễn Thị Hồng Đào")
        self.say(talk, "Cho em hỏi váy xoè màu rêu, giảm 50% không_ạ")
        self.reply(talk, "Dạ mẫu này hết size ạ")
        for number in range(3):
            self.say(talk, f"Tin sau {number}")
        talk.tag_ids = self.env["crm.tag"].create({"name": "Khách sỉ quý"})
        order = self.order(talk, partner_id=self.partner.id)
        for text in ("hong dao", "Hồng Đào", "HỒNG  đào", "vay xoe", "váy xoè", "het size", "khach si quy", order.name, "50%", "không_ạ"):
            for form in ("NFC", "NFD"):
                with self.subTest(text, form=form):
                    self.assertEqual(self.found(unicodedata.normalize(form, text)), talk)
        for text in ("hong dao x", "50_", "khong%a", "size het"):
            self.assertFalse(self.found(text), text)

    def test_a_number_in_any_form(self):
        self.hear_text("gọi em 0966.777.888 nha hoặc 0977 123 456", "m_n", 5)
        other = self.make("Khách có số")
        other.partner_id = self.env["res.partner"].create({"name": "Bình", "phone": "+84 981 222 333", "country_id": self.vietnam.id})
        for text in ("0966777888", "+84966777888", "84966777888", "0966.777.888", "966 777", "0966-777-888", "0977123456"):
            self.assertEqual(self.found(text), self.talk, text)
        for text in ("0981222333", "+84 981222333", "981 222"):
            self.assertEqual(self.found(text), other, text)

    def test_only_what_one_may_see(self):
        self.hear_text("chuyện rất riêng", "m_p", 5)
        self.assertEqual(self.found("chuyen rat rieng"), self.talk)
        for user in (self.other, self.foreign):
            self.assertFalse(self.found("chuyen rat rieng", user))
        note = "ghi chú nội bộ đặc biệt"
        self.talk.message_post(body=note)
        self.assertFalse(self.found("noi bo dac biet"), "notes are not what was said")

    def test_common_and_rare_words_find_the_same(self):
        """However many have the words, and whichever way they are looked up, the same are found, of those one may see."""
        talks = self.env["sop.conversation"]
        for number in range(6):
            talk = self.make(f"Đỗ Quyên {number}")
            self.say(talk, f"màu cánh sen {number}")
            talks |= talk
        hidden = self.make("Đỗ Quyên ẩn", user_id=self.other.id)
        hidden.team_id = self.south
        asked = {"do quyen": talks, "canh sen": talks, "do quyen 3": talks[3], "canh sen 4": talks[4], "\u0301": None}
        for few in (1, 3, 2000):
            with patch.multiple(sop_conversation_find, FEW=few, MESSAGES=6):
                for text, expected in asked.items():
                    with self.subTest(text, few=few):
                        if expected is not None:
                            self.assertEqual(set(self.found(text).ids), set(expected.ids))
                        self.assertNotIn(hidden, self.found(text))
        self.assertIn(hidden, self.found("do quyen", self.other))

    def test_what_is_changed_or_taken_back(self):
        self.hear_text("màu tím than", "m_c", 5)
        self.hear(self.fb_app, self.messenger(6, message_edit={"mid": "m_c", "num_edit": 1, "text": "màu rêu"}))
        self.assertFalse(self.found("tim than"))
        self.assertEqual(self.found("mau reu"), self.talk)
        self.hear(self.fb_app, self.messenger(7, message={"mid": "m_c", "is_deleted": True}))
        self.assertFalse(self.found("mau reu"))

    def test_products_answers(self):
        product = self.goods("Đầm công sở", 3, list_price=100_000)
        for text in ("dam cong so", "ĐẦM công", "đầm"):
            self.assertIn(product.id, [row["id"] for row in self.conversation.with_user(self.agent).search_order_products(text)], text)
            self.assertIn(product.id, [row["id"] for row in self.conversation.with_user(self.agent)._replies.search_products(text)], text)
        canned = self.env["mail.canned.response"].create({"source": "đổi", "substitution": "Đổi trả trong 7 ngày"})
        canned.group_ids = self.env.ref("sop_inbox.sop_inbox_group_user")
        for text in ("doi tra", "đổi", "DOI"):
            self.assertIn(canned.id, [row["id"] for row in self.env["mail.canned.response"].with_user(self.agent).search_canned(text)])

    def test_by_day_counts_every_message(self):
        """A conversation is found on each day something was said in it; days are those of the reader."""
        talk, late = self.make("Hỏi hôm qua"), self.make("Hỏi lúc nửa đêm")
        self.agent.tz = "Asia/Ho_Chi_Minh"
        with freeze_time("2026-11-05 05:00:00"):
            for conversation, at in ((talk, "2026-11-03 10:00:00"), (talk, "2026-11-05 03:00:00"), (late, "2026-11-03 17:30:00")):
                conversation._post_inbound("Alo", at=fields.Datetime.to_datetime(at))
            both = talk | late
            for days, expected in (
                ("2026-11-03/2026-11-03", talk), ("2026-11-04/2026-11-04", late), ("2026-11-04/2026-11-03", both),
                ("today", talk), ("yesterday", late), ("week", both), ("2026-11-01/2026-11-02", talk.browse()),
            ):  # fmt: skip
                found = self.env["sop.conversation"].with_user(self.agent).search([("talked", "=", days), ("id", "in", both.ids)])
                self.assertEqual(found, expected, days)
        for rubbish in ("", "x", "2026-11-01", "2026-13-01/2026-11-01", "a/b/c", 5):
            with self.assertRaises(UserError):
                self.env["sop.conversation"].search([("talked", "=", rubbish or "x")])

    def test_the_database_folds_as_we_do(self):
        texts = ["Nguyễn Thị Hồng ĐÀO", unicodedata.normalize("NFD", "Ưu đãi Ỹ"), LETTERS, "ASCII 123"]
        for text in texts:
            self.env.cr.execute("SELECT translate(lower(normalize(%s, NFC)), %s, %s)", [text, LETTERS, PLAIN_LETTERS])
            self.assertEqual(self.env.cr.fetchone()[0], fold(text))

    def test_numbers_asked(self):
        asked = {"0901 234": "901234", "+84901": "901", "090": "", "áo 2 dây": "", "S00042": "", "(090) 123-4567": "901234567"}
        for text, digits in asked.items():
            self.assertEqual(number_asked(text), digits, text)
