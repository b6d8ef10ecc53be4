import base64

from odoo import api
from odoo.tests import tagged

from ..race_common import RaceCommon

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@tagged("post_install", "-at_install", "concurrency")
class TestPressRace(RaceCommon):
    """Two people, or one who clicks twice, press the same button at once: it is done once, or told in a sentence."""

    key = "press"

    @classmethod
    def make(cls, env):
        super().make(env)
        env["sop.channel.account"].browse(cls.account_id).provider = "livechat"  # nothing goes out
        if not env["crm.team"].search_count([("sop_process", "=", True)], limit=1):
            env["crm.team"].search([], limit=1).sop_process = True

    @classmethod
    def clean(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            conversations = env["sop.conversation"].search([("account_id", "=", cls.account_id)])
            orders, customers = conversations.order_ids, conversations.partner_id
            orders.filtered(lambda order: order.state == "sale")._action_cancel()
            orders.unlink()
            conversations.lead_id.unlink()
            env["sop.picture"].search([("name", "=like", "press-race%")]).unlink()
            env["product.product"].search([("name", "=", "press-race")]).product_tmpl_id.unlink()
        super().clean()
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["res.partner"].browse(customers.ids).unlink()
            env["sop.interaction"]._gc_orphans()  # as every night: their chats are about nobody now

    def setUp(self):
        super().setUp()
        self.talk = self.ask(lambda env: self.first_event(env, f"press-{self.id()}"))

    def press(self, name, *args, user=0):
        return lambda env: getattr(env["sop.conversation"].with_user(self.user_ids[user]).browse(self.talk), name)(*args)

    def members(self):
        def ours(env):
            talk = env["sop.conversation"].browse(self.talk)
            return talk.channel_id._sop_staff_members(talk.identity_id.author_id).partner_id.ids

        return self.ask(ours)

    def race(self, *jobs):
        results = self.at_once(*jobs, pause=0.2)
        self.assert_words(results)
        return results

    def test_two_claim(self):
        results = self.race(self.press("action_claim"), self.press("action_claim", user=1))
        self.assertEqual(sorted(type(result).__name__ for result in results), ["UserError", "bool"], results)
        self.assertEqual(len(self.members()), 1)

    def test_one_claims_twice(self):
        self.assertEqual(self.race(self.press("action_claim"), self.press("action_claim"), self.press("action_claim")), [True] * 3)
        self.assertEqual(self.members(), self.partner_ids[:1])

    def test_two_assign_the_same(self):
        assign = self.press("action_assign", self.user_ids[1])
        self.assertEqual(self.race(assign, assign, self.press("action_assign", self.user_ids[1], user=1)), [True] * 3)
        self.assertEqual(self.members(), self.partner_ids[1:])

    def test_two_assign_each_to_another(self):
        self.assertEqual(self.race(*[self.press("action_assign", user) for user in self.user_ids]), [True] * 2)
        self.assertEqual(len(self.members()), 1)

    def test_done_reopen_spam(self):
        self.ask(self.press("action_claim"))
        for name in ("action_done", "action_reopen", "action_spam", "action_reopen", "action_mark_unread", "action_mark_read"):
            with self.subTest(name):
                self.assertEqual(self.race(self.press(name), self.press(name, user=1)), [True, True])
        self.assertEqual(self.members(), self.partner_ids[:1])

    def test_a_lead_is_made_once(self):
        results = self.race(*[self.press("action_create_lead", user=user) for user in (0, 0, 1)])
        self.assertEqual(len(set(map(str, results))), 1, results)
        self.assertIsInstance(results[0], int)

    def test_a_customer_is_made_once(self):
        results = self.race(*[self.press("action_create_partner") for _time in range(3)])
        self.assertEqual(len(set(map(str, results))), 1, results)
        self.assertIsInstance(results[0], int)

    def test_a_person_goes_on_duty_twice(self):
        self.assertEqual(self.race(*[lambda env: env["sop.duty"].with_user(self.user_ids[0]).action_set(True)] * 3), [True] * 3)

    def test_two_replies_of_one_person(self):
        """Both are sent, and the writer takes the conversation once."""

        def reply(env):
            channel = env["sop.conversation"].browse(self.talk).channel_id.with_user(self.user_ids[0])
            body = "Chào"
            return channel.sudo().message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment").id

        results = self.race(reply, reply)
        self.assertEqual(len({type(result) for result in results} | set(results)), 3, results)
        self.assertEqual(self.members(), self.partner_ids[:1])

    def test_two_send_the_same_new_picture(self):
        content = PIXEL + self.id().encode()
        # core refuses a file that is there half written: on the disk it is before both, this is about its row
        self.ask(lambda env: env["ir.attachment"]._file_write(content, env["ir.attachment"]._compute_checksum(content)))

        def send(user):
            def job(env):
                picture = env["ir.attachment"].create({"name": f"press-race-{self.id()}.png", "raw": content, "mimetype": "image/png"})
                channel = env["sop.conversation"].browse(self.talk).channel_id.with_user(self.user_ids[user])
                return channel.sudo().message_post(message_type="comment", subtype_xmlid="mail.mt_comment", attachment_ids=picture.ids).id

            return job

        other = self.ask(lambda env: self.first_event(env, "press-other"))
        mine, self.talk = send(0), other
        results = self.race(mine, send(1))
        self.assertEqual({type(result) for result in results}, {int}, results)

    def test_bulk_from_both_ends(self):
        others = [self.ask(lambda env, number=number: self.first_event(env, f"press-bulk-{number}")) for number in range(3)]

        def bulk(ids, user):
            return lambda env: env["sop.conversation"].with_user(self.user_ids[user]).browse(ids).action_bulk("assign", self.user_ids[user])

        for rows in self.race(bulk(others, 0), bulk(others[::-1], 1)):
            self.assertTrue(all(row["ok"] for row in rows), rows)

    def order(self):
        """The id of a draft order of the conversation, large enough to be confirmed by a call."""

        def make(env):
            product = env["product.product"].search([("name", "=", "press-race")], limit=1) or env["product.product"].create(
                {"name": "press-race", "type": "service", "list_price": 90_000_000}
            )
            order = env["sale.order"].create(
                {
                    "partner_id": env["sop.conversation"].browse(self.talk).action_create_partner(),
                    "sop_conversation_id": self.talk,
                    "order_line": [(0, 0, {"product_id": product.id})],
                }
            )
            order._sop_mark_call()
            return order.id

        return self.ask(make)

    def call_outcome(self, order):
        """(to be called, outcome, who rang, how often it was noted) of an order."""

        def read(env):
            record = env["sale.order"].browse(order)
            notes = record.message_ids.filtered(lambda message: "Call to confirm" in (message.body or ""))
            return record.sop_call_first, record.sop_call_outcome, record.sop_called_by_id.id, len(notes)

        return self.ask(read)

    def test_two_confirm_an_order_by_odoos_own_button(self):
        """The second is told that it is confirmed; its channel is told once."""
        order = self.order()
        results = self.race(*[lambda env: env["sale.order"].browse(order).action_confirm()] * 2)
        self.assertEqual(sorted(isinstance(result, Exception) for result in results), [False, True], results)
        told = self.ask(lambda env: env["sop.conversion.event"].search([("order_id", "=", order)]).mapped("kind"))
        self.assertEqual(sorted(told), ["add_to_cart", "purchase"])

    def test_two_record_what_came_of_the_same_call(self):
        """They heard different things: one outcome is kept, and who came second is told whose and which."""
        order = self.order()
        self.assertEqual(self.call_outcome(order), (True, False, False, 0))
        outcomes = ("confirmed", "declined")

        def record(outcome, user):
            return lambda env: env["sale.order"].with_user(self.user_ids[user]).browse(order).action_sop_call_outcome(outcome)

        results = self.race(*[record(outcome, user) for user, outcome in enumerate(outcomes)])
        self.assertEqual(sorted(type(result).__name__ for result in results), ["UserError", "bool"], results)
        won = results.index(True)
        self.assertEqual(self.call_outcome(order), (False, outcomes[won], self.user_ids[won], 1))
        self.assertIn(f"press {won}", str(results[1 - won]), "whose outcome it is")
        self.assertIn("Confirmed" if won == 0 else "Does not want it", str(results[1 - won]))

    def test_two_record_the_same_of_the_same_call(self):
        order = self.order()
        record = [lambda env, user=user: env["sale.order"].with_user(user).browse(order).action_sop_call_confirmed() for user in self.user_ids]
        self.assertEqual(self.race(*record), [True, True])
        first, outcome, person, notes = self.call_outcome(order)
        self.assertEqual((first, outcome, notes), (False, "confirmed", 1))
        self.assertIn(person, self.user_ids)
