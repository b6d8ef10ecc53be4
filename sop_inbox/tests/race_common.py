import threading
import time

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase
from odoo.tests.common import get_db_name


class RaceCommon(BaseCase):
    """Several at once, on real connections with committed data: one account, its people, and a way to let them go together."""

    key = "race"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            cls.make(api.Environment(cr, api.SUPERUSER_ID, {}))
        cls.addClassCleanup(cls.clean)

    @classmethod
    def make(cls, env):
        cls.account_id = env["sop.channel.account"].create({"external_id": f"{cls.key}-page", "provider": "facebook"}).id
        groups = [(6, 0, [env.ref("sop_inbox.sop_inbox_group_user").id])]
        users = env["res.users"].create([{"name": f"{cls.key} {i}", "login": f"{cls.key}_{i}", "group_ids": groups} for i in range(2)])
        cls.user_ids, cls.partner_ids = users.ids, users.partner_id.ids

    @classmethod
    def clean(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            conversations = env["sop.conversation"].search([("account_id", "=", cls.account_id)])
            guests = conversations.identity_id.guest_id
            conversations.channel_id.unlink()
            env["sop.channel.account"].browse(cls.account_id).unlink()
            guests.unlink()
            env["sop.duty"].search([("user_id", "in", cls.user_ids)]).unlink()
            env["res.users"].browse(cls.user_ids).unlink()
            env["res.partner"].browse(cls.partner_ids).unlink()

    def at_once(self, *jobs, pause=0.0):
        """Run each job(env) in a thread and transaction of its own, replayed as a request is; return their results and errors.

        :param pause: seconds each keeps its work to itself before it commits, so that the others meet it
        """
        barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

        def run(index, job):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # the snapshot is taken before the others write
                barrier.wait(60)

                def work():
                    result = job(env)
                    env.flush_all()
                    time.sleep(pause)
                    return result

                try:
                    results[index] = retrying(work, env)
                except Exception as error:
                    cr.rollback()
                    results[index] = error

        threads = [threading.Thread(target=run, args=(index, job), daemon=True) for index, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return results

    def ask(self, job):
        """The result of job(env) in a transaction of its own."""
        with self.registry.cursor() as cr:
            return job(api.Environment(cr, api.SUPERUSER_ID, {}))

    def first_event(self, env, external_id="race-1"):
        """A customer writes; returns the conversation's id."""
        account = env["sop.channel.account"].browse(self.account_id)
        identity = env["sop.identity"]._get_or_create(account, external_id, name="Khách")
        conversation = env["sop.conversation"]._get_or_create(account, "message", identity)
        conversation._post_inbound("Alo")
        return conversation.id

    def assert_words(self, results):
        """What went wrong was told in words of ours, never in those of the database."""
        for result in results:
            if isinstance(result, Exception):
                self.assertIsInstance(result, UserError, repr(result))
                for word in ("lock", "duplicate", "constraint", "serialize", "cannot be completed"):
                    self.assertNotIn(word, str(result))
