"""Sellers, staff and listings of the tests.

===========  =======================  ===========================================
user         who                      company as seller
===========  =======================  ===========================================
seller       portal, shop An          An (entitled 2020-2040)
seller_b     portal, shop An too      An
rival        portal, shop Binh        Binh (not entitled)
staff        group_user               -
manager      group_manager            -
===========  =======================  ===========================================
"""

import itertools
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user
from odoo.tests.common import TransactionCase

PHONE = "+84912345678"


def run_cron(case, name):
    """Run one of the addon's jobs as the scheduler does, in a cursor of its own inside the test's transaction."""
    case.env.flush_all()
    with case.enter_registry_test_mode():
        case.env.ref(f"sop_contact_requests.{name}").with_user(case.env.ref("base.user_root")).method_direct_trigger()
    case.env.invalidate_all()


class RequestCase(TransactionCase):
    """Two shops, one of them entitled, each with a published listing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nolog": True, "no_reset_password": True})
        Partner = cls.env["res.partner"]
        cls.company = cls.env.company
        cls.website = cls.env["website"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.an = Partner.create({"name": "Shop An", "is_company": True, "email": "an@example.com"})
        cls.binh = Partner.create({"name": "Shop Binh", "is_company": True, "email": "binh@example.com"})
        cls.seller = cls._new_portal_user("sop_seller", cls.an)
        cls.seller_b = cls._new_portal_user("sop_seller_b", cls.an)
        cls.rival = cls._new_portal_user("sop_rival", cls.binh)
        cls.staff = new_test_user(cls.env, "sop_staff", groups="sop_contact_requests.group_user")
        cls.manager = new_test_user(cls.env, "sop_manager", groups="sop_contact_requests.group_manager")
        cls.listing = cls._new_listing("Máy ảnh cũ", cls.an)
        cls.listing_binh = cls._new_listing("Ống kính", cls.binh)
        cls.right = cls._entitle(cls.an, days=7305, start=fields.Datetime.to_datetime("2020-01-01 00:00:00"))
        cls.team = cls.env["crm.team"].create({"name": "SOP", "sequence": 900, "company_id": cls.company.id, "sop_process": True})

    @classmethod
    def _new_portal_user(cls, login, shop):
        user = new_test_user(cls.env, login, groups="base.group_portal", tz="Asia/Ho_Chi_Minh")
        user.partner_id.parent_id = shop
        return user

    @classmethod
    def _new_listing(cls, name, seller):
        return cls.env["product.template"].create(
            {"name": name, "sop_seller_id": seller.id, "is_published": True, "sale_ok": True, "list_price": 100}
        )

    @classmethod
    def _entitle(cls, seller, days=30, start=None):
        start = start or fields.Datetime.now() - timedelta(days=1)
        return cls.env["sop.seller.entitlement"].create({"seller_id": seller.id, "start": start, "end": start + timedelta(days=days)})

    @classmethod
    def _new_request(cls, **values):
        return cls.env["sop.contact.request"].create(
            {"listing_id": cls.listing.id, "buyer_name": "Nguyễn Văn Mua", "phone": PHONE, "message": "Còn hàng không?", **values}
        )


class FormCase(RequestCase):
    """Forms that buyers have sent, and the private links they were given."""

    #: What a form holds where a test says nothing else
    form = {"name": "Trần Mua", "phone": PHONE, "message": "Còn không?"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sop_request_team_id = cls.team
        cls.numbers = itertools.count()

    def _leave(self, **values):
        """What a sent form leaves."""
        form = {"listing": self.listing, "external": None, "nonce": f"form{next(self.numbers)}", **self.form, **values}
        return self.env["sop.contact.request"].sudo()._store_form(form, self.website)

    def _link(self, entry):
        return entry.request_id._get_buyer_path(entry)
