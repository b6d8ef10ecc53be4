"""Two weeks of a small shop's chats and comments, the same every time, so that every chip shows something.

Messages come in and go out by the doors that real ones use; only their times are in the past.
"""

import base64
import random
from datetime import timedelta

from odoo import Command, fields

from odoo.addons.sop_pipeline.demo.leads import FAMILY, GIVEN, MIDDLE, PREFIXES
from odoo.addons.sop_pipeline.tools.signals import send

COUNT = 240
POSTS = (
    ("post-tet", "Xả kho đón Tết, giảm đến 50%"),
    ("post-vay", "Váy hoa mới về, 5 màu"),
    ("post-live", "Livestream tối thứ Sáu: chốt đơn nhận quà"),
    ("post-polo", "Áo polo co giãn 4 chiều"),
)
# Each talk: what customer (in) and shop (out) say in turn.
TALKS = (
    (
        "Shop ơi {product} còn hàng không ạ?",
        "Dạ còn ạ, mình lấy size nào ạ?",
        "Size M, ship về {city} bao nhiêu tiền shop?",
        "Dạ ship 30k ạ, nhận hàng kiểm tra rồi mới thanh toán ạ.",
    ),
    ("Giá sỉ {product} lấy 20 cái thì sao shop?", "Dạ lấy từ 20 cái bên em giảm 15% ạ.", "Ok gửi mình báo giá nhé, sđt {phone}"),
    ("Cho mình xin giá {product}", "Dạ {product} giá {price} ạ.", "Đắt quá, bớt chút được không?"),
    (
        "Mình đặt 1 {product}, sđt {phone}, địa chỉ 25 Lê Lợi {city}",
        "Dạ em lên đơn cho mình rồi ạ, 2-3 ngày nhận hàng ạ.",
        "Cảm ơn shop ❤️",
    ),
    ("Đơn của mình đến đâu rồi shop?", "Dạ đơn đang trên đường giao, dự kiến mai mình nhận được ạ."),
    (
        "Hàng nhận được bị lỗi đường may, đổi giúp mình",
        "Dạ em xin lỗi mình, mình gửi em hình ảnh sản phẩm với ạ.",
        "Đây nhé shop, liên hệ {phone} giúp mình",
    ),
    ("{product} có bảo hành không?", "Dạ bảo hành 12 tháng chính hãng ạ."),
    ("Tư vấn giúp mình {product} với", "Dạ mình dùng cho gia đình mấy người ạ?", "4 người nhé"),
    ("Shop có cửa hàng ở {city} không?", "Dạ bên em giao tận nơi ở {city}, mình xem hàng rồi mới thanh toán ạ."),
    ("Alo shop", "Dạ em nghe ạ, mình cần tư vấn mẫu nào ạ?", "Mẫu {product} ấy, còn nhiều màu không?", "Dạ còn đủ màu ạ."),
    ("Có trả góp không ạ?", "Dạ bên em hỗ trợ trả góp qua thẻ tín dụng ạ."),
    ("Mẫu này còn màu xanh không shop, nhắn mình nhé", "Dạ còn 3 cái cuối ạ, em giữ hàng cho mình nhé?"),
    ("Zalo của mình {phone}, tư vấn mình nhé", "Dạ em kết bạn Zalo rồi ạ."),
)
COMMENTS = (
    ("Giá bao nhiêu vậy shop?", "Dạ em inbox mình rồi ạ, mình check tin nhắn giúp em nhé."),
    ("Chấm", "Dạ shop đã nhắn tin tư vấn cho mình rồi ạ."),
    ("Còn size L không shop {phone}",),
    ("Inbox giá mình với",),
    ("Chốt 1 cái màu đen, {phone}", "Dạ em chốt đơn cho mình rồi ạ 🎉"),
    ("Hàng đẹp lắm mọi người ơi, mình mua rồi 😍",),
    ("Ship {city} không?", "Dạ shop ship toàn quốc ạ."),
)
SPAM = ("Vay tiền nhanh 24/7, không thế chấp, lãi thấp", "Tăng like tăng follow giá rẻ ib", "Việc nhẹ lương cao, 500k/ngày")
CITIES = ("Hà Nội", "Đà Nẵng", "Cần Thơ", "Hải Phòng", "Nha Trang", "Bình Dương", "Huế")
NOTES = ("Khách quen, hay mua sỉ cuối tháng.", "Hẹn gọi lại sau giờ làm.", "Khách muốn xem hàng thật trước khi mua.")
TAGS = (("Khách sỉ", 4), ("Hỏi giá", 2), ("Khiếu nại", 1), ("Chờ hàng về", 3), ("Livestream", 10))


