import base64
import io

from hypothesis import given
from hypothesis import strategies as st
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from PIL import Image

from ...tools.placeholders import UnfilledError, fill, names_in
from ..common import InboxCommon


def png(color="red"):
    """A small picture as bytes."""
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(stream, "PNG")
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestPlaceholders(BaseCase):
    """Variables of canned answers."""

    def test_names_in_order_without_doubles(self):
        self.assertEqual(names_in("{{ Price }} {{stock}} {{price}}"), ["price", "stock"])
        self.assertEqual(names_in(None), [])

    def test_missing_ones_are_named(self):
        with self.assertRaises(UnfilledError) as caught:
            fill("{{a}} {{b}} {{c}}", {"a": "1", "b": ""})
        self.assertEqual(caught.exception.names, ["b", "c"])

    @given(st.text(), st.text(min_size=1))
    def test_values_go_in_as_they_are(self, around, value):
        around = around.replace("{", "").replace("}", "")
        self.assertEqual(fill(around + "{{x}}" + around, {"x": value}), around + value + around)


@tagged("post_install", "-at_install")
class TestReplyTools(InboxCommon):
    """Canned answers, product cards, pictures used before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conversation = cls.make("Chị <b>Hoa</b>")
        cls.conversation._post_inbound("Chào shop")
        cls.mine = cls.conversation.with_user(cls.agent)
        cls.product = cls.env["product.product"].create(
            {"name": "Váy hoa", "default_code": "VH-1", "list_price": 250000, "is_storable": True, "image_1920": base64.b64encode(png())}
        )
        group = cls.env.ref("sop_inbox.sop_inbox_group_user")
        cls.canned = cls.env["mail.canned.response"].create(
            {
                "source": "gia",
                "substitution": "Chào {{customer}}, {{product}} giá {{price}} ({{stock}})",
                "group_ids": [(4, group.id)],
            }
        )

    def last(self):
        return self.conversation.channel_id.message_ids[0]

    def test_canned_answer_is_filled_and_sent_at_one_click(self):
        self.mine.action_send_canned(self.canned.id, self.product.id)
        self.assertIn("Chào Chị &lt;b&gt;Hoa&lt;/b&gt;, Váy hoa giá", self.last().body)
        self.assertEqual((self.last().author_id, self.last().sop_side), (self.agent.partner_id, "out"))
        self.assertFalse(self.conversation.is_unanswered)

    def test_variable_that_cannot_be_filled_stops_the_sending(self):
        before = self.conversation.channel_id.message_ids
        with self.assertRaises(UserError) as caught:
            self.mine.action_send_canned(self.canned.id)
        for name in ("{{product}}", "{{price}}", "{{stock}}"):
            self.assertIn(name, str(caught.exception))
        self.assertEqual(self.conversation.channel_id.message_ids, before)
        self.assertIn("{{price}}", self.mine._replies.preview_canned(self.canned.id)["error"])

    def test_variables_typed_in_the_composer_are_filled_too(self):
        self.reply(self.conversation, "Em là {{staff}}")
        self.assertIn("Em là Lan", self.last().body)
        with self.assertRaises(UserError):
            self.reply(self.conversation, "Giá {{price}}")

    def test_canned_answer_with_picture_and_product(self):
        picture = self.env["ir.attachment"].create({"name": "size.png", "datas": base64.b64encode(png("blue"))})
        self.canned.write({"sop_attachment_ids": [(4, picture.id)], "sop_product_id": self.product.id, "sop_send_card": True})
        self.mine.action_send_canned(self.canned.id)
        self.assertEqual(len(self.last().attachment_ids), 2)
        self.assertTrue(picture.exists(), "the answer keeps its picture")
        self.mine.action_send_canned(self.canned.id)
        self.assertEqual(len(self.last().attachment_ids), 2)

    def test_product_card_has_picture_price_and_stock(self):
        self.mine.action_send_product(self.product.id)
        self.assertIn("<b>Váy hoa</b>", self.last().body, "without the shop's own code")
        self.assertIn("275", self.last().body, "what an order charges, tax included")
        self.assertEqual(len(self.last().attachment_ids), 1)
        found = self.env["sop.conversation.reply"].with_user(self.agent).search_products("váy ho")
        self.assertEqual([(item["id"], item["in_stock"]) for item in found], [(self.product.id, False)])

    def test_pictures_sent_are_kept_once_and_sent_again_without_upload(self):
        for _time in range(2):
            self.conversation.with_user(self.agent).sudo()._post_outbound("", attachments=[("mau.png", png("green"))])
        library = self.env["sop.picture"].with_user(self.agent)
        found = library.search_pictures("mau")
        self.assertEqual([item["uses"] for item in found], [2])
        self.mine._replies.action_send_picture([found[0]["id"]])
        sent = self.last().attachment_ids
        self.assertEqual(sent.checksum, library.browse(found[0]["id"]).checksum)
        self.last().unlink()
        self.assertTrue(library.browse(found[0]["id"]).attachment_id.exists(), "the library outlives the message")

    def upload(self, *files, folder=""):
        rows = [{"name": name, "data": base64.b64encode(content).decode()} for name, content in files]
        return self.env["sop.picture"].with_user(self.agent).action_upload(rows, folder)

    def test_pictures_put_into_the_library(self):
        """Uploaded into a folder, found there, sent like any other; the same picture again is one row, in its new folder."""
        library = self.env["sop.picture"].with_user(self.agent)
        added = self.upload(("m.png", png("purple")), ("l.png", png("orange")), folder="Bảng size")
        self.assertEqual([(row["folder"], row["uses"]) for row in added], [("Bảng size", 0)] * 2)
        self.assertEqual(library.get_folders(), ["Bảng size"])
        again = self.upload(("khac.png", png("purple")), folder="Vải")
        self.assertEqual([row["id"] for row in again], [added[0]["id"]])
        self.assertEqual([row["name"] for row in library.search_pictures(folder="Bảng size")], ["l.png"])
        self.mine._replies.action_send_picture([added[1]["id"]])
        self.assertEqual([row["uses"] for row in library.search_pictures("l.png")], [1])
        self.assertFalse(self.env["sop.picture"].with_user(self.foreign).search_pictures(), "another company has its own")

    def test_what_is_no_picture_is_not_put_there(self):
        for name, content in (("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("a.png", b"text"), ("a.png", b""), ("a.exe", b"MZ" * 90)):
            with self.subTest(name), self.assertRaises(UserError):
                self.upload(("tot.png", png("pink")), (name, content))
        with self.assertRaises(UserError):
            self.env["sop.picture"].with_user(self.agent).action_upload([{"name": "x", "data": "không phải base64"}])
        self.assertFalse(self.env["sop.picture"].search([("name", "=", "tot.png")]), "one bad file: none of them is kept")

    def test_customers_pictures_are_not_kept(self):
        self.say(self.conversation, "", attachments=[("anh.png", png("black"))])
        self.assertFalse(self.env["sop.picture"].search([("name", "=", "anh.png")]))

    def test_reply_tools_are_for_who_may_work_on_it(self):
        theirs = self.conversation.with_user(self.other)
        for call, argument in (
            ("action_send_product", self.product.id),
            ("action_send_canned", self.canned.id),
            ("action_send_picture", []),
        ):
            with self.subTest(call=call), self.assertRaises(AccessError):
                getattr(theirs._replies, call)(argument)
        with self.assertRaises(AccessError):
            theirs.get_panel()

    def test_words_put_tags_on(self):
        tag = self.env["crm.tag"].create({"name": "Sỉ"})
        self.env["sop.tag.rule"].create({"name": "giá sỉ, ban buon", "tag_id": tag.id})
        self.say(self.conversation, "Cho hỏi GIÁ SỈ với ạ")
        self.assertEqual(self.conversation.tag_ids, tag)
        with self.assertRaises(UserError):
            self.env["sop.tag.rule"].create({"name": " , ", "tag_id": tag.id})

    def test_panel_tells_all_of_the_customer(self):
        self.product.sop_sell_without_stock = True
        self.say(self.conversation, "0901112223")
        partner = self.env["res.partner"].browse(self.mine.action_create_partner())
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "sop_conversation_id": self.conversation.id,
                "order_line": [(0, 0, {"product_id": self.product.id})],
            }
        )
        order.action_confirm()
        other = self.make("Chị <b>Hoa</b>", kind="comment", thread_ref="p1")
        panel = self.mine.get_panel()
        self.assertEqual((panel["phone"], panel["partner"]["id"]), ("+84901112223", partner.id))
        self.assertEqual([row["here"] for row in panel["orders"]["rows"]], [True])
        self.assertEqual([item["id"] for item in panel["earlier"]], [other.id])

    def test_notes_never_reach_the_customer(self):
        partner = self.env["res.partner"].create({"name": "Khách", "email": "khach@example.com"})
        self.conversation.partner_id = partner
        body = "Khó tính"
        note = self.mine.message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment", partner_ids=partner.ids)
        self.assertFalse(note.partner_ids)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertFalse(self.env["mail.mail"].search([("mail_message_id", "=", note.id)]))
        self.assertNotIn(note, self.conversation.channel_id.message_ids)
