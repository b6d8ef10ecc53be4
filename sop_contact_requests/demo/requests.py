"""Six weeks of contact requests of two sellers, the same every time; reports and dashboards show something."""

import random
from datetime import timedelta

from odoo import Command, fields

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
GIVEN = ("Thu Giang", "Ngọc Lan", "Minh Tuấn", "Quốc Hùng", "Thanh Mai", "Hải Nam", "Khánh Linh", "Đức Phong", "Bảo Trâm", "Gia Huy")
PREFIXES = ("090", "091", "093", "096", "098", "070", "081", "035", "038", "056")
QUESTIONS = {
    "product_phone": (
        "Máy còn bảo hành không shop?",
        "Có trả góp không ạ?",
        "Cho mình xem máy chiều nay được không?",
        "Pin còn bao nhiêu phần trăm?",
        "Có bớt thêm không shop?",
        "Đổi iPhone 12 bù bao nhiêu?",
        "Giao Thủ Đức được không ạ?",
        "",
    ),
    "product_camera": ("Màn chụp bao nhiêu rồi anh?", "Có kèm thẻ nhớ không ạ?", "Giá cuối bao nhiêu anh?", ""),
}
NOTES = (
    "Tài chính 12 triệu, cần trong tuần này.",
    "Chờ lương đầu tháng, gọi lại.",
    "Đã hẹn xem máy tại cửa hàng.",
    "Khách quen, mua gấp cho con.",
    "Còn so giá, chưa chốt.",
)
OTHERS = (  # further sellers of the market: name, days from now until the end, days paid, price
    ("Laptop Phú Quý", 3, 30, 299000),
    ("Xe máy Hòa Bình", -12, 30, 299000),
    ("Nội thất An Cư", 120, 180, 0),
    ("Đồng hồ Kim Sơn", 18, 60, 598000),
)


def load(env):
    """Fill an empty list; does nothing on one that has requests.

    :param env: environment of the superuser
    """
    if env["sop.contact.request"].with_context(active_test=False).search_count([], limit=1):
        return
    company = env.ref("base.main_company")
    env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True, "allowed_company_ids": company.ids})
    demo = Demo(env, company)
    demo.make_rights()
    demo.make_requests("product_phone", "user_seller", 44)
    demo.make_requests("product_camera", "user_seller2", 9, waiting=9)
    demo.make_leads()
    demo.make_mails_light()


