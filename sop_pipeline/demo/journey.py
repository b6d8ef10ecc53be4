"""What the demo shop's customers lived through, so that phases, timeline and rules have something to show."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

FIRST = ("visit", "visit", "game", "event", "ebook", "course")
SECOND = ("product_view", "product_view", "price_comparison", "promotion", "sample", "story")
THIRD = ("landing_page", "call_to_action", "remarketing", "product_guide")
AFTER = ("personal_message", "survey", "offer_after_sale", "delivery", "rating")
LOYAL = ("gift", "private_event", "priority_care")
STRANGERS = 60


def load(env):
    """Add interactions to the demo's leads and customers; does nothing where people have recorded some.

    :param env: environment of the superuser
    """
    if env["sop.interaction"].search_count([("type_id.code", "in", LOYAL)], limit=1):
        return
    JourneyDemo(env(context={**env.context, "lang": "vi_VN", "tracking_disable": True})).run()


class JourneyDemo:
    """One run of the generator; the same every time."""

    def __init__(self, env):
        self.env = env
        self.dice = random.Random(4)
        self.now = fields.Datetime.now()
        self.rows = []

    def run(self):
        self.age_facts()
        for lead in self.env["crm.lead"].with_context(active_test=False).search([("sop_code", "!=", False)], order="id"):
            self.before(lead)
        self.buyers()
        self.strangers()
        self.env["sop.interaction"]._sop_record_batch(self.rows)
        rules = self.env.ref("sop_pipeline.sop_next_action_rule_recare") | self.env.ref("sop_pipeline.sop_next_action_rule_no_answer")
        for rule in rules:
            rule.action_trial()
            rule.action_start()

    def add(self, code, at, **values):
        self.rows.append({"code": code, "at": min(at, self.now), **values})

    def age_facts(self):
        """Facts recorded while the demo was made happened when their records say."""
        self.env.flush_all()
        for model, time in (("sop.call", "started_at"), ("sale.order", "date_order")):
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(
                SQL(
                    "UPDATE sop_interaction fact SET at = source.%s FROM %s source WHERE fact.res_model = %s AND fact.res_id = source.id",
                    SQL.identifier(time),
                    table,
                    model,
                )
            )
        self.env.cr.execute(
            "UPDATE sop_interaction fact SET at = move.at FROM sop_stage_move move, sop_interaction_type kind"
            " WHERE kind.id = fact.type_id AND kind.code = 'quotation' AND move.lead_id = fact.lead_id AND move.to_code = 'convert'"
        )
        self.env.invalidate_all()

    def before(self, lead):
        """What made somebody a lead."""
        who = {"lead_id": lead.id, "partner_id": lead.partner_id.id or None, "channel": lead.source_id.name or None}
        at = lead.create_date
        for codes, share, days in ((FIRST, 0.8, 6), (SECOND, 0.5, 2), (THIRD, 0.3, 0.2)):
            if self.dice.random() < share:
                self.add(self.dice.choice(codes), at - timedelta(days=self.dice.uniform(0, days)), **who)

    def buyers(self):
        """What buyers got afterwards; some of them came back."""
        orders = self.env["sale.order"].search([("state", "=", "sale"), ("opportunity_id", "!=", False)], order="id")
        for number, order in enumerate(orders):
            who = {"partner_id": order.partner_id.id, "lead_id": order.opportunity_id.id}
            for code in self.dice.sample(AFTER, self.dice.choice((1, 2, 3))):
                self.add(code, order.date_order + timedelta(days=self.dice.uniform(1, 10)), **who)
            if number % 4 == 0:
                self.order_again(order)
                self.add(self.dice.choice(LOYAL), order.date_order + timedelta(days=self.dice.uniform(3, 12)), **who)

    def order_again(self, order):
        line = order.order_line[0]
        again = self.env["sale.order"].create(
            {
                "partner_id": order.partner_id.id,
                "user_id": order.user_id.id,
                "team_id": order.team_id.id,
                "order_line": [Command.create({"product_id": line.product_id.id, "product_uom_qty": 1})],
            }
        )
        again.action_confirm()
        again.date_order = min(order.date_order + timedelta(days=self.dice.uniform(2, 20)), self.now)
        fact = self.env["sop.interaction"].search([("res_model", "=", "sale.order"), ("res_id", "=", again.id)])
        fact.at = again.date_order

    def strangers(self):
        """People the shop knows from its newsletter and its visitors, who have asked for nothing yet."""
        people = self.env["res.partner"].create(
            [{"name": f"Khách xem hàng {number + 1}", "email": f"xem{number + 1}@example.com"} for number in range(STRANGERS)]
        )
        for number, person in enumerate(people):
            at = self.now - timedelta(days=self.dice.uniform(0, 80))
            self.add(self.dice.choice(FIRST), at, partner_id=person.id, channel="Website")
            if number % 3 == 0:
                self.add(self.dice.choice(SECOND), at + timedelta(hours=1), partner_id=person.id, channel="Website")
