import random

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...tools.risk import LEAST, calibrate, estimate, fit_prior
from .test_parcel_chat import ChatCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestRiskTools(BaseCase):
    """The estimate is shown where it is better than nothing, and nowhere else."""

    def shop(self, spread, number=3000, seed=3):
        """Parcels of 600 numbers; with a spread, some refuse most of theirs and most refuse none."""
        dice = random.Random(seed)
        rates = [dice.choice((0.02, 0.02, 0.02, 0.7)) if spread else 0.19 for _who in range(600)]
        people = [dice.randrange(600) for _parcel in range(number)]
        return [(who, float(dice.random() < rates[who])) for who in people]

    def test_where_people_differ_it_helps(self):
        found = calibrate(self.shop(True))
        self.assertTrue(found.helps)
        self.assertEqual((len(found.bins), sum(number for number, *_rest in found.bins)), (5, 1000))
        self.assertGreater(found.bins[-1][2], 0.4, "who is said to refuse does")

    def test_where_all_are_alike_it_does_not(self):
        for seed in range(5):
            found = calibrate(self.shop(False, seed=seed))
            self.assertFalse(found.helps, (seed, found))

    def test_too_short_a_past(self):
        self.assertIsNone(calibrate(self.shop(True)[: LEAST - 1]))

    def test_one_parcel_marks_nobody(self):
        prior = fit_prior([(0, 3)] * 40 + [(3, 3)] * 10)
        none, one, many = (estimate(*facts, prior) for facts in ((0, 0), (1, 1), (9, 10)))
        self.assertLess(none.rate, one.rate)
        self.assertLess(one.rate, many.rate)
        self.assertGreater(one.high - one.low, many.high - many.low)
        for low, rate, high in ((guess.low, guess.rate, guess.high) for guess in (none, one, many)):
            self.assertTrue(0 <= low <= rate <= high <= 1)