class Demo:
    """One run of the generator: the dice, the clock and the shop."""

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self.dice = random.Random(19)
        self.now = fields.Datetime.now().replace(second=0, microsecond=0)
        self.has_accounts = bool(company.chart_template)  # without them nothing can be invoiced

    def ref(self, name):
        return self.env.ref(f"sop_contact_requests.{name}")

    def make_rights(self):
        """Minh Khang in the partner programme after packages, Thanh Tùng's package over, others between."""
        khang, tung = self.ref("partner_minh_khang"), self.ref("partner_thanh_tung")
        self.make_right(khang, "package", -75, 30, 299000)
        self.make_right(khang, "package", -45, 30, 299000)
        self.make_right(khang, "programme", -16, 60)
        self.make_right(tung, "package", -52, 30, 299000)
        for name, end, days, price in OTHERS:
            seller = self.env["res.partner"].create({"name": name, "is_company": True, "country_id": self.env.ref("base.vn").id, "lang": "vi_VN"})
            self.make_right(seller, "package" if price else "programme", end - days, days, price)

    def make_right(self, seller, kind, start, days, price=0):
        begin = self.now + timedelta(days=start)
        if kind == "package" and self.has_accounts and self.sell_packages(seller, begin, days // 30):
            return
        self.env["sop.seller.entitlement"].create(
            {
                "seller_id": seller.id,
                "kind": kind,
                "start": begin,
                "end": begin + timedelta(days=days),
                "amount": price,
                "unit_days": 30 if kind == "package" else 0,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
            }
        )

    def sell_packages(self, seller, begin, quantity):
        """Ordered, invoiced and paid at that moment: revenue comes from what was paid.

        :return: the rights that follow; none where a payment counts only with a bank statement
        """
        line = Command.create({"product_id": self.ref("product_package").product_variant_id.id, "product_uom_qty": quantity})
        order = self.env["sale.order"].create({"partner_id": seller.id, "order_line": [line]})
        order.action_confirm()
        order.date_order = begin
        self.env["sop.interaction"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)]).at = begin
        invoice = order._create_invoices()
        invoice.invoice_date = begin.date()
        invoice.action_post()
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment.create({"payment_date": begin.date()}).action_create_payments()
        rights = order.order_line.sop_entitlement_ids
        rights.paid_at = begin
        return rights

    def make_requests(self, product, user, count, waiting=5):
        """Requests of the last six weeks, of which the newest have not been looked at."""
        moments = sorted((self.now - timedelta(hours=self.dice.uniform(2, 42 * 24)) for _i in range(count)), reverse=True)
        requests = self.env["sop.contact.request"].create([self.request_values(product, moment) for moment in moments])
        self.agree(requests)
        for request in requests[waiting:]:
            self.work_on(request, self.ref(user))
        again = requests[waiting:].filtered(lambda r: r.state == "contact_again")
        for request, hours in zip(again, (-26, -3, 5, 30, 75), strict=False):
            request.write({"reminder_at": self.now + timedelta(hours=hours), "touched_at": request.touched_at})
            request.write({"reminder_user_id": self.ref(user).id, "reminder_sent_at": hours < 0 and self.now + timedelta(hours=hours)})

    def request_values(self, product, moment):
        return {
            "listing_id": self.ref(product).id,
            "company_id": self.company.id,
            "buyer_name": f"{self.dice.choice(FAMILY)} {self.dice.choice(GIVEN)}",
            "phone": f"{self.dice.choice(PREFIXES)}{self.dice.randrange(10**7):07}",
            "message": self.dice.choice(QUESTIONS[product]),
            "requested_at": moment,
            "last_requested_at": moment,
            "consent_text_id": self.ref("sop_consent_text_1").id,
            "consent_at": moment,
        }

    def agree(self, requests):
        """What the buyers sent: every other one may be written to on Zalo, every third sent text messages."""
        for number, request in enumerate(requests):
            self.env["sop.contact.entry"].create(
                {
                    "request_id": request.id,
                    "nonce": f"demo{request.id}",
                    "name": request.buyer_name,
                    "phone": request.phone,
                    "message": request.message,
                    "consent_text_id": request.consent_text_id.id,
                    "consent_at": request.consent_at,
                    "allow_zalo": number % 2 == 0,
                    "allow_sms": number % 3 == 0,
                }
            )

    def work_on(self, request, user):
        """The seller looked at it some time later, revealed the number and wrote down what was said."""
        touched = request.requested_at + timedelta(minutes=self.dice.choice((4, 9, 15, 25, 40, 55, 80, 150, 400)))
        touched = min(touched, self.now)
        state = self.dice.choices(("contacted", "contact_again", "not_contacted"), (55, 30, 15))[0]
        note = "\n".join(filter(None, (request.message, self.dice.choice(NOTES)))) if state != "not_contacted" else request.note
        outcome = {"contacted": self.dice.choice(("sold", "not_bought", False, False)), "contact_again": "appointment"}.get(state, "unreachable")
        quoted = request.listing_id.list_price * self.dice.choice((1, 1, 1, 1.05))  # some asked before the price fell
        values = {"outcome": outcome, "outcome_at": touched if outcome else False}
        request.write({"state": state, "note": note, "touched_at": touched, "first_touched_at": touched, "known_price": quoted})
        request.write({**values, "touched_at": touched})
        request.write({"outcome_at": values["outcome_at"], "appointment_at": outcome == "appointment" and touched, "touched_at": touched})
        self.env["sop.contact.reveal"].create(
            {"request_id": request.id, "user_id": user.id, "how": "portal", "revealed_at": touched, "address": "203.0.113.7"}
        )

    def make_mails_light(self):
        """Without the program that prints PDFs, the shop's mails go out without one instead of not at all."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() != "install":
            return
        for name in ("mail_template_sale_confirmation", "mail_template_sale_payment_executed"):
            template = self.env.ref(f"sale.{name}", raise_if_not_found=False)
            if template:
                template.report_template_ids = False

    def make_leads(self):
        """Some of the contacted became opportunities."""
        contacted = self.env["sop.contact.request"].search([("state", "=", "contacted")], limit=6)
        contacted._create_lead()
