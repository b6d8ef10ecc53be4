"""All queues stand on one kit (``sop.queue.mixin``); what each means by its states is its own."""

import re
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from odoo.addons.sop_pipeline.tools.attempts import LONGEST_PAUSE, MAX_ATTEMPTS
from odoo.addons.sop_pipeline.tools.transactions import REPLAYS, in_own_transaction, replayed

from .channel_common import TalkCommon
from .race_common import RaceCommon

QUEUES = {"sop.channel.event", "sop.channel.message", "sop.channel.media", "sop.conversion.event", "sop.order.export", "sop.parcel"}


@tagged("post_install", "-at_install")
class TestQueues(TalkCommon):
    def setUp(self):
        super().setUp()
        self.media = self.env["sop.channel.media"]
        self.media.search([]).state = "done"

    def files(self, number):
        return self.media.create([{"account_id": self.page.id, "kind": "file", "row_id": self.row("m_1").id, "url": "x"} for _each in range(number)])

    def test_every_queue_stands_on_the_kit(self):
        queues = set(self.registry["sop.queue.mixin"]._inherit_children)
        self.assertLessEqual(QUEUES, queues)
        for queue in (self.env[name] for name in queues):
            states = dict(queue._fields["state"]._description_selection(self.env))
            self.assertLessEqual({*queue._queue_waiting, queue._queue_dead, *queue._queue_replayed}, states.keys(), queue._name)
            self.assertIn(queue._queue_reason, queue._fields)
            self.assertEqual(self.env.ref(queue._queue_job).model_id.model, queue._name)
            self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [queue._table])
            waiting = [row for (row,) in self.env.cr.fetchall() if re.search(rf"WHERE .*{queue._queue_waiting[0]}", row)]
            self.assertTrue(waiting, f"{queue._name}: what waits is found without reading the rest")

    def test_no_queue_is_made_by_hand(self):
        """Events of one customer stand in one lane, and only the events know lanes."""
        rooms = Path(__file__).parent.parent / "models"
        found = {path.name for path in rooms.rglob("*.py") if re.search(r"SKIP LOCKED|pause_after|time\.sleep", path.read_text())}
        self.assertEqual(found, {"sop_channel_event.py"})

    def test_claimed_once_and_left_to_others_when_the_worker_dies(self):
        first, second, third = files = self.files(3)
        self.env.flush_all()
        first.next_attempt_at = fields.Datetime.add(fields.Datetime.now(), seconds=-60)
        self.assertEqual(self.media._queue_due(2), first | second, "who waited longest first")
        self.assertEqual(self.media._queue_due(9)._queue_lease(300), files)
        self.assertFalse(self.media._queue_due(9), "on lease")
        self.assertEqual(files.mapped("attempts"), [1, 1, 1])
        third.next_attempt_at = self.now  # its worker has died, the lease is over
        self.assertEqual(self.media._queue_due(9), third)
        third.attempts = MAX_ATTEMPTS
        self.assertFalse(third._queue_lease(300))
        self.assertEqual((third.state, bool(third.reason)), ("failed", True), "it does not take worker after worker with it")

    def test_pauses_grow_and_end(self):
        found = [self.media._queue_failed(attempts) for attempts in range(1, MAX_ATTEMPTS + 1)]
        self.assertEqual([values["state"] for values in found], ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"])
        waits = [(values["next_attempt_at"] - fields.Datetime.now()).total_seconds() for values in found]
        self.assertLess(waits[0], waits[4])
        self.assertLessEqual(max(waits), LONGEST_PAUSE)
        self.assertEqual(self.media._queue_failed(1, final=True)["state"], "failed")

    def test_a_person_has_dead_rows_tried_again(self):
        first, second = files = self.files(2)
        first.write({"state": "failed", "attempts": MAX_ATTEMPTS})
        second.write({"state": "done", "attempts": 3})
        job = self.env.ref("sop_inbox.sop_channel_media_cron_fetch")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        self.assertEqual(files._queue_replay(), first, "what is done stays done")
        self.assertEqual((first.state, first.attempts, second.state, second.attempts), ("queued", 0, "done", 3))
        self.assertEqual(self.media._queue_due(9), first)
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)]), before, "its job is woken")

    def test_figures(self):
        first, _second, _third = self.files(3)
        first.state = "failed"
        self.assertEqual(
            self.media._queue_counts(self.page | self.oa, ("queued", "failed")), {(self.page.id, "queued"): 2, (self.page.id, "failed"): 1}
        )

    def test_replayed_until_nobody_is_in_the_way(self):
        tries = []

        def work():
            tries.append(1)
            if len(tries) <= most:
                raise SerializationFailure
            return "done"

        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress"),
            patch.object(self.env.cr, "rollback") as rollback,
            patch("odoo.addons.sop_pipeline.tools.transactions.time.sleep"),
        ):
            most = 2
            self.assertEqual((in_own_transaction(self.env, work), len(tries), rollback.call_count), ("done", 3, 2))
            tries.clear()
            most = REPLAYS
            with mute_logger("odoo.addons.sop_pipeline.tools.transactions"):
                self.assertIsNone(in_own_transaction(self.env, work), "left to the next run")
            self.assertEqual(len(tries), REPLAYS)
            with self.assertRaises(ZeroDivisionError):
                in_own_transaction(self.env, lambda: 1 / 0)

    def test_a_job_is_done_again_until_nobody_is_in_the_way(self):
        """Core does that with a request; what is wrong with the job itself stays an error."""
        tries = []

        @replayed
        def job(model, most):
            tries.append(1)
            if len(tries) <= most:
                raise SerializationFailure
            return "done"

        with (
            patch.object(self.env.cr, "rollback") as rollback,
            patch("odoo.addons.sop_pipeline.tools.transactions.time.sleep"),
        ):
            self.assertEqual((job(self.media, 2), len(tries), rollback.call_count), ("done", 3, 2))
            tries.clear()
            with self.assertLogs("odoo.addons.sop_pipeline.tools.transactions", "WARNING"):
                self.assertIsNone(job(self.media, REPLAYS), "left to the next run")
            self.assertEqual(len(tries), REPLAYS)
            with self.assertRaises(ZeroDivisionError):
                replayed(lambda _model: 1 / 0)(self.media)


@tagged("post_install", "-at_install", "concurrency")
class TestWorkersAtOnce(RaceCommon):
    """Two workers on real connections with committed rows."""

    key = "queue"

    def test_two_workers_never_have_the_same_row(self):
        def queue(env):
            # of no app: no worker of the server is joined to anybody
            return env["sop.channel.media"].create([{"account_id": self.account_id, "kind": "file", "url": "x"} for _each in range(6)]).ids

        def claim(env):
            return env["sop.channel.media"]._queue_due(4)._queue_lease(300).ids

        ids = set(self.ask(queue))
        first, second = self.at_once(claim, claim, pause=0.5)
        self.assertFalse(set(first) & set(second))
        self.assertEqual(set(first) | set(second) | set(self.ask(claim)) & ids, ids)
