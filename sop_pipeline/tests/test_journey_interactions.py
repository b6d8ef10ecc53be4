from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import TransactionCase, warmup
from odoo.tools import mute_logger

from ..tools.phases import PHASES, derive_phase, suggest_types
from .journey_common import JourneyCommon

phases = st.lists(st.sampled_from(PHASES + (None, "nonsense")), max_size=8)
RANK = {None: -1, **{phase: rank for rank, phase in enumerate(PHASES)}}


@tagged("post_install", "-at_install")
class TestPhaseRule(TransactionCase):
    """The pure rule of a customer's phase."""

    def test_examples(self):
        for touched, orders, phase in (
            ([], 0, None),
            (["awareness"], 0, "awareness"),
            (["consideration", "awareness"], 0, "consideration"),
            (["experience"], 0, "acquisition"),  # chatting does not make a buyer
            (["loyalty"], 0, "acquisition"),  # neither does a gift
            ([], 1, "experience"),
            (["loyalty"], 1, "experience"),
            (["awareness"], 2, "loyalty"),
        ):
            with self.subTest(touched=touched, orders=orders):
                self.assertEqual(derive_phase(touched, orders), phase)

    @settings(max_examples=200, deadline=None)
    @given(phases, phases, st.integers(0, 4), st.integers(0, 4))
    def test_more_never_takes_back(self, touched, more, orders, more_orders):
        before, after = derive_phase(touched, orders), derive_phase(touched + more, orders + more_orders)
        self.assertGreaterEqual(RANK[after], RANK[before])

    @settings(max_examples=200, deadline=None)
    @given(phases, phases, st.integers(0, 4))
    def test_one_by_one_is_all_at_once(self, touched, more, orders):
        """What the recording statement relies on: the phase so far stands for all touches so far."""
        self.assertEqual(derive_phase([derive_phase(touched, 0), *more], orders), derive_phase(touched + more, orders))

    def test_suggestions_lead_on(self):
        types = [(1, "awareness"), (2, "awareness"), (3, "consideration"), (4, "acquisition"), (5, "loyalty")]
        self.assertEqual(suggest_types(None, types, set()), [1, 2])
        self.assertEqual(suggest_types("awareness", types, set()), [3, 1, 2])
        self.assertEqual(suggest_types("awareness", types, {3, 1}), [2, 3, 1])
        self.assertEqual(suggest_types("loyalty", types, {5}), [5])
        self.assertEqual(suggest_types("experience", types, set(), limit=0), [])


