"""Three months of a small shop's pipeline, the same every time, so that each report shows something.

Leads are made as people would make them (create, call, rate, quote, confirm); only their dates are then
moved into the past, since a database knows no other way to be three months old.
"""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương")
MIDDLE = {"female": ("Thị", "Thu", "Ngọc", "Thanh", "Minh", "Khánh"), "male": ("Văn", "Đức", "Quốc", "Hữu", "Minh", "Anh")}
GIVEN = {
    "female": ("Giang", "Lan", "Hương", "Mai", "Trang", "Linh", "Thảo", "Ngân", "Yến", "Vy", "Nhung", "Hạnh"),
    "male": ("Tuấn", "Hùng", "Nam", "Phong", "Long", "Khoa", "Sơn", "Đạt", "Thịnh", "Quân", "Bình", "Tài"),
}
PREFIXES = ("090", "091", "093", "096", "097", "098", "070", "077", "081", "083", "032", "035", "038", "056")
WISHES = ("hỏi giá", "cần tư vấn", "đặt cho gia đình", "mua làm quà", "lấy số lượng", "hỏi còn hàng không")
#: how far a lead gets -> how many of a hundred
ENDS = {"collect": 16, "evaluate": 14, "contact": 30, "convert": 8, "close": 18, "lost": 14}
COUNT = 300


def load(env):
    """Fill an empty demo database; does nothing on one that has leads.

    :param env: environment of the superuser
    """
    if env["crm.lead"].with_context(active_test=False).search_count([], limit=1):
        return
    env["res.lang"]._activate_lang("en_US")
    # an addon's translations come after its demo data, but what the chatter keeps now stays in the words of now
    env["ir.module.module"]._load_module_terms(["sop_pipeline"], ["vi_VN"])
    env.registry.clear_cache("stable")
    Demo(env).run()


