import json
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..models import sop_queue_mixin
from ..models.bank import sop_bank_line
from ..tools.bank_feeds import sepay_signature
from .bank_common import SECRET, BankCommon
from .queries import statements


def signed(body):
    """A movement as SePay sends it: (bytes, headers)."""
    raw, stamp = json.dumps(body).encode(), str(int(time.time()))
    return raw, {"Content-Type": "application/json", "X-SePay-Timestamp": stamp, "X-SePay-Signature": sepay_signature(SECRET, stamp, raw)}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestDoorCost(BankCommon, HttpCase):
    """What a webhook of the bank costs, whatever else the machine does."""

    def test_statements_of_one_request(self):
        address = f"/sop/bank/sepay/{self.feed.key}"

        def post(body):
            raw, headers = signed(body)
            return self.url_open(address, data=raw, headers=headers).status_code

        said = self.body("tien hang", 1000)
        self.assertEqual(post(self.body("tien", 1000)), 200)  # what a process learns once
        with statements() as first:
            self.assertEqual(post(said), 200)
        self.assertEqual(first, ["SELECT sop_bank_feed", "SAVEPOINT", "INSERT sop_bank_line", "RELEASE"])
        with statements() as again:
            self.assertEqual(post(said), 200)
        self.assertEqual(again, first, "a repetition wakes nobody")
        self.assertEqual(len(self.line(said)), 1)


