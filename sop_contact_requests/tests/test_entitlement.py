"""Who may use the list (C2, C3, C16): union of rights, half-open ends, both doors to ask."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, NotNullViolation, UniqueViolation

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestEntitlement(RequestCase):
    def _package(self, days_ago=0, days=30, **values):
        start = fields.Datetime.now() - timedelta(days=days_ago)
        return self.env["sop.seller.entitlement"].create(
            {"seller_id": self.binh.id, "kind": "package", "start": start, "end": start + timedelta(days=days), **values}
        )

    def _check(self, partner, entitled):
        """Field, search and button agree."""
        partner.invalidate_recordset(["sop_entitled", "sop_entitled_until"])
        self.assertEqual(partner.sop_entitled, entitled)
        found = self.env["res.partner"].search([("sop_entitled", "=", True), ("id", "=", partner.id)])
        self.assertEqual(bool(found), entitled)
        found = self.env["res.partner"].search([("sop_entitled", "=", False), ("id", "=", partner.id)])
        self.assertEqual(bool(found), not entitled)

    def test_contacts_share_their_companys_right(self):
        self._check(self.an, True)
        self._check(self.seller.partner_id, True)
        self._check(self.rival.partner_id, False)
        right = self._entitle(self.rival.partner_id)
        self.assertEqual(right.seller_id, self.binh, "a right belongs to the company")
        self._check(self.binh, True)

    def test_the_button_on_a_contact_opens_the_rights_of_its_company(self):
        right = self._entitle(self.binh)
        action = self.rival.partner_id.with_user(self.staff).action_sop_entitlements()
        self.assertEqual(self.env[action["res_model"]].with_user(self.staff).search(action["domain"]), right)
        new = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"]).create({"is_open": True})
        self.assertEqual(new.seller_id, self.binh, "a right added there is this seller's")

    def test_half_open_ends(self):
        self.right.write({"start": "2026-03-01 00:00:00", "end": "2026-03-31 00:00:00"})
        for moment, entitled in [
            ("2026-02-28 23:59:59", False),
            ("2026-03-01 00:00:00", True),
            ("2026-03-30 23:59:59", True),
            ("2026-03-31 00:00:00", False),
        ]:
            with freeze_time(moment), self.subTest(moment):
                self._check(self.an, entitled)

    def test_union_of_programme_and_package(self):
        with freeze_time("2026-03-01 00:00:00"):
            self._package(days=30)
            self._entitle(self.binh, days=10, start=fields.Datetime.now() + timedelta(hours=1))
            self.binh.invalidate_recordset()
            until = fields.Datetime.now() + timedelta(days=30)
            self.assertEqual(self.binh.sop_entitled_until, until, "the union counts, not the sum")
        with freeze_time("2026-03-20 00:00:00"):
            self._check(self.binh, True)
        with freeze_time("2026-03-31 00:00:00"):
            self._check(self.binh, False)

    def test_a_package_bought_in_the_programme_starts_behind_it(self):
        with freeze_time("2026-03-01 00:00:00"):
            programme = self._entitle(self.binh, days=10, start=fields.Datetime.now())
        with freeze_time("2026-03-04 00:00:00"):
            package = self._package(days=30)
            self.assertEqual(package.start, programme.end)
            self.assertEqual(self.binh.sop_entitled_until, programme.end + timedelta(days=30), "no paid day runs beside it")
            programme.end = "2026-03-06 00:00:00"
            self.assertEqual(package.start, programme.end, "it follows the programme's end")
        with freeze_time("2026-03-05 00:00:00"):
            programme.action_revoke()
            self.assertEqual(package.start, fields.Datetime.now())
            self._check(self.binh, True)

    def test_a_package_waits_for_a_programme_without_an_end(self):
        programme = self.env["sop.seller.entitlement"].with_user(self.manager).create({"seller_id": self.binh.id, "is_open": True})
        self.assertTrue(programme.is_open)
        self.assertFalse(self.binh.sop_entitled_until, "nobody knows until when")
        package = self._package()
        self.assertEqual((package.is_waiting, package.state), (True, "scheduled"))
        self._check(self.binh, True)
        self.assertEqual(self.binh._sop_get_right(), {"partner": True, "until": False})
        programme.write({"is_open": False, "end": fields.Datetime.now() + timedelta(days=5)})
        self.assertEqual((package.is_waiting, package.start), (False, programme.end))
        self.binh.invalidate_recordset()
        self.assertEqual(self.binh._sop_get_right(), {"partner": False, "until": package.end})

    def test_a_programme_granted_later_takes_nothing_that_ran(self):
        package = self._package(days_ago=10)
        before = package.start
        self._entitle(self.binh, days=60, start=fields.Datetime.now() - timedelta(days=20))
        self.assertEqual(package.start, before)

    def test_packages_are_laid_end_to_end(self):
        first, second = self._package(), self._package(days=10)
        self.assertEqual(second.start, first.end)
        self.assertEqual(second.end - second.start, timedelta(days=10))
        self.assertEqual(self.binh.sop_entitled_until, second.end)
        first.action_revoke()
        self.assertEqual(second.start, first.revoked_at, "freed time is filled at once: no paid day is lost")
        self._check(self.binh, True)

    def test_revoked_is_over_now(self):
        self.right.action_revoke()
        self._check(self.an, False)
        self.assertEqual(self.right.state, "revoked")
        before = self.right.revoked_at
        self.right.action_revoke("chargeback")
        self.assertEqual((self.right.revoked_at, self.right.revoke_reason), (before, "manual"), "once is enough")

    def test_states_are_found_as_they_are_shown(self):
        rights = self.right | self._entitle(self.an, start=fields.Datetime.now() + timedelta(days=40))
        rights |= self._entitle(self.an, days=1, start=fields.Datetime.now() - timedelta(days=9))
        rights |= self._entitle(self.an)
        rights[-1].action_revoke()
        self.assertEqual(rights.mapped("state"), ["active", "scheduled", "expired", "revoked"])
        for right in rights:
            self.assertEqual(rights.search([("state", "=", right.state), ("seller_id", "=", self.an.id)]), right)

    def test_other_companys_right_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other market"})
        self.right.company_id = other
        self._check(self.an, False)
        self.assertTrue(self.an.with_company(other).sop_entitled)

    def test_own_listings_by_setting(self):
        listing = self._new_listing("Own", self.env["res.partner"])
        self.assertFalse(listing._sop_get_button_state())
        self.company.sop_own_listings = True
        self.company.partner_id.invalidate_recordset()
        self.assertEqual(listing._sop_get_button_state(), self.company.partner_id)
        self._check(self.company.partner_id, True)
        self._check(self.binh, False)

    def test_button_on_all_listings_of_the_seller(self):
        second = self._new_listing("Another", self.seller.partner_id)
        for listing in self.listing | second:
            self.assertEqual(listing._sop_get_button_state(), self.an)
        self.right.action_revoke()
        self.an.invalidate_recordset()
        for listing in self.listing | second:
            self.assertFalse(listing._sop_get_button_state())

    def test_database_refuses_nonsense(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._entitle(self.an, days=-3)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.right.copy({"source": self.right.source})
            self.env["sop.seller.entitlement"].create(
                {"seller_id": self.an.id, "start": self.right.start, "end": self.right.end, "source": self.right.source}
            )
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["product.template"].create({"name": "P", "sop_is_package": True, "sop_package_days": 0})

    def test_who_may_grant(self):
        values = {"seller_id": self.binh.id, "end": fields.Datetime.now() + timedelta(days=3)}
        for user in (self.seller, self.staff):
            with self.assertRaises(AccessError):
                self.env["sop.seller.entitlement"].with_user(user).create(values)
            with self.assertRaises(AccessError):
                self.right.with_user(user).action_revoke()
        self.assertTrue(self.env["sop.seller.entitlement"].with_user(self.manager).create(values))
        package = self._package()
        with self.assertRaises(UserError):
            package.with_user(self.manager).write({"end": fields.Datetime.now() + timedelta(days=300)})
        with self.assertRaises(UserError):
            package.with_user(self.manager).action_revoke("because")

    def test_facts_of_a_package_are_not_typed(self):
        package = self._package().with_user(self.manager)
        for values in ({"duration": 10**6}, {"paid_at": "2020-01-01"}, {"amount": 5}, {"source": "x"}, {"unit_days": 9}):
            with self.subTest(values), self.assertRaises(UserError):
                package.write(values)
        package.note = "Gọi lại"

    def test_a_right_of_a_contact_is_their_companys(self):
        self.right.seller_id = self.rival.partner_id
        self.assertEqual(self.right.seller_id, self.binh)

    def test_a_package_without_end_is_told_in_words(self):
        with self.assertRaises(NotNullViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["sop.seller.entitlement"].create({"seller_id": self.an.id, "kind": "package"})
        long = self._package(days=200 * 365)
        self.assertGreater(long.end, fields.Datetime.now() + timedelta(days=60 * 365))

    def test_seller_sees_only_their_own_rights(self):
        self._entitle(self.binh)
        seen = self.env["sop.seller.entitlement"].with_user(self.seller).search([])
        self.assertEqual(seen.seller_id, self.an)

    def test_one_query_for_many_sellers(self):
        sellers = self.env["res.partner"].create([{"name": f"S{i}"} for i in range(50)])
        for seller in sellers[:20]:
            self._entitle(seller)
        self.env.flush_all()
        self.env.invalidate_all()
        sellers.mapped("commercial_partner_id")
        self.env.company.partner_id  # noqa: B018 (warm)
        with self.assertQueryCount(3):
            self.assertEqual(sellers.mapped("sop_entitled").count(True), 20)
