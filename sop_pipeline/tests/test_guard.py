from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..tools.signals import Signal, received, send
from .common import PipelineCommon
from .links import client_links, guarded_links

#: Links of this addon that need no guard of ours
ELSEWHERE = {
    ("crm.lead", "stage_id"): "core's field; what may be chosen is checked by _check_sop_stage",
    ("crm.lead", "tag_ids"): "core's field; tags are everybody's",
    ("res.users", "sop_verified_uid"): "written through the partner, where it is kept",
}
PROOFS = {
    "crm.lead": {
        "sop_code": "close",
        "sop_interest": "interested",
        "sop_waiting_code": "close",
        "sop_waiting_cause": "order_confirmed",
        "sop_last_call_at": "2026-01-01 00:00:00",
        "sop_verified_contact": "+84901234567",
        "sop_verified_at": "2026-01-01 00:00:00",
        "sop_verified_uid": 1,
        "sop_verified_how": "call",
        "sop_is_verified": True,
    },
    "res.partner": {
        "sop_verified_contact": "+84901234567",
        "sop_verified_at": "2026-01-01 00:00:00",
        "sop_verified_uid": 1,
        "sop_verified_how": "call",
        "sop_is_verified": True,
    },
    "sop.interaction": {"res_model": "sale.order", "res_id": 1, "phase": "loyalty", "is_order": True},
    "sop.next.action.rule": {"running": True, "started_at": "2026-01-01 00:00:00", "checked_at": "2026-01-01 00:00:00", "trial_count": 7},
}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestSignals(PipelineCommon):
    """What one method tells another cannot be said by a client."""

    def test_plain_values_read_as_absent(self):
        for value in (True, 1, "order_cancelled", ["sale.order", 9], {"value": True}):
            self.assertIsNone(received(self.env(context={"sop_cause": value}), "sop_cause"))
        self.assertEqual(received(send(self.env["crm.lead"], sop_cause="merge").env, "sop_cause"), "merge")
        self.assertEqual(Signal(1), Signal(1))
        self.assertNotEqual(Signal(1), 1)

    def test_a_cause_from_outside_moves_nothing_and_is_not_stored(self):
        """Hole: a sales person moved won and lost leads, and the history kept the lie."""
        lead = self.make_lead()
        order = self.make_order(lead)
        order.action_confirm()
        self.assertEqual(lead.sop_code, "close")
        lies = {"sop_cause": "<b>order_cancelled</b>", "sop_source": ["sale.order", 999], "sop_merging": True, "sop_switching": True}
        with self.assertRaises(UserError), self.cr.savepoint():
            lead.with_user(self.seller).with_context(**lies).write({"stage_id": self.stages["convert"].id})
        lost = self.make_lead()
        lost.action_set_lost()
        with self.assertRaises(UserError), self.cr.savepoint():
            lost.with_user(self.seller).with_context(**lies).write({"stage_id": self.stages["convert"].id})
        plain = self.make_lead()
        plain.with_user(self.seller).with_context(**lies).write({"stage_id": self.stages["evaluate"].id})
        self.assertEqual(self.path(plain), [("collect", "created"), ("evaluate", "manual")])
        self.assertFalse(plain.sop_move_ids.filtered("res_model"))


@tagged("post_install", "-at_install", "sop_pipeline")
class TestGuard(PipelineCommon):
    """Links are checked and proofs are kept, whichever way a client stores them."""

    def test_every_link_is_guarded(self):
        open_links = client_links(self.env, "sop_pipeline") - guarded_links(self.env) - ELSEWHERE.keys()
        self.assertFalse(open_links, "a client may store these links and nothing checks them")
        self.assertFalse(ELSEWHERE.keys() - client_links(self.env, "sop_pipeline"), "no longer there")

    def test_proofs_are_kept_by_write_create_and_default(self):
        boss = new_test_user(self.env, "guard_boss", "base.group_user,base.group_partner_manager,sales_team.group_sale_manager")
        values = {
            "crm.lead": {"name": "x", "team_id": self.sop.id},
            "res.partner": {"name": "x"},
            "sop.interaction": {"partner_id": self.customer.id, "type_id": self.env["sop.interaction.type"].search([], limit=1).id},
            "sop.next.action.rule": {"name": "x", "interest": "interested"},
        }
        for model, proofs in PROOFS.items():
            Model = self.env[model].with_user(boss)
            self.assertFalse(proofs.keys() - Model._sop_kept())
            record = Model.create(values[model])
            for name, value in proofs.items():
                with self.subTest(model=model, field=name):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        record.write({name: value})
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        Model.create({**values[model], name: value})
                    by_default = Model.with_context(**{f"default_{name}": value}).create(values[model])
                    self.assertEqual(by_default[name] or False, record[name] or False)
                    result = Model.load([*values[model], name], [[*("x" for _value in values[model]), str(value)]])
                    self.assertFalse(result["ids"])

    def test_an_order_does_not_move_a_lead_one_may_not_change(self):
        """A sales person's order on a colleague's lead moved it."""
        lead = self.make_lead(user_id=self.colleague.id)
        values = {"partner_id": self.customer.id, "opportunity_id": lead.id}
        orders = self.env["sale.order"].with_user(self.seller)
        with self.assertRaises(AccessError), self.cr.savepoint():
            orders.create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            orders.with_context(default_opportunity_id=lead.id).create({"partner_id": self.customer.id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            orders.create({"partner_id": self.customer.id}).write({"opportunity_id": lead.id})
        own = orders.create({"partner_id": self.customer.id, "opportunity_id": self.make_lead().id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            own.copy({"opportunity_id": lead.id})
        self.assertTrue(own.copy())
        self.assertEqual(lead.sop_code, "collect")

    def test_links_to_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": other.id})
        kind = self.env["sop.interaction.type"].search([], limit=1)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env["sop.interaction"].with_user(self.seller).create({"partner_id": stranger.id, "type_id": kind.id})

    def test_what_a_shared_contact_lived_through_stays_in_its_company(self):
        """Contacts are often shared between companies; their interactions were seen across them."""
        other = self.env["res.company"].create({"name": "Other"})
        foreign = new_test_user(
            self.env, "guard_foreign", "base.group_user,sales_team.group_sale_manager", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        Interaction = self.env["sop.interaction"]
        recorded = Interaction._sop_record("visit", partner=self.customer, source=self.customer)
        by_hand = Interaction.with_user(self.seller).create(
            {"partner_id": self.customer.id, "type_id": self.env["sop.interaction.type"].search([("by_fact", "=", False)], limit=1).id}
        )
        self.assertFalse(self.customer.company_id)
        rows = recorded | by_hand
        self.assertEqual(rows.company_id, self.env.company)
        self.assertEqual(Interaction.with_user(self.boss).search([("id", "in", rows.ids)]), rows)
        self.assertFalse(Interaction.with_user(foreign).search([("id", "in", rows.ids)]))
        journey = Interaction.with_user(foreign).get_journey("res.partner", self.customer.id)
        self.assertFalse(journey["items"] or any(phase["count"] for phase in journey["phases"]))

    def test_methods_still_note_what_they_saw(self):
        """What is kept from clients is written by our methods, run as the person."""
        lead = self.make_lead().with_user(self.seller)
        lead.action_sop_verify()
        self.assertEqual((lead.sop_verified_how, lead.sop_verified_uid), ("person", self.seller))
        lead.action_sop_unverify()
        self.assertFalse(lead.sop_is_verified)
        first = self.make_lead()
        self.rate(first)
        second = self.make_lead()
        merged = (first | second).with_user(self.boss).merge_opportunity()
        self.assertEqual(merged.sop_interest, "interested")