@tagged("post_install", "-at_install", "sop_orders")
class TestRisk(ChatCommon):
    """Facts of a number, and what the policy makes of them."""

    def setUp(self):
        super().setUp()
        self.policy = self.env["sop.parcel.policy"].create(
            {"company_id": self.company.id, "action": "prepay", "refused_least": 2, "share_least": 0.5}
        )

    def past(self, *ends):
        """Parcels of the customer's number that ended so: delivered, or a reason of Viettel Post."""
        parcels = self.env["sop.parcel"]
        for end in ends:
            parcel = self.shipped(self.vtp)
            if end == "delivered":
                self.moved(parcel, "out", "delivered")
            else:
                self.moved(parcel, "out", "failed", reason="x", reason_code=end)
                self.moved(parcel, "returning", "returned")
            parcels |= parcel
        return parcels

    def draft(self, **values):
        return self.order(payment="cod", request_ref=f"risk {len(self.conversation.order_ids)}", **values)

    def test_facts_over_all_contacts(self):
        self.past("delivered", "30", "36", "21")
        twin = self.env["res.partner"].create({"name": "Chị An", "phone": "+84 901 234 567"})
        facts = self.env["sop.parcel"]._facts_of(self.company, twin.phone)
        counts = {"parcels": 4, "delivered": 1, "back": 3, "refused": 1.5}
        whose = {"buyer": 1, "unclear": 1, "shop": 1, "carrier": 0}
        self.assertEqual(facts, {"sent": 4, **counts, **whose}, "a shop's own fault is not the buyer's")
        self.shipped(self.vtp)
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, twin.phone)["sent"], 5, "one is on its way")
        said = self.order(payment="cod", request_ref="words").with_context(lang="en_US")._sop_risk()["detail"]
        self.assertEqual(said, "1 refused by the buyer, 1 unclear, 1 the shop's doing, 1 on the way")
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company_b, twin.phone), {}, "no pooling among shops")
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0987654321"), {})

    def test_the_policy_says_why(self):
        self.past("30", "31")
        order = self.draft()
        form = self.talk.with_context(lang="en_US").get_order_form()
        self.assertEqual(form["order"]["risk"]["text"], "2 returned / 2 parcels")
        with self.assertRaisesRegex(UserError, "2 returned / 2 parcels"):
            order.with_user(self.agent).action_confirm()
        with self.assertRaises(AccessError):
            order.with_user(self.agent).action_sop_send_anyway("khách quen")
        with self.assertRaises(AccessError):
            order.with_user(self.agent).write({"sop_risk_reason": "x"})
        order.with_user(self.manager).action_sop_send_anyway("khách quen")
        order.with_user(self.agent).action_confirm()
        self.assertEqual((order.state, order.sop_risk_reason), ("sale", "khách quen"))

    def test_nobody_is_held_back_by_one_parcel(self):
        self.past("30")
        self.draft().with_user(self.agent).action_confirm()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.policy.refused_least = 1

    def test_wrong_facts_and_old_ones_fall_out(self):
        wrong = self.past("30", "31")[0]
        with self.assertRaises(AccessError):
            wrong.with_user(self.agent).action_exclude("nhầm")
        wrong.action_exclude("nhầm")
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0901234567")["parcels"], 1)
        self.env.cr.execute("UPDATE sop_parcel SET create_date = now() at time zone 'UTC' - interval '25 months'")
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0901234567"), {})

    def test_call_and_transfer(self):
        self.policy.action = "call"
        self.past("30", "31")
        self.draft()
        self.assertTrue(self.talk.get_order_form()["order"]["call_first"])
        self.policy.action = "prepay"
        order = self.order(payment="later", request_ref="later")
        order.with_user(self.agent).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_deposit_from_an_amount_on(self):
        self.policy.write({"action": "deposit", "amount_least": 250_000})
        self.past("30", "31")
        small, large = self.draft(), self.draft(qty=2)
        small.with_user(self.agent).action_confirm()
        with self.assertRaisesRegex(UserError, "2 parcels"):
            large.with_user(self.agent).action_confirm()
        provider, method = self.env.ref("payment.payment_provider_transfer"), self.env.ref("payment.payment_method_unknown")
        money = {"amount": 50_000, "currency_id": large.currency_id.id, "partner_id": large.partner_id.id, "state": "done"}
        facts = {"provider_id": provider.id, "payment_method_id": method.id, "reference": "deposit", "sale_order_ids": [(6, 0, large.ids)]}
        self.env["payment.transaction"].create({**facts, **money})
        large.invalidate_recordset()
        large.with_user(self.agent).action_confirm()
        self.assertEqual((small.state, large.state), ("sale", "sale"))

    def test_the_number_is_shown_only_where_it_helps(self):
        self.past("30", "delivered")
        row = {"company_id": self.company.id, "parcels": 500, "prior_a": 1, "prior_b": 4, "date": fields.Date.today()}
        self.env["sop.parcel.calibration"].create({**row, "helps": False})
        self.draft()
        self.assertNotIn("risk", self.talk.with_context(lang="en_US").get_order_form()["order"]["risk"]["text"])
        self.env["sop.parcel.calibration"].create({**row, "helps": True})
        self.assertIn("risk 29 %", self.talk.with_context(lang="en_US").get_order_form()["order"]["risk"]["text"])

    def test_no_list_to_browse(self):
        """A number is asked about by who has it before them; nobody lists, groups or searches numbers."""
        self.past("30")
        for user in (self.agent, self.manager, self.env.ref("base.user_admin")):
            parcels = self.env["sop.parcel"].with_user(user)
            for ask in (
                lambda parcels=parcels: parcels.search([("phone_key", "!=", False)]),
                lambda parcels=parcels: parcels.search_read([], ["phone_key"]),
                lambda parcels=parcels: parcels.formatted_read_group([], ["phone_key"], ["__count"]),
            ):
                with self.assertRaises(AccessError):
                    ask()

    def test_the_button_does_not_count(self):
        wrong = self.past("30", "31")[0]
        model = self.env["sop.parcel.exclude"]
        with self.assertRaises(AccessError):
            model.with_user(self.agent).create({"parcel_ids": wrong.ids, "reason": "nhầm"})
        with self.assertRaisesRegex(UserError, "why"):
            model.create({"parcel_ids": wrong.ids, "reason": "  "}).action_confirm()
        model.with_context(active_ids=wrong.ids).create({"reason": "bưu tá không đến"}).action_confirm()
        self.assertEqual((wrong.excluded, wrong.excluded_reason), (True, "bưu tá không đến"))
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0901234567")["parcels"], 1)
        wrong.action_include()
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0901234567")["parcels"], 2)

    def test_the_facts_are_in_the_buyers_export(self):
        wrong = self.past("30", "36")[0]
        wrong.action_exclude("bưu tá không đến")
        told = str(self.env["sop.privacy"]._export(self.partner._sop_person()))
        for word in ("+84901234567", wrong.tracking_ref, "bưu tá không đến"):
            self.assertIn(word, told)

    def test_what_the_policy_did(self):
        """Two orders it met: one sent anyway and refused, one never confirmed. Before it half was refused."""
        self.policy.active = False
        before = self.past("30", "delivered", "31", "delivered")
        self.policy.active = True
        self.env.cr.execute("UPDATE sop_parcel SET since = now() at time zone 'UTC' - interval '10 days' WHERE id IN %s", [tuple(before.ids)])
        self.env.cr.execute("UPDATE sop_parcel_policy SET create_date = now() at time zone 'UTC' - interval '5 days' WHERE id = %s", [self.policy.id])
        self.env.invalidate_all()
        held, sent = self.draft(), self.draft()
        with self.assertRaises(UserError):
            held.with_user(self.agent).action_confirm()
        sent.with_user(self.manager).action_sop_send_anyway("khách quen")
        sent.with_user(self.agent).action_confirm()
        self.env.cr.execute("UPDATE sale_order SET create_date = now() at time zone 'UTC' - interval '8 days' WHERE id = %s", [held.id])
        self.env.invalidate_all()
        self.assertEqual((held.sop_policy_id, sent.sop_policy_id), (self.policy, self.policy))
        picking = sent.picking_ids
        picking.carrier_id = self.vtp
        self.send(picking)
        self.moved(picking.sop_parcel_ids, "out", "failed", reason="x", reason_code="30")
        self.moved(picking.sop_parcel_ids, "returning", "returned")
        self.env.invalidate_all()
        policy = self.policy
        self.assertEqual((policy.asked, policy.overridden, policy.lost, policy.lost_share, policy.refused_share), (2, 1, 1, 0.5, 1))
        self.assertEqual((policy.share_before, policy.share_since), (0.5, 1))
