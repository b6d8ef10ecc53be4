"""Constant numbers of queries, and indexes that are used."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged, warmup

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestPerformance(RequestCase, HttpCase):
    def _many(self, count, **values):
        now = fields.Datetime.now()
        return self.env["sop.contact.request"].create(
            [
                {
                    "listing_id": self.listing.id,
                    "buyer_name": f"Khách {i}",
                    "phone": f"+849{i:08}",
                    "message": "Hỏi",
                    "requested_at": now - timedelta(minutes=i),
                    **values,
                }
                for i in range(count)
            ]
        )

    def _count(self, call):
        self.env.cr.flush()
        return cold_queries(self.env, call)

    def test_page_of_the_portal_does_not_grow(self):
        page = lambda: self.env["sop.contact.request"].with_user(self.seller)._get_page_values({})  # noqa: E731
        self._many(25)
        page()
        few = self._count(page)
        self._many(300)
        self.assertLessEqual(self._count(page), few)
        self.assertLess(few, 30)

    def test_office_list_does_not_grow(self):
        names = dict.fromkeys(
            (
                "buyer_name",
                "requested_at",
                "phone_hint",
                "listing_name",
                "state",
                "note",
                "reminder_at",
                "is_new",
                "is_overdue",
                "is_locked",
                "has_lead",
            ),
            {},
        )
        names["seller_id"] = {"fields": {"display_name": {}}}
        read = lambda limit: self.env["sop.contact.request"].with_user(self.staff).web_search_read([], names, limit=limit)  # noqa: E731
        self._many(80)
        read(10)
        few = self._count(lambda: read(10))
        self.assertLessEqual(self._count(lambda: read(80)), few)

    @warmup
    def test_counters(self):
        self._many(5)
        self.env.flush_all()
        counters = self.env["sop.contact.request"].with_user(self.seller)
        counters.get_counters()
        with self.assertQueryCount(2):
            counters.get_counters()

    def _store(self, number):
        """One form, as the controller stores it."""
        Request = self.env["sop.contact.request"]
        checked = {"listing": self.listing, "external": None, "nonce": f"n{number}", "name": "Mua", "phone": f"+84912{number:06}", "message": "Hỏi"}
        return Request.sudo()._store_form(checked, self.website)

    def test_submit_is_light_at_any_size(self):
        self._store(1)
        few = self._count(lambda: self._store(2))
        self._many(500)
        self.assertLessEqual(self._count(lambda: self._store(3)), few)
        self.assertLess(few, 40)
        self.assertLess(self._count(lambda: self._store(2)), 10, "a repeat is lighter still")

    def test_indexes_are_used(self):
        self._many(40)
        self._many(400, touched_at=fields.Datetime.now())
        self._many(1500, listing_id=self.listing_binh.id)
        self.env.flush_all()
        self.env.cr.execute("ANALYZE sop_contact_request")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        Request = self.env["sop.contact.request"]
        plans = {
            "sop_contact_request_seller_idx": [("seller_id", "=", self.an.id)],
            "sop_contact_request_seller_new_idx": [("seller_id", "=", self.an.id), ("is_new", "=", True)],
        }
        for index, domain in plans.items():
            query = Request._search(domain, limit=20, order=None if "new" in index else Request._order)
            self.env.cr.execute("EXPLAIN " + str(self.env.cr.mogrify(query.select().code, query.select().params), "utf8"))
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            self.assertIn(index, plan.replace("__", "_"))
