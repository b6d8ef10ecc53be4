"""Workers and people whose other side drips, is silent or lies: each job ends in its time, and says what became of it."""

import threading
import time
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..models.carrier import sop_carrier
from ..models.inbound import sop_channel_media
from ..models.outbound import sop_channel_message_outbox
from ..models.platform import sop_provider_zalo
from .carrier.test_order_carriers import CarrierCommon
from .channel_common import TalkCommon
from .rough_server import RoughServer

SECONDS, MARGIN = 1.5, 4


@tagged("post_install", "-at_install")
class TestSlowPlatforms(TalkCommon):
    """The page's platform is a rough server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rough, cls.private = RoughServer(), RoughServer()
        cls.addClassCleanup(cls.rough.close)
        cls.addClassCleanup(cls.private.close)
        cls.fb_app.api_url = cls.zalo_app.api_url = cls.rough.url
        cls.company.partner_id.lang = "en_US"
        cls.startClassPatcher(patch.object(sop_channel_media, "MEDIA_SECONDS", SECONDS))
        cls.startClassPatcher(patch.object(sop_channel_message_outbox, "TALK_SECONDS", SECONDS))

    def run_job(self, method, lefts):
        """Run a worker's method as Odoo does; ``lefts`` are the seconds Odoo says are left after each batch, nothing at the end.

        Returns what it told Odoo: (done, remaining) each time it said so.
        """
        lefts, told = iter(lefts), []

        def commit_progress(_cron, processed=0, *, remaining=None, deactivate=False):
            if remaining is None and not processed:
                return 10
            told.append((processed, remaining))
            return next(lefts, 0)

        started = time.monotonic()
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", commit_progress):
            method()
        self.assertLess(time.monotonic() - started, SECONDS + MARGIN)
        for thread in threading.enumerate():
            if thread.name == "sop-http":
                thread.join(MARGIN)
                self.assertFalse(thread.is_alive(), "it outlives its deadline")
        return told

    def files(self, *urls):
        """Queue files of the last message; profiles and posts that wait stand back."""
        media = self.env["sop.channel.media"]
        media.search([]).state = "done"
        row = self.row("m_1")
        return media.create([{"account_id": self.page.id, "kind": "file", "row_id": row.id, "url": url, "media_kind": "image"} for url in urls])

    def test_files_that_drip(self):
        """Hole: the worker was held until the server was restarted, and again after it."""
        files = self.files(*(f"{self.rough.url}/{path}" for path in ("drip_body", "drip_head", "silent", "endless_continue", "ok")))
        self.assertEqual(self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 0]), [(0, 1), (5, 1)])
        self.assertEqual(files.mapped("state"), ["queued"] * 4 + ["done"])
        self.assertEqual(set(files[:4].mapped("reason")), {"The platform's server was too slow."})
        self.assertTrue(all(file.next_attempt_at > self.env.cr.now() for file in files[:4]), "later")
        files[:4].write({"attempts": 7, "next_attempt_at": self.now})
        self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 0])
        self.assertEqual((files[:4].mapped("state"), self.page.media_failed_count), (["failed"] * 4, 4))
        self.assertEqual(set(files[:4].mapped("reason")), {"The platform's server was too slow."})

    def test_a_run_whose_time_is_up_does_nothing(self):
        """Odoo starts a job that left something again, up to ten times: half a minute each."""
        [file] = self.files(f"{self.rough.url}/drip_body")
        met = self.rough.met
        self.assertEqual(self.run_job(self.env["sop.channel.media"]._cron_fetch, [0]), [(0, 1)])
        self.say_back()
        self.assertEqual(self.run_job(self.env["sop.channel.message"]._cron_send, [0]), [(0, 1)])
        self.assertEqual((self.rough.met, file.attempts), (met, 0))

    def test_a_run_with_nothing_left_says_so(self):
        self.files()
        self.assertEqual(self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 10]), [(0, 1), (0, 0)])

    def test_files_of_addresses_made_up_by_an_event(self):
        """Only the open internet, and the very place the administrator has set for the account's app; another account's is not."""
        files = self.files(
            f"http://127.0.0.1:{self.private.port}\\@1.1.1.1/x",
            f"http://127.0.0.1:{self.private.port}/x",
            f"http://1.1.1.1@127.0.0.1:{self.private.port}/x",
            f"{self.rough.url}/to?{self.private.url}/x",
        )
        self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 10])
        self.assertEqual(set(files.mapped("state")), {"failed"})
        self.assertEqual(set(files.mapped("reason")), {"The file's address is not one of the open internet."})
        self.zalo_app.api_url = self.private.url
        [file] = self.files(f"{self.private.url}/ok")
        self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 10])
        self.assertEqual((file.state, self.private.met), ("failed", 0), "the official account's place is not the page's")
        self.zalo_app.api_url = self.rough.url

    def test_names_and_pictures_that_drip(self):
        """The call for a person's name and the picture after it share one time."""
        self.fb_app.api_url = f"{self.rough.url}/drip_body?"
        self.assertTrue(self.env["sop.channel.media"].search([("kind", "=", "profile"), ("state", "=", "queued")]))
        self.run_job(self.env["sop.channel.media"]._cron_fetch, [10, 0])
        profile = self.env["sop.channel.media"].search([("kind", "=", "profile"), ("account_id", "=", self.page.id)])
        self.assertEqual((profile.state, profile.reason), ("queued", "The platform could not be reached; it is tried again."))
        self.fb_app.api_url = self.rough.url

    def test_replies(self):
        """Sent and not answered is not known; not sent is tried again."""
        row = self.say_back()
        self.fb_app.api_url = f"{self.rough.url}/drip_head?"
        self.run_job(self.env["sop.channel.message"]._cron_send, [10, 10])
        self.assertEqual((row.state, row.may_have_arrived), ("unknown", True))
        row.write({"state": "queued", "may_have_arrived": False, "next_attempt_at": self.now})
        self.fb_app.api_url = "http://127.0.0.1:1"
        self.run_job(self.env["sop.channel.message"]._cron_send, [10, 10])
        self.assertEqual((row.state, row.may_have_arrived), ("queued", False))
        self.fb_app.api_url = self.rough.url

    def test_a_platform_that_moved_to_a_private_address(self):
        """Without an address of the administrator's the platform's own name must be public, tokens go nowhere else."""
        self.fb_app.api_url = False
        row, connects = self.say_back(), []
        with (
            patch("odoo.addons.sop_inbox.tools.http_out.resolve", return_value=["127.0.0.1"]),
            patch("odoo.addons.sop_inbox.tools.http_out.connect", lambda *args: connects.append(args)),
        ):
            self.run_job(self.env["sop.channel.message"]._cron_send, [10, 10])
        self.assertEqual((row.state, connects), ("queued", []))
        self.fb_app.api_url = self.rough.url

    def test_renewals_stop_when_the_time_is_up(self):
        self.oa.copy({"external_id": "OA2", "access_token": "Z2", "refresh_token": "R2"})
        renewed = []
        with patch.object(sop_provider_zalo.SopProviderZalo, "renew", lambda _service, account: renewed.append(account) or True):
            self.run_job(self.env["sop.provider.zalo"]._cron_renew, [0])
        self.assertEqual(len(renewed), 1)

    def test_the_administrators_address_is_an_address(self):
        for address in ("graph.facebook.com", "ftp://x", "http://a@b", "http://a\\b", "http://[::1", "http://a:b"):
            with self.assertRaisesRegex(ValidationError, "no address of a server"), self.env.cr.savepoint():
                self.fb_app.api_url = address
            with self.assertRaisesRegex(ValidationError, "no address of a server"), self.env.cr.savepoint():
                self.env["delivery.carrier"].with_context(active_test=False).search([], limit=1).sop_api_url = address


