from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders", "sop_inbox_address")
class TestOrderAddress(OrderCommon):
    """An address in the chat: a chip, one press, and a question where the ward is not sure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.form = cls.conversation.with_user(cls.agent)._order_form

    def use(self, message, *args):
        return self.form.action_use_address(message.id, *args)

    def chips(self, message):
        store = Store().add(message.with_user(self.agent))
        return store.get_result()["mail.message"][0].get("sop_addresses")

    def test_chip_on_what_customers_write(self):
        text = "Chị Hoa 0912 345 678, 12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM nha"
        self.assertEqual(self.chips(self.say(self.conversation, text)), [{"text": "12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM", "sure": True}])
        self.assertFalse(self.chips(self.say(self.conversation, "còn hàng không shop ơi, ship Hà Nội mấy ngày")))
        self.assertFalse(self.chips(self.reply(self.conversation, text)), "what we write is no customer's address")

    def test_one_press(self):
        """Nothing before it; then name, phone, street, ward and province."""
        message = self.say(self.conversation, "Tên: Lê Thị Hoa\nsđt 0912 345 678\nđc: 12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM")
        self.assertFalse(self.conversation.partner_id)
        answer = self.use(message)
        self.assertEqual(answer["note"], "")
        partner = self.conversation.partner_id
        self.assertEqual((partner.name, partner.phone, partner.street), ("Lê Thị Hoa", "+84912345678", "12 Lê Lợi"))
        self.assertEqual((partner.city_id.sop_code, partner.city, partner.state_id), ("26740", "Phường Sài Gòn", self.saigon))
        self.assertEqual(answer["customer"]["city"], "Phường Sài Gòn")
        self.assertEqual(self.use(message)["customer"]["id"], partner.id, "a second press changes nothing")

    def test_asked(self):
        """A divided ward: the choices, nothing written; a choice that is none of them is refused."""
        message = self.say(self.conversation, "thôn 3 xã Hòa Liên huyện Hòa Vang tp Đà Nẵng")
        answer = self.use(message)
        self.assertEqual({choice["name"].partition(",")[0] for choice in answer["choices"]}, {"Phường Liên Chiểu", "Phường Hải Vân"})
        self.assertIn("xã Hòa Liên", answer["why"])
        self.assertFalse(self.conversation.partner_id, "nothing is written before it is chosen")
        with self.assertRaises(UserError):
            self.use(message, 0, "26740")
        self.use(message, 0, answer["choices"][1]["code"])
        self.assertEqual(self.conversation.partner_id.city_id.sop_code, answer["choices"][1]["code"])
        self.use(message, 0, "none")
        self.assertEqual((self.conversation.partner_id.city, self.conversation.partner_id.city_id.id), ("xã Hòa Liên", False))

    def test_unknown_is_kept(self):
        answer = self.use(self.say(self.conversation, "88 Phạm Văn Đồng, Phường Hoa Sen, TP.HCM"))
        partner = self.conversation.partner_id
        self.assertEqual((partner.street, partner.city, partner.state_id), ("88 Phạm Văn Đồng", "Phường Hoa Sen", self.saigon))
        self.assertIn("Phường Hoa Sen", answer["note"])

    def test_two_addresses(self):
        """Each has its chip; whose phone it is nobody knows."""
        message = self.say(
            self.conversation, "1) 12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM\n2) 5 Trần Phú, phường Lộc Thọ, Nha Trang, Khánh Hòa\n0912345678"
        )
        self.assertEqual(len(self.chips(message)), 2)
        self.use(message, 1)
        self.assertEqual(self.conversation.partner_id.city, "Phường Nha Trang")
        with self.assertRaises(UserError):
            self.use(message, 7)

    def test_not_of_this_chat(self):
        other = self.make("Người khác")
        message = self.say(other, "12 Lê Lợi, P. Bến Nghé, Q.1, TP.HCM")
        with self.assertRaises(UserError):
            self.use(message)
        with self.assertRaises(UserError):
            self.form.action_use_address("rubbish")
        with self.assertRaises(AccessError):
            self.conversation._order_form.with_user(self.env.ref("base.public_user")).action_use_address(message.id)