@tagged("post_install", "-at_install", "sop_pipeline", "concurrency")
class TestWake(BaseCase):
    """A door and the job's run on connections of their own: one wake for many, and none that comes too late for a run is lost."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.on() as env:
            jobs = [env.ref(f"sop_pipeline.ir_cron_bank{tail}") for tail in ("", "_2")]
            self.job_id = jobs[0].id
            self.was = [(job.id, job.active, job.nextcall) for job in jobs]
            feed = env["sop.bank.feed"].create({"name": "wake", "account_number": "990011", "secret": SECRET})
            self.feed_id, self.key = feed.id, feed.key
            env.cr.execute("UPDATE ir_cron SET active = id = %s, nextcall = nextcall + interval '1 year' WHERE id IN %s", [self.job_id, self.jobs()])
            self.clear(env)
        self.addCleanup(self.clean)
        self.notified = self.enterContext(patch.object(type(env["ir.cron"]), "_notifydb", autospec=True))

    def jobs(self):
        return tuple(id_ for id_, _active, _next in self.was)

    def clear(self, env):
        env.cr.execute("DELETE FROM ir_cron_trigger WHERE cron_id IN %s", [self.jobs()])

    def clean(self):
        with self.on() as env:
            self.clear(env)
            for id_, active, nextcall in self.was:
                env.cr.execute("UPDATE ir_cron SET active = %s, nextcall = %s WHERE id = %s", [active, nextcall, id_])
            env.cr.execute("DELETE FROM sop_bank_line WHERE feed_id = %s", [self.feed_id])
            env.cr.execute("DELETE FROM sop_bank_feed WHERE id = %s", [self.feed_id])

    @contextmanager
    def on(self):
        """An environment on a connection of its own, committed in the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def webhook(self, number):
        """A webhook, from its first byte to the commit and what follows it."""
        raw, headers = signed(BankCommon.body(f"wake {number}", 1000, accountNumber="990011"))
        with self.on() as env:
            assert env["sop.bank.feed"]._sop_receive("sepay", self.key, raw, headers) == 200

    def triggers(self):
        with self.on() as env:
            env.cr.execute("SELECT count(*) FROM ir_cron_trigger WHERE cron_id IN %s", [self.jobs()])
            return env.cr.fetchone()[0]

    @contextmanager
    def run_of_the_job(self):
        """A run of core's: yields the function by which the job reads its queue; what it reads is done. None when the job is not due."""
        with self.on() as env:
            cron = env["ir.cron"]
            if not any(job["id"] == self.job_id for job in cron._get_all_ready_jobs(env.cr)) or not (
                job := cron._acquire_one_job(env.cr, self.job_id)
            ):
                yield None
                return
            cron._clear_schedule(job)
            yield self.look

    def look(self):
        with self.on() as env:
            env.cr.execute("UPDATE sop_bank_line SET state = 'ignored' WHERE state = 'new' AND feed_id = %s", [self.feed_id])
            return env.cr.rowcount

    def test_many_webhooks_are_one_wake(self):
        for number in range(3):
            self.webhook(number)
        self.assertEqual((self.triggers(), self.notified.call_count), (1, 1), "one wake for all that comes before the job looks")
        with self.run_of_the_job() as read:
            self.assertEqual(read(), 3)
        self.assertEqual(self.triggers(), 0)

    def test_a_wake_is_one_statement(self):
        with self.on() as env, statements() as said:
            env["sop.bank.line"]._queue_wake_committed()
            env["sop.bank.line"]._queue_wake_committed()
        self.assertEqual(said, ["INSERT ir_cron_trigger"] * 2)
        self.assertEqual((self.triggers(), self.notified.call_count), (1, 1))

    def test_a_webhook_that_comes_when_the_job_has_just_looked(self):
        """The trigger is still to be seen, but belongs to a run that has read the queue already: the webhook makes one of its own."""
        self.webhook(1)
        with self.run_of_the_job() as read:
            self.assertEqual(read(), 1)
            self.webhook(2)  # the run has not committed that it took its trigger
            self.webhook(3)
        self.assertEqual((self.triggers(), self.notified.call_count), (1, 2))
        with self.run_of_the_job() as read:
            self.assertIsNotNone(read, "the job is due again, at once")
            self.assertEqual(read(), 2)

    def test_in_a_rush_one_worker_is_at_work(self):
        """The other leaves its processor to the door as long as much waits and more comes, and nobody has waited too long."""
        self.enterContext(patch.multiple(sop_queue_mixin, RUSH_ENDS=1000, RUSH_WAIT=2000))  # however slow the machine is

        def gives_way(env, oldest=0, newest=0):
            env.cr.execute(
                """UPDATE sop_bank_line
                      SET next_attempt_at = now() AT TIME ZONE 'UTC' - CASE WHEN external_id = '0' THEN %s ELSE %s END * interval '1 second'
                    WHERE feed_id = %s""",
                [oldest, newest, self.feed_id],
            )
            return env["sop.bank.line"]._queue_gives_way()

        with self.on() as busy:
            self.assertEqual(busy["sop.bank.line"]._work_next(), 0)
            self.webhook(1)
            with self.on() as env:
                self.assertFalse(gives_way(env), "little waits")
                env.cr.execute(
                    """INSERT INTO sop_bank_line (feed_id, company_id, provider, account_number, external_id, at, currency_id, amount, direction,
                              state)
                       SELECT feed_id, company_id, provider, account_number, n::text, at, currency_id, 1, 'in', 'new'
                         FROM sop_bank_line, generate_series(0, %s) n WHERE feed_id = %s""",
                    [sop_queue_mixin.RUSH, self.feed_id],
                )
                self.assertTrue(gives_way(env))
                self.assertTrue(gives_way(env, oldest=1500))
                self.assertFalse(gives_way(env, oldest=2000), "somebody has waited too long")
                self.assertFalse(gives_way(env, 1000, 1000), "no more comes")
                busy.cr.rollback()
                self.assertFalse(gives_way(env), "nobody else is at work")

    def test_two_workers_post_at_once(self):
        """Each posts what no other one has; what waits for its next attempt is left alone."""
        for number in range(6):
            self.webhook(number)
        with self.on() as env:
            env.cr.execute("UPDATE sop_bank_line SET state = 'matched', to_post = TRUE WHERE feed_id = %s RETURNING id", [self.feed_id])
            waiting = {id_ for (id_,) in env.cr.fetchall()}
        posted = []

        def post(lines):
            posted.append(set(lines.ids))
            lines.to_post = False

        self.enterContext(patch.object(self.registry["sop.bank.line"], "_keep_books", post))
        self.enterContext(patch.object(sop_bank_line, "BATCH", 4))
        with self.on() as one, self.on() as other, self.on() as third:
            self.assertEqual([worker["sop.bank.line"]._post_next() for worker in (one, other, third)], [4, 2, 0])
        self.assertEqual((posted[0] | posted[1], posted[0] & posted[1]), (waiting, set()), "all of them, each once")
        with self.on() as env:
            self.assertEqual(env["sop.bank.line"]._post_next(), 0)

    def test_a_worker_that_stops_leaves_what_it_had(self):
        """What one worker has is not posted by another one; when it dies it is there again."""
        self.webhook(1)
        with self.on() as env:
            env.cr.execute("UPDATE sop_bank_line SET state = 'matched', to_post = TRUE WHERE feed_id = %s", [self.feed_id])
        with self.on() as dies:
            self.assertEqual(dies["sop.bank.line"]._post_next(), 1)
            with self.on() as env:
                self.assertEqual(env["sop.bank.line"]._post_next(), 0)
            dies.cr.rollback()
        with self.on() as env:
            self.assertEqual(env["sop.bank.line"]._post_next(), 1)

    def test_an_old_wake_nobody_heard_is_given_again(self):
        """Whoever woke the job died before telling the workers: the next webhook tells them."""
        with self.on() as env:
            env.cr.execute(
                "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, now() AT TIME ZONE 'UTC' - interval '5 seconds')", [self.job_id]
            )
        self.webhook(1)
        self.assertEqual((self.triggers(), self.notified.call_count), (2, 1))

    def test_a_wake_that_meets_the_end_of_a_run_is_tried_again(self):
        """The row of the job was written meanwhile: PostgreSQL refuses the reference to it once."""
        execute, refusals = Cursor.execute, [SerializationFailure()]

        def refused_once(cursor, query, *args, **kwargs):
            if refusals and isinstance(query, SQL) and "INTO ir_cron_trigger" in query.code:
                raise refusals.pop()
            return execute(cursor, query, *args, **kwargs)

        with self.on() as env, patch.object(Cursor, "execute", refused_once):
            env["sop.bank.line"]._queue_wake_committed()
        self.assertEqual((refusals, self.triggers(), self.notified.call_count), ([], 1, 1))

    def test_a_sleeping_copy_is_left_asleep_and_one_that_is_awake_is_woken(self):
        with self.on() as env:
            env.cr.execute("UPDATE ir_cron SET active = TRUE WHERE id IN %s", [self.jobs()])
        self.webhook(1)
        self.assertEqual((self.triggers(), self.notified.call_count), (2, 1))

    def test_a_storm_leaves_nothing_behind(self):
        """Four doors and a job that looks all the time: when the doors are quiet and no run is due any more, nothing waits."""
        doors = [threading.Thread(target=lambda: [self.webhook(number) for number in range(25)]) for _door in range(4)]
        for door in doors:
            door.start()
        found, due = 0, True
        while due or any(door.is_alive() for door in doors):
            alive = any(door.is_alive() for door in doors)
            with self.run_of_the_job() as read:
                found += read() if read else 0
            due = alive or bool(read)
        self.assertEqual((found, self.look(), self.triggers()), (100, 0, 0))