def load(env):
    """Fill an empty demo inbox; does nothing on one that has conversations.

    :param env: environment of the superuser
    """
    if not env["sop.conversation"].search_count([], limit=1):
        Demo(env).run()


class Demo:
    """One run of the generator; holds the dice, the people and the products."""

    def __init__(self, env):
        self.env = env(context={**env.context, "lang": "vi_VN", "tracking_disable": True})
        self.dice = random.Random(4)
        self.now = fields.Datetime.now()
        self.page, self.oa = self.env.ref("sop_inbox.account_page"), self.env.ref("sop_inbox.account_oa")
        self.livechat = self.env.ref("im_livechat.im_livechat_channel_data")
        self.users = [self.env.ref(f"sop_pipeline.user_{name}") for name in ("sales", "sales2", "manager")]
        self.products = self.env["product.product"].search([("sale_ok", "=", True), ("type", "=", "consu")], limit=40)
        self.products = self.products.filtered("image_128")[:12] or self.products[:12]
        self.leads = self.env["crm.lead"].search([("type", "=", "opportunity"), ("phone", "!=", False)], limit=60)
        self.tags = self.make_tags()

    def make_tags(self):
        tags = self.env["crm.tag"]
        for name, color in TAGS:
            tags |= tags.search([("name", "=", name)], limit=1) or tags.create({"name": name, "color": color})
        return tags

    def run(self):
        rule = self.env["sop.tag.rule"]
        for words, name in (("giá sỉ, bán buôn, lấy sỉ", "Khách sỉ"), ("lỗi, hỏng, đổi trả, khiếu nại", "Khiếu nại")):
            rule.create({"name": words, "tag_id": self.tags.filtered(lambda t: t.name == name).id})  # noqa: B023
        team = self.page.team_id
        team.sop_distribution = "manual"  # the past was given out by hand
        for number in range(COUNT):
            self.conversation(number)
        team.sop_distribution = "even"
        self.duties()

    def duties(self):
        if "website" in self.env and "channel_id" in self.env["website"]._fields:
            self.env["website"].search([], limit=1).channel_id = self.livechat
        for user in self.users[:2]:
            self.env["sop.duty"].create({"user_id": user.id, "on_duty": True, "since": self.now - timedelta(hours=2)})

    # === ONE CONVERSATION ===

    def conversation(self, number):
        dice = self.dice
        kind = dice.choices(("message", "comment", "livechat"), (58, 27, 15))[0]
        begun = self.now - timedelta(minutes=dice.choice((dice.randint(2, 300), dice.randint(300, 3000), dice.randint(3000, 20000))))
        lead = dice.choice(self.leads) if self.leads and kind == "message" and dice.random() < 0.25 else None
        product = dice.choice(self.products) if self.products else self.products
        words = {
            "product": product.name or "sản phẩm",
            "price": f"{dice.randint(9, 99) * 10}.000đ",
            "city": dice.choice(CITIES),
            "phone": self.phone(lead),
        }
        talk = [line.format(**words) for line in dice.choice(COMMENTS if kind == "comment" else TALKS)]
        spam = dice.random() < 0.04
        if spam:
            talk = [dice.choice(SPAM)]
        conversation = self.begin(kind, number, lead)
        if product and product.name in talk[0]:
            conversation.talk_product_id = product  # as where the agent shows its card
        seller = dice.choices(self.users, (5, 5, 1))[0]
        self.talk(conversation, talk, begun, seller)
        self.finish(conversation, seller, spam)

    def phone(self, lead):
        number = lead.phone if lead else self.dice.choice(PREFIXES) + str(self.dice.randint(1000000, 9999999))
        digits = "".join(c for c in number if c.isdigit())
        digits = "0" + digits[2:] if digits.startswith("84") else digits
        return self.dice.choice((digits, f"{digits[:4]}.{digits[4:7]}.{digits[7:]}", f"{digits[:4]} {digits[4:7]} {digits[7:]}"))

    def person(self):
        sex = self.dice.choice(("female", "male"))
        return " ".join(self.dice.choice(part) for part in (FAMILY, MIDDLE[sex], GIVEN[sex]))

    def begin(self, kind, number, lead):
        name = lead.contact_name or lead.partner_id.name if lead else self.person()
        name = name or self.person()
        if kind == "livechat":
            return self.session(name)
        account = self.dice.choice((self.page, self.page, self.oa)) if kind == "message" else self.page
        identity = self.env["sop.identity"]._get_or_create(account, f"demo-{number}", name=name)
        if kind == "comment":
            ref, title = self.dice.choice(POSTS)
            return self.env["sop.conversation"]._get_or_create(account, kind, identity, ref, thread_title=title)
        return self.env["sop.conversation"]._get_or_create(account, kind, identity)

    def session(self, name):
        """A live chat as a visitor of the site opens it."""
        guest = self.env["mail.guest"].create({"name": name})
        operator = self.dice.choice(self.users[:2]).partner_id
        # sudo: as the controller of live chat opens it for a visitor
        channel = self.env["discuss.channel"].with_user(self.env.ref("base.public_user")).sudo()
        channel = channel.create(
            {
                "name": f"{name} {operator.name}",
                "channel_type": "livechat",
                "livechat_channel_id": self.livechat.id,
                "livechat_operator_id": operator.id,
                "channel_member_ids": [
                    Command.create({"guest_id": guest.id, "livechat_member_type": "visitor"}),
                    Command.create({"partner_id": operator.id, "livechat_member_type": "agent"}),
                ],
            }
        )
        return channel.with_env(self.env)._sop_adopt_livechat()

    def talk(self, conversation, lines, begun, seller):
        at = begun
        # two of three talks end with our word, the others wait for it
        answered = len(lines) // 2 * 2 or 1
        stop = self.dice.choice((1, len(lines), answered, answered, answered))
        for turn, line in enumerate(lines[:stop]):
            if turn % 2:
                conversation._post_outbound(line, at=at, user=seller, sent=True)
            else:
                conversation._post_inbound(line, at=at)
            at = min(at + timedelta(minutes=self.dice.choice((1, 2, 4, 9, 25, 70))), self.now)
        if self.products and stop > 1 and self.dice.random() < 0.12:
            self.product_card(conversation, at, seller)

    def product_card(self, conversation, at, seller):
        product = self.dice.choice(self.products)
        image = [(f"{product.name}.png", base64.b64decode(product.image_512))] if product.image_512 else None
        # sudo: in the seller's name, whatever their rights in this database
        body = conversation.with_user(seller).sudo()._replies._product_card_body(product)
        conversation._post_outbound(body, attachments=image, at=at, user=seller, sent=True)

    def finish(self, conversation, seller, spam):
        """What people did with it afterwards: tags, states, customers, leads, notes, reminders."""
        dice, mine = self.dice, conversation.with_user(seller).sudo()  # sudo: in the seller's name, whatever their rights
        if conversation.user_id or dice.random() < 0.55:
            mine._assign(conversation.user_id or seller)
        if dice.random() < 0.3:
            conversation.tag_ids = [Command.link(tag.id) for tag in dice.sample(self.tags, dice.choice((1, 1, 2)))]
        if conversation.has_phone and dice.random() < 0.4:
            mine.action_create_partner()
        lead = self.leads.filtered(lambda one: one.partner_id and one.partner_id == conversation.partner_id)[:1]
        if lead:
            conversation.lead_id = lead
        self.orders(conversation, seller)
        if spam:
            mine.action_spam()
        elif not conversation.is_unanswered and dice.random() < 0.45:
            mine.action_done()
        elif dice.random() < 0.06:
            mine.action_snooze(self.now + timedelta(hours=dice.randint(2, 60)))
        elif dice.random() < 0.35:
            mine.action_mark_read()
        if dice.random() < 0.07:
            conversation.message_post(body=dice.choice(NOTES), message_type="comment", author_id=seller.partner_id.id)
            conversation.activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=fields.Date.context_today(conversation) + timedelta(days=dice.choice((-2, 0, 1))),
                user_id=seller.id,
                summary="Gọi lại cho khách",
            )

    def orders(self, conversation, seller):
        if not (conversation.partner_id and self.products and self.dice.random() < 0.5):
            return
        order = self.env["sale.order"].create(
            {
                "partner_id": conversation.partner_id.id,
                "user_id": seller.id,
                "sop_conversation_id": conversation.id,
                "sop_receipt_at": conversation.last_message_at,  # the past has its receipts
                "order_line": [Command.create({"product_id": self.dice.choice(self.products).id, "product_uom_qty": self.dice.randint(1, 3)})],
            }
        )
        if self.dice.random() < 0.6:
            send(order, sop_no_receipt=True).action_confirm()
