from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .test_parcel_news import LifeCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelBatch(LifeCommon):
    """Many deliveries at once, in the background."""

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["sop.parcel.batch.row"]), "_in_own_transaction", lambda model, work: work())
        self.packer = new_test_user(self.env, "batch_packer", "stock.group_stock_user", company_id=self.company.id)

    def batch(self, pickings):
        action = pickings.with_user(self.packer).action_sop_hand_over()
        return self.env["sop.parcel.batch"].browse(action["res_id"])

    def run_job(self):
        self.env["sop.parcel.batch.row"]._cron_hand_over()
        self.env.invalidate_all()

    def test_a_result_for_each(self):
        good = self.picking(self.ghn) | self.picking(self.ghtk) | self.picking(self.jt)
        bad = self.picking(self.vtp)
        batch = self.batch(good | bad)
        self.assertEqual((batch.count, batch.done_count, batch.progress), (4, 0, 0))
        with self.mooded(self.vtp, "refuse"):
            self.run_job()
        self.assertEqual((batch.done_count, batch.failed_count, batch.progress), (3, 1, 100))
        row = batch.row_ids.filtered(lambda row: row.state == "failed")
        self.assertEqual(row.picking_id, bad)
        self.assertIn("Price does not apply", row.message)
        batch.with_user(self.packer).action_retry()
        self.run_job()
        self.assertEqual((batch.done_count, batch.failed_count), (4, 0))
        self.assertEqual([self.double.count(kind) for kind in ("ghn", "ghtk", "viettelpost", "jt")].count(0), 0)

    def test_again_makes_no_second(self):
        picking = self.picking(self.ghn)
        batch = self.batch(picking)
        picking.send_to_shipper()
        before = self.double.count("ghn")
        self.run_job()
        self.assertEqual((batch.row_ids.state, self.double.count("ghn")), ("done", before))
        with self.assertRaisesRegex(UserError, "None of these"):
            self.batch(picking)

    def test_a_parcel_waits_for_the_call(self):
        """Where the shop has goods wait, no carrier gets one before the delivery is done, either."""
        self.company.sop_call_holds = True
        picking = self.picking(self.ghn)
        order = picking.sale_id
        order._sop_keeping().sop_call_first = True
        batch, before = self.batch(picking), len(self.double.parcels)
        self.run_job()
        self.assertEqual((batch.row_ids.state, len(self.double.parcels) - before), ("failed", 0))
        self.assertIn(order.name, batch.row_ids.message)
        order.action_sop_call_confirmed()
        batch.with_user(self.packer).action_retry()
        self.run_job()
        self.assertEqual((batch.row_ids.state, len(self.double.parcels) - before), ("done", 1))

    def test_a_worker_that_died_left_it_to_others(self):
        batch = self.batch(self.picking(self.ghtk))
        row = batch.row_ids._queue_lease(120)
        self.run_job()
        self.assertEqual(row.state, "queued", "somebody is at it")
        row.next_attempt_at = "2020-01-01 00:00:00"
        self.run_job()
        self.assertEqual(row.state, "done")

    def test_rights(self):
        picking = self.picking(self.ghn)
        with self.assertRaises(AccessError):
            picking.with_user(self.portal).action_sop_hand_over()
        batch = self.batch(picking)
        with self.assertRaises(AccessError):
            batch.row_ids.with_user(self.packer).write({"state": "done"})

    def test_labels_of_several_carriers(self):
        """A link to each carrier's labels; one that gives none is told, and printing makes nothing."""
        pickings = self.picking(self.ghn) | self.picking(self.vtp) | self.picking(self.jt) | self.picking(self.jt)
        batch = self.batch(pickings)
        self.run_job()
        before = len(self.double.parcels)
        params = batch.with_user(self.packer).action_print()["params"]
        self.assertEqual(
            sorted(link["label"] for link in params["links"]), sorted([f"{self.ghn.name} (1)", f"{self.vtp.name} (1)", f"{self.jt.name} (2)"])
        )
        with self.mooded(self.ghn, "refuse"):
            params = batch.action_print()["params"]
        self.assertEqual((len(params["links"]), params["message"].count("%s")), (2, 2))
        self.assertEqual(len(self.double.parcels), before)


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelLabels(LifeCommon):
    """Labels are printed, and nothing is made."""

    def test_labels_of_each_carrier(self):
        for kind, carrier in self.carriers().items():
            parcels = self.shipped(carrier) | self.shipped(carrier)
            before = self.double.count(kind)
            action = parcels.action_print()
            self.assertEqual(action["type"], "ir.actions.act_url")
            if kind in ("ghn", "viettelpost"):
                self.assertIn({"ghn": "/a5/public-api/printA5?token=", "viettelpost": "report.do?type=1&bill="}[kind], action["url"])
            else:
                attachment = self.env["ir.attachment"].browse(int(action["url"].rsplit("/", 1)[1]))
                self.assertEqual(attachment.raw[:4], b"%PDF")
                self.assertEqual(attachment.raw.count(b"/MediaBox"), 2, "one file with both")
            self.assertTrue(all(parcels.mapped("printed_at")))
            self.assertEqual(self.double.count(kind), before)

    def test_whose_file_it_is(self):
        """A file holds the names and numbers of all its receivers: it is its printer's alone, for a day."""
        packer = new_test_user(self.env, "label_packer", "stock.group_stock_user", company_id=self.company.id)
        parcels = self.shipped(self.ghtk) | self.shipped(self.ghtk)
        self.assertTrue(parcels[0].with_user(self.agent).has_access("read"))
        action = parcels.with_user(packer).action_print()
        attachment = self.env["ir.attachment"].browse(int(action["url"].rsplit("/", 1)[1]))
        self.assertEqual(attachment.with_user(packer).raw[:4], b"%PDF")
        for user in (self.agent, self.manager, self.other, self.portal):
            self.assertFalse(attachment.with_user(user).has_access("read"), user.login)
        self.env["sop.parcel"]._gc_labels()
        self.assertTrue(attachment.exists())
        self.env.cr.execute("UPDATE ir_attachment SET create_date = create_date - interval '2 days' WHERE id = %s", [attachment.id])
        self.env["sop.parcel"]._gc_labels()
        self.assertFalse(attachment.exists())

    def test_sizes(self):
        parcel = self.shipped(self.ghn)
        self.ghn.sop_label = "52x70"
        self.assertIn("print52x70", parcel.action_print()["url"])
        with self.assertRaises(UserError):
            self.ghn.sop_label = "a6"

    def test_what_is_not_printed(self):
        lost = self.lose(self.vtp).sop_parcel_ids
        with self.assertRaisesRegex(UserError, "has a waybill"):
            lost.action_print()
        with self.assertRaisesRegex(UserError, "one carrier"):
            (self.shipped(self.ghn) | self.shipped(self.jt)).action_print()
        parcel = self.shipped(self.ghtk)
        with self.mooded(self.ghtk, "refuse"), self.assertRaises(UserError):
            parcel.action_print()
        self.assertFalse(parcel.printed_at)
