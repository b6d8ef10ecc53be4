import threading

from odoo import api
from odoo.exceptions import ConcurrencyError, UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name


@tagged("post_install", "-at_install", "concurrency")
class TestRace(BaseCase):
    """Two at once, on real connections with committed data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            cls.account_id = env["sop.channel.account"].create({"external_id": "race-page", "provider": "facebook"}).id
            groups = [(6, 0, [env.ref("sop_inbox.sop_inbox_group_user").id])]
            users = env["res.users"].create([{"name": f"Race {i}", "login": f"race_{i}", "group_ids": groups} for i in range(2)])
            cls.user_ids, cls.partner_ids = users.ids, users.partner_id.ids
        cls.addClassCleanup(cls.clean)

    @classmethod
    def clean(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            conversations = env["sop.conversation"].search([("account_id", "=", cls.account_id)])
            guests = conversations.identity_id.guest_id
            conversations.channel_id.unlink()
            env["sop.channel.account"].browse(cls.account_id).unlink()
            guests.unlink()
            env["res.users"].browse(cls.user_ids).unlink()
            env["res.partner"].browse(cls.partner_ids).unlink()

    def at_once(self, *jobs):
        """Run each job(env) in a thread and transaction of its own, replayed as a request is; return their results."""
        barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

        def run(index, job):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # the snapshot is taken before the others write
                barrier.wait(60)
                try:
                    results[index] = retrying(lambda: job(env), env)
                    cr.commit()  # pylint: disable=invalid-commit
                except (UserError, ConcurrencyError) as error:
                    cr.rollback()
                    results[index] = error

        threads = [threading.Thread(target=run, args=(index, job), daemon=True) for index, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return results

    def first_event(self, env, external_id="race-1"):
        account = env["sop.channel.account"].browse(self.account_id)
        identity = env["sop.identity"]._get_or_create(account, external_id, name="Khách")
        conversation = env["sop.conversation"]._get_or_create(account, "message", identity)
        conversation._post_inbound("Alo")
        return conversation.id

    def test_two_first_events_make_one_conversation(self):
        results = self.at_once(self.first_event, self.first_event, self.first_event)
        self.assertEqual(len(set(results)), 1, results)
        with self.registry.cursor() as cr:
            conversation = api.Environment(cr, api.SUPERUSER_ID, {})["sop.conversation"].browse(results[0])
            self.assertEqual(conversation.unread_count, 3, "no message lost, none twice")

    def test_claim_at_once_has_one_winner(self):
        with self.registry.cursor() as cr:
            conversation_id = self.first_event(api.Environment(cr, api.SUPERUSER_ID, {}), "race-2")

        def claim(user_id):
            return lambda env: env["sop.conversation"].with_user(user_id).browse(conversation_id).action_claim()

        results = self.at_once(*[claim(user_id) for user_id in self.user_ids])
        self.assertEqual(sorted(type(result).__name__ for result in results), ["UserError", "bool"], results)

    def test_numbers_hold_while_they_are_added_up(self):
        def compact(env):
            return env["sop.conversation.tally"]._cron_compact()

        results = self.at_once(lambda env: self.first_event(env, "race-3"), compact, lambda env: self.first_event(env, "race-4"))
        self.assertEqual([type(result) for result in results], [int, type(None), int], results)
        with self.registry.cursor() as cr:
            tally = api.Environment(cr, api.SUPERUSER_ID, {})["sop.conversation.tally"]
            self.assertFalse(tally._find_drift())
            self.assertGreaterEqual(sum(tally.search([("is_unread", "=", True)]).mapped("number")), 2)
