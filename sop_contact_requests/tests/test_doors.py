"""Who may go through the doors of this addon, and what rubbish they answer; see ``sop_pipeline/tests/doors.py``."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.sop_pipeline.tests.doors import DoorsCase

from .common import PHONE, RequestCase


@tagged("post_install", "-at_install")
class TestDoors(DoorsCase, RequestCase):
    """Behind them stand a request to shop An, its right, and an invoice of a package."""

    addon = "sop_contact_requests"
    secrets = (PHONE, PHONE[3:], "Nguyễn Văn Mua")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._new_request()
        cls.people = cls.make_people()
        cls.records = cls.make_records()
        cls.targets = {"sop.seller.entitlement.unlink": cls._entitle(cls.binh)}
        cls.calls = cls.make_calls()
        # what comes with the number, for whoever was shown it
        cls.env["sop.contact.reveal"].with_user(cls.seller)._log(cls.request, "portal", "127.0.0.1")

    @classmethod
    def make_people(cls):
        other = cls.env["res.company"].create({"name": "Công ty khác"})
        foreign = new_test_user(
            cls.env,
            "door_foreign",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
            groups="sales_team.group_sale_manager,account.group_account_manager,sop_contact_requests.group_manager,base.group_partner_manager",
        )
        return {
            "public": cls.env.ref("base.public_user"),
            "portal buyer": new_test_user(cls.env, "door_buyer", groups="base.group_portal"),
            "portal seller": cls.rival,
            "internal": new_test_user(cls.env, "door_internal", groups="base.group_user"),
            "other team": new_test_user(cls.env, "door_salesman", groups="sales_team.group_sale_salesman"),
            "other company": foreign,
            "seller": cls.seller,
            "staff": cls.staff,
            "manager": cls.manager,
            "accountant": new_test_user(cls.env, "door_accountant", groups="account.group_account_manager"),
            "admin": cls.env.ref("base.user_admin"),
        }

    @classmethod
    def make_records(cls):
        env = cls.env
        lead = env["crm.lead"].create({"name": "Khách hỏi", "team_id": cls.team.id, "user_id": cls.staff.id, "company_id": cls.company.id})
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.an.id,
                "invoice_line_ids": [Command.create({"name": "Gói", "price_unit": 100, "tax_ids": False})],
            }
        )
        invoice.action_post()
        env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({})._create_payments()
        matched = invoice.line_ids.matched_credit_ids
        cls._entitle(cls.binh)
        text = env["sop.consent.text"].create({"version": "thử", "body": "Tôi đồng ý", "company_id": cls.company.id})
        cls.an.company_id = cls.binh.company_id = cls.company
        return {
            "account.move": invoice,
            "account.partial.reconcile": matched,
            "crm.lead": lead,
            "res.partner": cls.an,
            "sop.consent.text": text,
            "sop.contact.request": cls.request,
            "sop.contact.reveal": cls._log(),
            "sop.partner.application": env["sop.partner.application"].create(
                {
                    "name": "Công ty An",
                    "vat": "0312345678",
                    "seller_id": cls.an.id,
                    "category_id": env["product.public.category"].create({"name": "Điện tử"}).id,
                }
            ),
            "sop.seller.entitlement": cls.right,
            "sop.seller.transfer": env["sop.seller.transfer"]
            .with_user(cls.manager)
            .create({"right_ids": cls.right.ids, "seller_id": cls.binh.id, "reason": "Mua nhầm"}),
            "sop.seller.report": env["sop.seller.report"].search([("seller_id", "=", cls.an.id)], limit=1),
        }

    @classmethod
    def _log(cls):
        cls.env["sop.contact.reveal"]._log(cls.request, "office", "127.0.0.1")
        return cls.request.reveal_ids

    @classmethod
    def make_calls(cls):
        return {
            "sop.contact.request.action_set_state": ["contacted"],
            "sop.contact.request.action_hand_over": [cls.seller_b.id],
            "sop.contact.request.action_set_outcome": ["sold"],
            "sop.contact.request.action_speak_again": ["call"],
            "sop.contact.request.action_set_note": ["Gọi lại chiều nay"],
            "sop.contact.request.action_set_reminder": ["2030-01-31 08:30:00"],
            "sop.contact.request.create": [[{"buyer_name": "Ai đó", "listing_id": cls.listing.id, "phone": PHONE}]],
            "sop.contact.request.write": [{"state": "contacted"}],
            "sop.contact.reveal.write": [{"how": "other"}],
            "sop.consent.text.write": [{"body": "Tôi không đồng ý"}],
            "sop.partner.application.write": [{"answer": "Đang xem"}],
            "sop.partner.application.action_refuse": ["Giấy phép đã hết hạn"],
            "sop.seller.entitlement.action_revoke": ["manual"],
            "sop.seller.entitlement.create": [[{"seller_id": cls.an.id, "start": "2030-01-01 00:00:00", "end": "2030-02-01 00:00:00"}]],
            "sop.seller.entitlement.write": [{"note": "Gia hạn"}],
        }
