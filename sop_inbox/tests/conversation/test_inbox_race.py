from odoo import api
from odoo.tests import tagged

from ..race_common import RaceCommon


@tagged("post_install", "-at_install", "concurrency")
class TestRace(RaceCommon):
    """Two at once, on real connections with committed data."""

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