@tagged("post_install", "-at_install")
class TestInteractions(JourneyCommon):
    """Facts record themselves once; people add others; the phase follows."""

    def record(self, code, **values):
        return self.env["sop.interaction"]._sop_record(code, **values)

    def test_types_of_the_source(self):
        """Rows G1-G5: five phases with the types the source names."""
        for phase, codes in {
            "awareness": {"game", "event", "ebook", "course"},
            "consideration": {"price_comparison", "promotion", "sample", "story"},
            "acquisition": {"landing_page", "call_to_action", "request", "remarketing", "product_guide"},
            "experience": {"offer_after_sale", "chat", "personal_message", "survey"},
            "loyalty": {"gift", "private_event", "priority_care", "repeat_order"},
        }.items():
            found = set(self.env["sop.interaction.type"].search([("phase", "=", phase)]).mapped("code"))
            self.assertLessEqual(codes, found, phase)

    def test_once_per_source(self):
        lead = self.lead(partner_id=self.partner.id)
        first = self.record("request", lead=lead, source=lead)
        self.assertEqual(first.partner_id, self.partner)
        self.assertEqual((first.phase, first.res_model, first.res_id), ("acquisition", "crm.lead", lead.id))
        self.assertEqual(first.team_id, self.team)
        self.assertFalse(self.record("request", lead=lead, source=lead))
        self.assertTrue(self.record("chat", lead=lead, source=lead), "another type of the same source is another fact")
        self.assertEqual(len(lead.sop_interaction_ids), 2)

    def test_nobody_and_unknown(self):
        self.assertFalse(self.record("request"))
        with self.assertLogs("odoo.addons.sop_pipeline.models.sop_interaction", "WARNING"):
            self.assertFalse(self.record("no such type", partner=self.partner))
        self.type_of("game").active = False
        self.assertFalse(self.record("game", partner=self.partner), "an archived type records nothing")

    def test_clock_ahead(self):
        """A source whose clock goes ahead does not write into the future."""
        row = self.record("request", partner=self.partner, at=fields.Datetime.now() + timedelta(days=3))
        self.assertLessEqual(row.at, fields.Datetime.now())

    def test_phase_follows(self):
        self.assertFalse(self.partner.sop_phase)
        self.record("visit", partner=self.partner)
        self.assertEqual(self.partner.sop_phase, "awareness")
        self.record("chat", partner=self.partner)
        self.assertEqual(self.partner.sop_phase, "acquisition")
        first = self.order(confirm=True)
        self.assertEqual(self.partner.sop_phase, "experience")
        second = self.order(confirm=True)
        self.assertEqual(self.partner.sop_phase, "loyalty")
        self.assertIn(self.partner, self.env["res.partner"].search([("sop_phase", "=", "loyalty")]))
        kinds = self.partner.sop_interaction_ids.filtered("is_order").sorted("id").mapped("type_id.code")
        self.assertEqual(kinds, ["order", "repeat_order"])
        (first | second)._action_cancel()
        self.assertEqual(self.partner.sop_phase, "acquisition", "cancelled orders make no buyer")

    def test_order_confirmed_again(self):
        """Cancelled and confirmed again it is the same interaction, of the same type."""
        order = self.order(confirm=True)
        order._action_cancel()
        other = self.order(confirm=True)
        order.action_draft()
        order.action_confirm()
        rows = self.env["sop.interaction"].with_context(active_test=False).search([("partner_id", "=", self.partner.id), ("is_order", "=", True)])
        self.assertEqual(len(rows), 2)
        self.assertTrue(all(rows.mapped("active")))
        self.assertEqual({row.res_id: row.type_id.code for row in rows}[order.id], "order")
        self.assertIn(other.id, rows.mapped("res_id"))
        self.assertEqual(self.partner.sop_phase, "loyalty")

    def test_deleted_orders(self):
        """An order that is deleted was never there, whether it was sent or confirmed; other interactions stay."""
        orders = self.order(confirm=True) | self.order()
        orders[1].action_quotation_sent()
        kept = self.record("visit", partner=self.partner)
        orders._action_cancel()
        interactions = self.env["sop.interaction"].with_context(active_test=False)
        self.assertEqual(set(interactions.search([("partner_id", "=", self.partner.id)]).type_id.mapped("code")), {"order", "quotation", "visit"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            orders.with_user(self.seller).unlink()
        orders.with_user(self.manager).unlink()
        self.assertEqual(interactions.search([("partner_id", "=", self.partner.id)]), kept)
        self.assertEqual(self.partner.sop_phase, "awareness")

    def test_two_orders_in_one_batch(self):
        orders = self.order() | self.order()
        orders.action_confirm()
        kinds = self.partner.sop_interaction_ids.filtered("is_order").mapped("type_id.code")
        self.assertEqual(sorted(kinds), ["order", "repeat_order"])
        self.assertEqual(self.partner.sop_phase, "loyalty")

    def test_quotation_and_call(self):
        lead = self.lead(partner_id=self.partner.id)
        self.call(lead).action_rate("thinking", [self.product.id])
        order = self.order(opportunity_id=lead.id)
        order.action_quotation_sent()
        self.assertEqual(set(lead.sop_interaction_ids.mapped("type_id.code")), {"call", "quotation"})
        order.write({"state": "draft"})
        order.action_quotation_sent()
        self.assertEqual(len(lead.sop_interaction_ids), 2)

    def test_lead_gets_its_customer(self):
        lead = self.lead()
        self.record("request", lead=lead, source=lead)
        self.assertFalse(lead.sop_interaction_ids.partner_id)
        lead.partner_id = self.partner
        self.assertEqual(lead.sop_interaction_ids.partner_id, self.partner)
        self.assertEqual(self.partner.sop_phase, "acquisition")

    def test_merge_leads(self):
        leads = self.lead(partner_id=self.partner.id) | self.lead(partner_id=self.partner.id)
        for lead in leads:
            self.record("request", lead=lead, source=lead)
        merged = leads.merge_opportunity()
        self.assertEqual(len(merged.sop_interaction_ids), 2)

    def test_merge_customers(self):
        other = self.env["res.partner"].create({"name": "Giang"})
        self.order(partner=other, confirm=True)
        self.order(confirm=True)
        self.assertEqual((self.partner | other).mapped("sop_phase"), ["experience", "experience"])
        self.env["base.partner.merge.automatic.wizard"]._merge((self.partner | other).ids, self.partner)
        self.assertEqual(self.partner.sop_phase, "loyalty")

    def test_by_hand(self):
        lead = self.lead(partner_id=self.partner.id)
        sample = self.type_of("sample")
        row = self.env["sop.interaction"].with_user(self.seller).create({"type_id": sample.id, "lead_id": lead.id})
        self.assertEqual((row.partner_id, row.user_id, row.team_id), (self.partner, self.seller, self.team))
        self.assertEqual(self.partner.sop_phase, "consideration")
        row.with_user(self.seller).type_id = self.type_of("game")
        self.assertEqual(self.partner.sop_phase, "awareness")
        row.with_user(self.seller).unlink()
        self.assertFalse(self.partner.sop_phase)

    def test_bad_input(self):
        Interaction = self.env["sop.interaction"].with_user(self.seller)
        sample = self.type_of("sample").id
        with self.assertRaises(ValidationError):
            Interaction.create({"type_id": sample})
        with self.assertRaises(ValidationError):
            later = fields.Datetime.now() + timedelta(days=40)
            Interaction.create({"type_id": sample, "partner_id": self.partner.id, "at": later})
        with self.assertRaises(AccessError, msg="nobody makes up facts"):
            Interaction.create({"type_id": sample, "partner_id": self.partner.id, "res_model": "sale.order", "res_id": 1})
        with self.assertRaises(UserError), mute_logger("odoo.sql_db"):
            self.type_of("order").unlink()
        self.partner.with_user(self.seller).write({"sop_phase": "loyalty", "comment": "x"})
        self.assertFalse(self.partner.sop_phase, "a phase is derived, never typed")
        self.assertFalse(self.env["res.partner"].create({"name": "y", "sop_phase": "loyalty"}).sop_phase)

    def test_type_changes_phase(self):
        own = self.env["sop.interaction.type"].with_user(self.manager).create({"name": "Mua tại quầy", "phase": "experience", "is_order": True})
        rows = self.env["sop.interaction"].create([{"type_id": own.id, "partner_id": self.partner.id} for _n in range(2)])
        self.assertEqual(self.partner.sop_phase, "loyalty")
        own.with_user(self.manager).write({"is_order": False, "phase": "awareness"})
        self.assertEqual(self.partner.sop_phase, "awareness")
        self.assertEqual(set(rows.mapped("phase")), {"awareness"})

    def test_rights(self):
        """Role by role: own leads, colleague's, other company's, portal's."""
        mine, theirs = self.lead(), self.lead(user=self.seller2)
        rows = {lead: self.record("request", lead=lead, source=lead) for lead in (mine, theirs)}
        Interaction = self.env["sop.interaction"]
        seen = Interaction.with_user(self.seller).search([("lead_id", "in", (mine | theirs).ids)])
        self.assertEqual(seen, rows[mine])
        self.assertEqual(len(Interaction.with_user(self.manager).search([("lead_id", "in", (mine | theirs).ids)])), 2)
        self.assertFalse(Interaction.with_user(self.foreign).search([("lead_id", "in", (mine | theirs).ids)]))
        with self.assertRaises(AccessError):
            Interaction.with_user(self.portal).search([])
        with self.assertRaises(AccessError):
            rows[mine].with_user(self.seller).write({"note": "x"})
        with self.assertRaises(AccessError):
            rows[mine].with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            Interaction.with_user(self.seller).create({"type_id": self.type_of("sample").id, "lead_id": theirs.id})
        with self.assertRaises(AccessError):
            self.env["sop.interaction.type"].with_user(self.seller).create({"name": "x", "phase": "loyalty"})

    @warmup
    def test_queries(self):
        """Two queries for a fact, none per record in a batch."""
        lead = self.lead(partner_id=self.partner.id)
        sources = self.env["res.partner"].create([{"name": str(number)} for number in range(30)])
        self.env.flush_all()
        self.record("visit", partner=sources[0])
        with self.assertQueryCount(2):
            self.record("request", lead=lead, source=lead)
        with self.assertQueryCount(1):
            self.record("request", lead=lead, source=sources[0])
        with self.assertQueryCount(2):
            self.env["sop.interaction"]._sop_record_batch(
                [{"code": "visit", "partner_id": partner.id, "res_model": "res.partner", "res_id": partner.id} for partner in sources]
            )
        self.assertEqual(set(sources.mapped("sop_phase")), {"awareness"})

    def test_backfill(self):
        """Orders from before the addon make their customers buyers; twice is once."""
        orders = self.order(confirm=True) | self.order(confirm=True)
        self.env["sop.interaction"].search([("res_model", "=", "sale.order"), ("res_id", "in", orders.ids)]).sudo().unlink()
        self.assertFalse(self.partner.sop_phase)
        for _run in range(2):
            self.env["sop.interaction"]._sop_backfill(batch=1)
            self.assertEqual(self.partner.sop_phase, "loyalty")
            self.assertEqual(len(self.partner.sop_interaction_ids), 2)

    def test_recount(self):
        """The phase kept step by step is the phase derived from everything."""
        self.record("gift", partner=self.partner)
        self.order(confirm=True)
        before = self.partner.sop_phase
        self.env.cr.execute("UPDATE res_partner SET sop_phase = 'awareness' WHERE id = %s", [self.partner.id])
        self.partner.invalidate_recordset()
        self.partner._sop_recompute_phase()
        self.assertEqual(self.partner.sop_phase, before)
