"""Links are checked and proofs are kept, whichever way a client stores them."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.sop_pipeline.tests.links import client_links, guarded_links

from .common import RequestCase

#: Links of this addon that need no guard of ours
ELSEWHERE = {
    **{
        ("sop.contact.request", name): "write takes status, outcome, note and reminder, and nobody may create (test_requests)"
        for name in (
            "company_id",
            "consent_text_id",
            "holder_id",
            "lead_id",
            "listing_id",
            "reminder_user_id",
            "seller_id",
            "staff_user_id",
            "user_id",
            "website_id",
        )
    },
    ("product.product", "sop_seller_id"): "written through the template, where it is checked",
    ("res.users", "sop_request_team_id"): "written through the partner, where it is checked",
    ("res.company", "sop_programme_category_ids"): "companies are the administrators'",
    ("res.company", "sop_request_team_id"): "companies are the administrators'",
}
PROOFS = {"source": "sale.order.line,1", "amount": 5.0, "unit_days": 9, "revoked_at": "2026-01-01 00:00:00", "revoke_reason": "refund"}


@tagged("post_install", "-at_install")
class TestGuard(RequestCase):
    def test_every_link_is_guarded(self):
        links = client_links(self.env, "sop_contact_requests")
        self.assertFalse(links - guarded_links(self.env) - ELSEWHERE.keys(), "a client may store these links and nothing checks them")
        self.assertFalse(ELSEWHERE.keys() - links, "no longer there")

    def test_a_right_keeps_what_it_was_made_from(self):
        Right = self.env["sop.seller.entitlement"].with_user(self.manager)
        values = {"seller_id": self.binh.id, "end": "2040-01-01 00:00:00"}
        right = Right.create(values)
        for name, value in PROOFS.items():
            with self.subTest(field=name):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    right.write({name: value})
                with self.assertRaises(AccessError), self.cr.savepoint():
                    Right.create({**values, name: value})
                self.assertNotEqual(Right.with_context(**{f"default_{name}": value}).create(values).source, "sale.order.line,1")
        right.action_revoke()
        self.assertEqual(right.revoke_reason, "manual")

    def test_links_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.env["res.partner"].create({"name": "Stranger", "company_id": other.id, "is_company": True})
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["sop.seller.entitlement"].with_user(self.manager).create({"seller_id": stranger.id, "end": "2040-01-01 00:00:00"})
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["sop.embed.site"].with_user(self.manager).create({"name": "x", "origin": "https://x.example.com", "seller_id": stranger.id})
        keeper = self.env.ref("base.user_admin")
        keeper.company_ids |= other
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["product.template"].with_user(keeper).with_context(allowed_company_ids=(self.company | other).ids).create(
                {"name": "x", "company_id": self.company.id, "sop_seller_id": stranger.id}
            )

    def test_the_form_names_who_receives_the_number(self):
        names = self.env["sop.contact.request"]._get_receivers(self.listing, None, self.website)
        self.assertEqual(names, {"seller": "Shop An", "shop": self.company.name})