class Demo:
    """One run of the generator; holds the dice, the people and the products."""

    def __init__(self, env):
        self.env = env(context={**env.context, "lang": "vi_VN", "tracking_disable": True, "mail_create_nosubscribe": True})
        self.dice = random.Random(19)
        self.team = env["crm.team"].search([("sop_process", "=", True)], limit=1)
        self.users = [env.ref("sop_pipeline.user_sales"), env.ref("sop_pipeline.user_sales2"), env.ref("sop_pipeline.user_manager")]
        self.products = env["product.product"].search([("type", "=", "consu"), ("list_price", ">", 0)])
        names = ("Facebook", "Zalo", "Website", "Giới thiệu", "Livestream")
        self.sources = [env["utm.source"].search([("name", "=", name)], limit=1) or env["utm.source"].create({"name": name}) for name in names]
        self.reasons = env["crm.lost.reason"].search([])
        self.campaign = env["utm.campaign"].create({"title": "Tết sale", "name": "tet-sale"})
        self.now = fields.Datetime.now()

    def run(self):
        self.team.user_id = self.users[2]
        for user in self.users[:2]:
            self.env["crm.team.member"].create({"crm_team_id": self.team.id, "user_id": user.id})
        ends = self.dice.choices(list(ENDS), weights=list(ENDS.values()), k=COUNT)
        for number, end in enumerate(ends):
            self.lead(number, end)
        self.plain_team()
        self.to_do()
        if "odoobot_state" in self.env["res.users"]._fields:  # its greeting would cover a phone's whole screen
            self.env["res.users"].search([("share", "=", False)]).odoobot_state = "disabled"

    def lead(self, number, end):
        """One customer, from the first day to now."""
        age = timedelta(days=self.dice.triangular(8 if end == "close" else 0, 92, 22), hours=self.dice.uniform(0, 8))
        created = self.now - age
        lead = self.env["crm.lead"].with_user(self.users[number % 7 % 2] if number % 11 else self.users[2]).create(self.profile(number, end, created))
        times = self.times(created, end)
        if end not in ("collect", "evaluate"):
            lead.stage_id = self.env["crm.stage"]._get_by_code("evaluate")
        if end in ("contact", "convert", "close", "lost"):
            self.call(lead, times["contact"], end)
        if end in ("convert", "close"):
            self.order(lead, times, end)
        elif end == "lost":
            lead.action_set_lost(lost_reason_id=self.dice.choice(self.reasons).id if self.reasons else False)
        self.age(lead, times)

    def profile(self, number, end, created):
        gender = self.dice.choice(("female", "female", "male"))
        name = f"{self.dice.choice(FAMILY)} {self.dice.choice(MIDDLE[gender])} {self.dice.choice(GIVEN[gender])}"
        if number == 0:
            gender, name = "female", "Trần Thu Giang"
        product = self.dice.choice(self.products)
        tags = []
        if number % 9 == 0:
            tags.append(Command.link(self.env.ref("sop_pipeline.crm_tag_vip").id))
        phone = f"{self.dice.choice(PREFIXES)}{self.dice.randrange(10**7):07d}"
        return {
            "name": f"{product.name} – {self.dice.choice(WISHES)}",
            "contact_name": name,
            "type": "opportunity",
            "team_id": self.team.id,
            "phone": phone if number % 12 or end != "collect" else False,
            "email_from": f"khach{number}@example.com" if self.dice.random() < 0.7 else False,
            "sop_gender": gender,
            "sop_birthdate": fields.Date.add(fields.Date.to_date("1975-01-01"), days=self.dice.randrange(11000)),
            "source_id": self.dice.choice(self.sources).id,
            "campaign_id": self.campaign.id if number % 4 == 0 else False,
            "expected_revenue": product.list_price * self.dice.choice((1, 1, 2, 3)),
            "tag_ids": tags,
            "stage_id": self.env["crm.stage"]._get_by_code("evaluate" if end == "evaluate" else "collect").id,
        }

    def times(self, created, end):
        """When the lead entered each stage: later stages later, none in the future."""
        times = {"collect": created}
        moment = created
        for code, days in (("evaluate", 1.5), ("contact", 2.5), ("convert", 4), ("close", 5)):
            moment = min(moment + timedelta(days=self.dice.expovariate(1 / days)), self.now - timedelta(minutes=self.dice.randrange(5, 300)))
            moment = max(moment, times["collect"])
            times[code] = moment
        times["lost"] = min(times["contact"] + timedelta(days=self.dice.uniform(1, 9)), self.now)
        return times

    def call(self, lead, at, end):
        if self.dice.random() < 0.4:
            missed = self.new_call(lead, at - timedelta(hours=self.dice.uniform(2, 30)))
            missed.action_not_answered(self.dice.choice(("no_answer", "busy")))
        weights = {"contact": (2, 5, 3), "convert": (0, 3, 7), "close": (0, 2, 8), "lost": (7, 3, 0)}[end]
        interest = self.dice.choices(("not_interested", "thinking", "interested"), weights=weights)[0]
        call = self.new_call(lead, at)
        call.action_answered()
        call.action_rate(interest, product_ids=[self.dice.choice(self.products).id])
        # sudo: the times of calls cannot be written by users; the demo shows three months
        call.sudo().write({"answered_at": at, "rated_at": at + timedelta(minutes=4), "ended_at": at + timedelta(minutes=3)})
        lead.sudo().sop_last_call_at = at

    def new_call(self, lead, at):
        call = self.env["sop.call"].browse(lead.action_sop_call()["params"]["call_id"]).with_user(lead.env.user)
        call.sudo().started_at = at  # sudo: as above
        return call

    def order(self, lead, times, end):
        if not lead.partner_id:
            lead._handle_partner_assignment(create_missing=True)
        lines = [
            Command.create({"product_id": product.id, "product_uom_qty": self.dice.choice((1, 1, 2))})
            for product in self.dice.sample(list(self.products), self.dice.choice((1, 2)))
        ]
        order = self.env["sale.order"].create(
            {
                "partner_id": lead.partner_id.id,
                "opportunity_id": lead.id,
                "user_id": lead.user_id.id,
                "team_id": self.team.id,
                "order_line": lines,
            }
        )
        if end == "close" or self.dice.random() < 0.7:
            order.action_quotation_sent()
        else:
            # sudo: whose lead it is does not matter to the demo
            lead.sudo().stage_id = self.env["crm.stage"]._get_by_code("convert")
        if end == "close":
            order.action_confirm()
            order.date_order = times["close"]

    def age(self, lead, times):
        """Move the lead and its history to the times they should have."""
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            SQL(
                "UPDATE crm_lead SET create_date = %s, date_open = %s, date_last_stage_update = %s,"
                " date_closed = CASE WHEN date_closed IS NULL THEN NULL ELSE %s END,"
                " day_close = CASE WHEN date_closed IS NULL THEN day_close ELSE %s END WHERE id = %s",
                times["collect"],
                times["collect"],
                times.get(lead.sop_code) or times["collect"],
                times["close"] if lead.won_status == "won" else times["lost"],
                ((times["close"] if lead.won_status == "won" else times["lost"]) - times["collect"]).days,
                lead.id,
            )
        )
        previous = times["collect"]
        for move in lead.sop_move_ids.sorted("id"):
            if move.cause == "created":
                at = times["collect"]
            else:
                at = times["lost"] if move.to_status in ("lost", "archived") else times.get(move.to_code, previous)
            at = max(at, previous)
            cr.execute(SQL("UPDATE sop_stage_move SET at = %s, seconds = %s WHERE id = %s", at, int((at - previous).total_seconds()), move.id))
            previous = at
        self.env.invalidate_all()

    def plain_team(self):
        """A second team that keeps Odoo's own stages."""
        team = self.env.ref("sop_pipeline.team_wholesale")
        self.env["crm.lead"].create(
            [
                {
                    "name": f"Đại lý {city}",
                    "partner_name": f"Công ty {city}",
                    "team_id": team.id,
                    "type": "opportunity",
                    "user_id": self.users[2].id,
                    "expected_revenue": 50_000_000,
                }
                for city in ("Đà Nẵng", "Cần Thơ", "Hải Phòng", "Huế")
            ]
        )

    def to_do(self):
        """Something waiting for each sales person this morning: a call to rate, a call to make."""
        evaluate = [("sop_code", "=", "evaluate"), ("phone_sanitized", "!=", False)]
        for user in self.users[:2]:
            leads = self.env["crm.lead"].with_user(user).search([*evaluate, ("user_id", "=", user.id)], limit=4)
            for lead in leads[:2]:
                self.new_call(lead, self.now - timedelta(hours=self.dice.uniform(1, 5))).action_answered()
            for lead, days in zip(leads[2:], (-1, 0), strict=False):
                lead.activity_schedule("mail.mail_activity_data_call", date_deadline=fields.Date.add(fields.Date.today(), days=days), user_id=user.id)
        required = self.env["ir.model.fields"]._get("crm.lead", "phone")
        self.env["sop.stage.requirement"].create({"team_id": self.team.id, "sop_code": "contact", "field_ids": [Command.link(required.id)]})