@tagged("post_install", "-at_install", "sop_orders")
class TestSlowCarriers(CarrierCommon):
    """A parcel handed over to a carrier that does not answer may be there."""

    def test_a_parcel_in_doubt(self):
        for mood, doubt in (("drip", True), ("html", True), ("refuse", False)):
            self.double.mood["ghn"] = "ok"
            order = self.order(carrier_id=self.ghn.id, confirm=True, request_ref=mood)
            self.double.mood["ghn"] = mood
            with self.subTest(mood=mood), patch.object(sop_carrier, "SHIP_BUDGET", 2), self.assertRaises(UserError) as caught:
                self.ghn.with_context(lang="en_US").send_shipping(order.picking_ids)
            self.assertEqual("It may have the parcel all the same" in str(caught.exception), doubt, mood)
        self.double.mood["ghn"] = "ok"
        order = self.order(carrier_id=self.ghn.id, confirm=True, request_ref="nobody")
        self.ghn.sop_api_url = "http://127.0.0.1:1"
        with self.assertRaises(UserError) as caught:
            self.ghn.with_context(lang="en_US").send_shipping(order.picking_ids)
        self.assertNotIn("It may have", str(caught.exception))

    def test_only_the_address_the_administrator_has_set_may_be_private(self):
        service = type(self.env["sop.carrier.ghn"])
        self.ghn.sop_api_url = False
        self.double.calls.clear()
        with patch.object(service, "_url", f"{self.double.url}/ghn"):
            self.assertFalse(self.quotes()[self.ghn.id]["ok"])
        self.assertNotIn("ghn", [kind for kind, *_rest in self.double.calls])
