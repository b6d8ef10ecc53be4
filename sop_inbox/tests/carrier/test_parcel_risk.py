import random
from datetime import timedelta
from functools import partial

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

    def pay(self, order, amount):
        """Money for an order has come."""
        provider, method = self.env.ref("payment.payment_provider_transfer"), self.env.ref("payment.payment_method_unknown")
        money = {"amount": amount, "currency_id": order.currency_id.id, "partner_id": order.partner_id.id, "state": "done"}
        facts = {"provider_id": provider.id, "payment_method_id": method.id, "reference": f"money {order.id}", "sale_order_ids": [(6, 0, order.ids)]}
        self.env["payment.transaction"].create({**facts, **money})
        self.env.invalidate_all()

    def draft(self, **values):
        return self.order(payment="cod", request_ref=f"risk {len(self.conversation.order_ids)}", **values)

    def test_facts_over_all_contacts(self):
        self.past("delivered", "30", "36", "21")
        twin = self.env["res.partner"].create({"name": "Chị An", "phone": "+84 901 234 567"})
        facts = self.env["sop.parcel"]._facts_of(self.company, twin.phone)
        counts = {"parcels": 4, "delivered": 1, "back": 3, "refused": 1.5, "going": 0}
        whose = {"buyer": 1, "unclear": 1, "shop": 1, "carrier": 0}
        others = {"unpaid": 0, "names": 1, "neighbours": 0}
        self.assertEqual(facts, {"sent": 4, **counts, **whose, **others}, "a shop's own fault is not the buyer's")
        self.shipped(self.vtp)
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, twin.phone)["sent"], 5, "one is on its way")
        said = self.order(payment="cod", request_ref="words").with_context(lang="en_US")._sop_risk()["detail"]
        self.assertEqual(said, "1 refused by the buyer, 1 unclear, 1 the shop's doing, 1 on the way")
        self.draft().partner_id = twin
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, twin.phone)["names"], 2)
        self.env["res.partner"].create({"name": " chi  an", "phone": "0901 234 567"}).copy({"name": "Chi An"})
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, twin.phone)["names"], 2, "who ordered, however it is written")
        said = self.draft().with_context(lang="en_US")._sop_risk()["detail"]
        self.assertIn("2 names with this number", said)
        self.moved(self.env["sop.parcel"].search([], limit=1), "lost")
        facts = self.env["sop.parcel"]._facts_of(self.company, twin.phone)
        self.assertEqual((facts["sent"], facts["parcels"], facts["going"]), (5, 4, 0), "what is lost is not on the way, and nobody's refusal")
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
        self.pay(large, 50_000)
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

    def test_transfers_that_never_came(self):
        """Asked for and given up: cancelled, or nothing came for a week. Neither what was paid, nor what nobody was asked for."""

        def make(days, ref=True, **values):
            order = self.order(payment="transfer", request_ref=f"transfer {days} {len(self.conversation.order_ids)}")
            if ref:
                order._sop_get_payment_ref()
            order.write(values)
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order SET create_date = %s WHERE id = %s", (fields.Datetime.now() - timedelta(days=days), order.id))
            self.env.invalidate_all()
            return order

        def unpaid():
            return self.env["sop.parcel"]._facts_of(self.company, "0901234567").get("unpaid", 0)

        make(1)
        make(800)
        make(8, ref=False)
        paid = make(8)
        self.pay(paid, paid.amount_total)
        self.assertEqual(unpaid(), 0)
        waiting = make(8)
        self.assertEqual(unpaid(), 1)
        self.pay(waiting, 1000)
        self.assertEqual(unpaid(), 0, "a part came")
        make(1)._action_cancel()
        make(9)
        self.assertEqual(unpaid(), 2)
        risk = self.draft().with_context(lang="en_US")._sop_risk()
        self.assertEqual((risk["text"], risk["detail"], risk["action"]), ("2 orders by transfer never paid", "", ""))

    def test_other_numbers_at_the_address(self):
        """A count, and nothing of who they are; where there is no street nobody shares anything."""
        other = self.partner.copy({"name": "Trần Bí Mật", "phone": "0987654321", "street": "12  LE LOI"})
        facts = partial(self.env["sop.parcel"]._facts_of, self.company)
        order = self.draft()
        self.assertEqual(facts("0987654321"), {})
        for receiver in (other, self.partner, other):
            picking = self.picking(self.ghtk)
            picking.partner_id = picking.sale_id.partner_shipping_id = receiver
            self.send(picking)
        self.assertEqual((facts("0901234567")["neighbours"], facts("0987654321")["neighbours"]), (1, 1))
        risk = order.with_context(lang="en_US")._sop_risk()
        self.assertEqual(risk["text"], "1 on the way, 1 other numbers at this address")
        form = str(self.talk.get_order_form()["order"]["risk"])
        for word in ("Bí Mật", "987654321", "LE LOI"):
            self.assertNotIn(word, form)
        mark = self.env["sop.parcel"]._address_mark(order)
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0911222333", mark)["neighbours"], 2, "a new number, where two live")
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company_b, "0911222333", mark), {})
        self.partner.street = False
        self.assertEqual(self.env["sop.parcel"]._address_mark(order), 0)
        self.env["sop.parcel"].search([]).address_mark = 0
        self.assertEqual(facts("0901234567")["neighbours"], 0)

    def test_as_many_queries_for_many_orders(self):
        self.past("30", "31")
        self.env["sop.parcel.calibration"].create({"company_id": self.company.id, "parcels": 500, "prior_a": 1, "prior_b": 4, "helps": True})
        orders = self.env["sale.order"].union(*(self.draft() for _time in range(5)))

        def queries(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            risks = orders._sop_risks()
            self.assertEqual([risk["action"] for risk in risks.values()], ["prepay"] * len(orders))
            return self.env.cr.sql_log_count - before

        queries(orders)  # caches of settings are warm
        self.assertEqual(queries(orders[:1]), queries(orders))

    def test_what_is_unclear_counts_as_the_shop_says(self):
        self.policy.active = False
        self.past("36", "47", "30", "delivered")
        self.policy.active = True
        facts = partial(self.env["sop.parcel"]._facts_of, self.company, "0901234567")
        self.assertEqual((facts()["refused"], facts()["unclear"]), (2, 2))
        order = self.draft()
        self.assertEqual(order._sop_risk()["action"], "prepay")
        self.company.sop_unclear_refusal = "none"
        self.assertEqual((facts()["refused"], facts()["unclear"]), (1, 2))
        self.assertEqual(order._sop_risk()["action"], "")
        self.assertEqual(self.policy.share_since, 0.25)

    def test_one_parcel_has_no_estimate(self):
        self.policy.active = False
        self.past("30")
        self.env["sop.parcel.calibration"].create({"company_id": self.company.id, "parcels": 500, "prior_a": 1, "prior_b": 4, "helps": True})
        order = self.draft().with_context(lang="en_US")
        self.assertEqual(order._sop_risk()["text"], "1 returned / 1 parcels")
        self.past("30")
        self.assertIn("risk", order._sop_risk()["text"])

    def play_history(self, parcels, refuses):
        """Parcels of fifty numbers that have ended, one an hour; ``refuses(number, parcel)`` says which were refused."""
        buyer = self.env["sop.parcel.reason"].search([("fault", "=", "buyer")], limit=1)
        begin = fields.Datetime.now() - timedelta(hours=parcels)
        rows = [
            {
                "our_ref": f"history-{index}",
                "company_id": self.company.id,
                "carrier_id": self.vtp.id,
                "phone_key": f"+8490123{4500 + index % 50}",
                "since": begin + timedelta(hours=index),
                **({"state": "returned", "reason_id": buyer.id} if refuses(index % 50, index // 50) else {"state": "delivered"}),
            }
            for index in range(parcels)
        ]
        self.env["sop.parcel"].create(rows)

    def test_the_past_decides_whether_it_is_shown(self):
        """Measured over the shop's own parcels: where some numbers refuse and most do not it is published and shown, where all are alike hidden."""
        self.play_history(500, lambda number, parcel: number % 5 == 0 and parcel != 2)
        found = self.env["sop.parcel.calibration"]
        found._cron_calibrate()
        found = found.search([("company_id", "=", self.company.id)])
        self.assertEqual((len(found), found.parcels, found.helps, len(found.bins.split(","))), (1, 500, True, 5))
        self.assertLess(found.brier, found.brier_base)
        self.partner.phone = "0901234505"
        order = self.draft().with_context(lang="en_US")
        self.assertRegex(order._sop_risk()["text"], r"^9 returned / 10 parcels, risk \d\d % \(\d\d-\d+\)$")
        self.env["sop.parcel"].search([("our_ref", "=like", "history-%")]).unlink()
        dice = random.Random(5)
        self.play_history(500, lambda number, parcel: dice.random() < 0.2)
        found._cron_calibrate()
        last = found.search([("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((last != found, last.helps), (True, False))
        self.assertNotIn("risk", order._sop_risk()["text"])

    def ways_to(self, model, path, key):
        """What a client may call to learn of a field behind a path."""
        many, _dot, leaf = path.rpartition(".")
        ways = [
            lambda: model.search([(path, "!=", False)]),
            lambda: model.search_count([(path, "=", key)]),
            lambda: model.search_count([(path, "like", "+849")]),
            lambda: model.formatted_read_group([], [path], ["__count"]),
        ]
        if many:
            return [*ways, lambda: model.search([(many, "any", [(leaf, "=", key)])])]
        return [
            *ways,
            lambda: model.search([], order=path),
            lambda: model.search_read([], [path]),
            lambda: model.web_search_read([], {path: {}}),
            lambda: model.search([], limit=1).read([path]),
        ]

    def is_refused(self, way):
        try:
            way()
        except (AccessError, ValueError):
            return True
        return False

    def test_no_list_to_browse(self):
        """A number is asked about by who has it before them; nobody lists, groups, sorts, exports or searches numbers, by whatever way."""
        self.past("30")
        key = "+84901234567"
        hidden = {
            "sop.parcel": ["phone_key", "address_mark"],
            "stock.picking": ["sop_parcel_ids.phone_key", "sop_parcel_ids.address_mark"],
            "sale.order": ["sop_parcel_ids.phone_key", "sop_parcel_ids.address_mark"],
            "sop.conversation": ["parcel_ids.phone_key", "parcel_ids.address_mark", "order_ids.sop_parcel_ids.phone_key"],
            "sop.parcel.event": ["parcel_id.phone_key"],
        }
        admin = self.env.ref("base.user_admin")
        for user in (self.agent, self.manager, admin, self.foreign, self.portal):
            for name, paths in hidden.items():
                model = self.env[name].with_user(user)
                for path in paths:
                    self.assertTrue(self.env[name].search([(path, "!=", False)]), "it is there for the system")
                    for number, way in enumerate(self.ways_to(model, path, key)):
                        self.assertTrue(self.is_refused(way), (user.login, name, path, number))
            parcels = self.env["sop.parcel"].with_user(user)
            if parcels.has_access("read"):
                for words in ("0901234567", key, "901234567"):
                    self.assertEqual(parcels.name_search(words), [], user.login)
                self.assertNotIn("phone_key", parcels.fields_get())
                self.assertNotIn("address_mark", parcels.fields_get())
        for name, paths in hidden.items():
            everything = self.env[name].with_user(admin).search([])
            for path in paths:
                self.assertTrue(self.is_refused(partial(everything.export_data, [path.replace(".", "/")])), (name, path))
        orders = self.env["sale.order"].with_user(self.agent)
        with self.assertRaises(AccessError):
            orders.search([("sop_policy_id", "!=", False)])

    def test_reads_are_counted(self):
        """Who types one number after another into a form to learn of each is seen, by day; a number nothing is known of is no read."""
        reads = self.env["sop.parcel.risk.read"]
        self.draft()
        self.talk.get_order_form()
        self.assertFalse(reads.search([]))
        self.past("30")
        for _time in range(3):
            self.talk.get_order_form()
        found = reads.with_user(self.manager).search([])
        self.assertEqual((len(found), found.user_id, found.company_id), (3, self.agent, self.company))
        [row] = reads.with_user(self.manager).formatted_read_group([], ["create_date:day", "user_id"], ["__count"])
        self.assertEqual((row["user_id"][0], row["__count"]), (self.agent.id, 3))
        self.assertNotIn("0901234567", str(found.read()))
        for user in (self.agent, self.portal, self.foreign):
            with self.assertRaises(AccessError, msg=user.login):
                reads.with_user(user).search([])
        for way in (lambda: found.write({"user_id": self.manager.id}), found.unlink, lambda: reads.with_user(self.manager).create({})):
            with self.assertRaises(AccessError):
                way()
        old = fields.Datetime.now() - timedelta(days=366)
        self.env.cr.execute("UPDATE sop_parcel_risk_read SET create_date = %s WHERE id = %s", (old, found[0].id))
        self.env.invalidate_all()
        reads._gc_old()
        self.assertEqual(len(found.exists()), 2)

    def test_a_customer_who_signs_is_told_no_facts(self):
        """A customer who confirms on the portal meets the policy, too; what the shop knows of the number is not for them."""
        self.past("30", "31")
        order = self.draft()
        with self.assertRaisesRegex(UserError, "write to us") as told:
            order.with_user(self.env.ref("base.public_user")).sudo().with_context(lang="en_US").action_confirm()
        self.assertNotIn("2", str(told.exception))

    def test_what_is_paid_is_sent(self):
        self.past("30", "31")
        order = self.draft()
        self.pay(order, order.amount_total)
        order.with_user(self.agent).action_confirm()
        self.assertEqual(order.state, "sale")

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
        whose = dict(self.env["sop.parcel.reason"]._fields["fault"]._description_selection(self.env))
        for word in ("+84901234567", wrong.tracking_ref, "bưu tá không đến", whose["buyer"], whose["unclear"]):
            self.assertIn(word, told)

    def test_who_is_erased_has_no_facts(self):
        parcels = self.past("30", "36")
        self.assertTrue(parcels[0].address_mark)
        self.env["sop.privacy"]._erase(self.partner._sop_person())
        self.assertEqual(self.env["sop.parcel"]._facts_of(self.company, "0901234567"), {})
        self.assertFalse(any(parcels.mapped("phone_key")) or any(parcels.mapped("address_mark")))

    def test_what_the_policy_did(self):
        """Two orders it met: one sent anyway and refused, one never confirmed. Before it half was refused."""
        self.policy.active = False
        before = self.past("30", "delivered", "31", "delivered")
        self.policy.active = True
        self.env.cr.execute("UPDATE sop_parcel SET create_date = now() at time zone 'UTC' - interval '10 days' WHERE id IN %s", [tuple(before.ids)])
        self.env.cr.execute("UPDATE sop_parcel_policy SET create_date = now() at time zone 'UTC' - interval '5 days' WHERE id = %s", [self.policy.id])
        self.env.invalidate_all()
        held, sent = self.draft(), self.draft()
        held.partner_id = self.partner.copy({"name": "Chị Bình"})
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
        self.assertEqual((policy.share_before, policy.share_since), (0.5, 1), "by when it was sent")
        other = self.order(payment="transfer", request_ref="other way")
        other.partner_id = held.partner_id
        other.with_user(self.agent).action_confirm()
        self.env.invalidate_all()
        self.assertEqual((policy.lost, policy.lost_share), (1, 0), "an order is lost, and the buyer bought another way")
