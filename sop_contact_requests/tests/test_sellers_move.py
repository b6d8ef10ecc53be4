"""Sellers are merged, join companies and leave them (field case 3): rights, listings and requests follow, no paid day is lost."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import RequestCase, run_cron


@tagged("post_install", "-at_install")
class TestSellersMove(RequestCase):
    def setUp(self):
        super().setUp()
        self.one, self.two = self.env["res.partner"].create(
            [{"name": "Chị Hoa", "email": "hoa@example.com"}, {"name": "Hoa", "email": "hoa@example.com"}]
        )
        self.now = fields.Datetime.now()

    def _package(self, seller, days=30):
        return self.env["sop.seller.entitlement"].create(
            {"seller_id": seller.id, "kind": "package", "start": self.now, "end": self.now + timedelta(days=days)}
        )

    def _until(self, seller):
        self.env.invalidate_all()
        return seller.sop_entitled_until

    def test_merged_sellers_keep_all_paid_days(self):
        packages = self._package(self.one) | self._package(self.two)
        listing = self._new_listing("Nồi cơm", self.one)
        request = self._new_request(listing_id=listing.id)
        for seller in self.one | self.two:  # both were told of the same end: marks that may not stand twice
            self.env["sop.seller.notice"]._claim(seller, self.company, self.now, "7")
        self.env["base.partner.merge.automatic.wizard"]._merge((self.one | self.two).ids, self.two)
        self.assertEqual(self._until(self.two), self.now + timedelta(days=60))
        self.assertEqual((packages.seller_id, request.seller_id, listing._sop_get_seller()), (self.two,) * 3)

    def test_merged_below_a_company(self):
        """The contact that stays is a company's: what came with the other one is the company's too."""
        self._package(self.one)
        self._package(self.binh)
        self.two.parent_id = self.binh
        self.env["base.partner.merge.automatic.wizard"]._merge((self.one | self.two).ids, self.two)
        self.assertEqual(self._until(self.binh), self.now + timedelta(days=60))

    def test_joining_a_company_and_leaving_it(self):
        own, companys = self._package(self.one), self._package(self.binh)
        listing = self._new_listing("Nồi cơm", self.one)
        request = self._new_request(listing_id=listing.id)
        (own | companys).flush_recordset()
        self.one.parent_id = self.binh
        self.assertEqual((own.seller_id, request.seller_id, listing._sop_get_seller()), (self.binh,) * 3)
        self.assertEqual(self._until(self.binh), self.now + timedelta(days=60))
        self.one.parent_id = False
        self.assertEqual((own.seller_id, request.seller_id, listing._sop_get_seller()), (self.one,) * 3)
        self.assertEqual((self._until(self.one), self._until(self.binh)), (self.now + timedelta(days=30),) * 2)
        self.assertEqual(companys.seller_id, self.binh)

    def test_the_company_itself_gets_a_parent(self):
        """A contact of the company stays with it, whoever owns that."""
        holding = self.env["res.partner"].create({"name": "Tập đoàn", "is_company": True})
        self.one.parent_id = self.binh
        own = self._package(self.one)
        self.binh.write({"is_company": False, "parent_id": holding.id})
        self.assertEqual(own.seller_id, holding)
        self.binh.write({"is_company": True})
        self.assertEqual(own.seller_id, self.binh)

    def test_the_daily_job_heals_what_was_done_in_sql(self):
        own, companys, request = self._package(self.one), self._package(self.binh), self._new_request(seller_id=self.one.id)
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE res_partner SET parent_id = %s, commercial_partner_id = %s WHERE id = %s", self.binh.id, self.binh.id, self.one.id)
        )
        self.env.cr.execute(SQL('UPDATE sop_seller_entitlement SET start = %s, "end" = %s WHERE id = %s', self.now, own.end, companys.id))
        self.env.invalidate_all()
        run_cron(self, "cron_packages")
        self.assertEqual((own.seller_id, request.seller_id), (self.binh, self.binh))
        self.assertEqual(self._until(self.binh), self.now + timedelta(days=60))

    def test_a_right_is_given_to_another_seller_with_a_reason(self):
        first, second = self._package(self.one), self._package(self.one)
        values = {"right_ids": first.ids, "seller_id": self.rival.partner_id.id, "reason": "Mua nhầm tài khoản"}
        with self.assertRaises(AccessError):
            self.env["sop.seller.transfer"].with_user(self.staff).create(values)
        self.env["sop.seller.transfer"].with_user(self.manager).create(values).action_give()
        self.assertEqual(first.seller_id, self.binh, "a contact's right is its company's")
        self.assertEqual(second.start, self.now, "what waited behind it moves forward")
        log = first.message_ids[0]
        self.assertIn("Mua nhầm tài khoản", log.body)
        self.assertIn("Chị Hoa", log.body)
        self.assertEqual(log.author_id, self.manager.partner_id)

    def _transfer(self, rights, seller, user=None):
        values = {"right_ids": rights.ids, "seller_id": seller.id, "reason": "Mua nhầm tài khoản"}
        return self.env["sop.seller.transfer"].with_user(user or self.manager).create(values)

    def test_the_rights_that_are_ticked_are_given(self):
        first, second, third = (self._package(self.one) for _number in range(3))
        ticked = {"active_model": "sop.seller.entitlement", "active_ids": (first | second).ids}
        transfer = self.env["sop.seller.transfer"].with_user(self.manager).with_context(**ticked)
        transfer.create({"seller_id": self.two.id, "reason": "Mua nhầm"}).action_give()
        self.assertEqual((first.seller_id, second.seller_id, third.seller_id), (self.two, self.two, self.one))
        ticked["active_model"] = "res.partner"  # numbers of something else
        nothing = self.env["sop.seller.transfer"].with_user(self.manager).with_context(**ticked).create({"seller_id": self.two.id, "reason": "x"})
        with self.assertRaisesRegex(UserError, "Choose the rights"):
            nothing.action_give()

    def test_pressed_twice_it_is_given_once(self):
        right = self._package(self.one)
        transfer = self._transfer(right, self.two)
        transfer.action_give()
        until, told = right.end, len(right.message_ids)
        transfer.action_give()
        self.assertEqual((right.seller_id, right.end, len(right.message_ids)), (self.two, until, told))

    def test_a_right_of_one_company_is_not_given_to_a_seller_of_another(self):
        """Each of the rights that are given together is asked."""
        other = self.env["res.company"].create({"name": "Chợ B"})
        self.manager.company_ids |= other
        here = self._package(self.one)
        there = here.copy({"company_id": other.id})
        self.two.company_id = self.company
        everywhere = self.env["sop.seller.transfer"].with_user(self.manager).with_context(allowed_company_ids=(self.company | other).ids)
        for rights in (there, here | there):
            transfer = everywhere.create({"right_ids": rights.ids, "seller_id": self.two.id, "reason": "x"})
            with self.assertRaisesRegex(UserError, "another company"), self.env.cr.savepoint():
                transfer.action_give()
        self.assertEqual((here | there).seller_id, self.one, "all of them or none")
        self._transfer(here, self.two).action_give()
        self.assertEqual(here.seller_id, self.two)
