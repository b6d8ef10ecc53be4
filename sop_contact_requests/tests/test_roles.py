"""Who may do what: role x model x operation, other sellers, other companies."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import RequestCase

# role -> model -> operations allowed of r(ead) w(rite) c(reate) u(nlink)
TABLE = {
    "portal": {"sop.contact.request": "r", "sop.seller.entitlement": "r", "sop.partner.application": "r"},
    "internal": {},
    "staff": {
        "sop.contact.request": "rw",
        "sop.seller.entitlement": "r",
        "sop.consent.text": "r",
        "sop.seller.report": "r",
        "sop.partner.application": "r",
    },
    "manager": {
        "sop.contact.request": "rw",
        "sop.seller.entitlement": "rwcu",
        "sop.consent.text": "rwc",
        "sop.seller.report": "r",
        "sop.contact.reveal": "r",
        "sop.seller.notice": "r",
        "sop.embed.site": "rwcu",
        "sop.partner.application": "rw",
        "sop.seller.transfer": "rwcu",
    },
    "public": {},
}
MODELS = (
    "sop.contact.request",
    "sop.contact.entry",
    "sop.contact.reveal",
    "sop.rate.limit",
    "sop.seller.entitlement",
    "sop.seller.notice",
    "sop.consent.text",
    "sop.seller.report",
    "sop.embed.site",
    "sop.seller.transfer",
    "sop.partner.application",
)
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestRoles(RequestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.internal = new_test_user(cls.env, "sop_internal", groups="base.group_user")
        cls.request = cls._new_request()

    def test_table(self):
        users = {
            "portal": self.seller,
            "internal": self.internal,
            "staff": self.staff,
            "manager": self.manager,
            "public": self.env.ref("base.public_user"),
        }
        for role, user in users.items():
            for model in MODELS:
                for letter, operation in OPERATIONS.items():
                    with self.subTest(role=role, model=model, operation=operation):
                        allowed = letter in TABLE[role].get(model, "")
                        self.assertEqual(self.env[model].with_user(user).has_access(operation), allowed)

    def test_nobody_makes_or_deletes_requests(self):
        for user in (self.seller, self.staff, self.manager):
            with self.assertRaises(AccessError):
                self.env["sop.contact.request"].with_user(user).create({"buyer_name": "X", "seller_id": self.an.id})
            with self.assertRaises(AccessError):
                self.request.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.request.with_user(user).copy()

    def test_another_seller_sees_and_does_nothing(self):
        self._entitle(self.binh)
        request = self.request.with_user(self.rival)
        self.assertFalse(request.search([]))
        self.assertEqual(request.get_counters(), {"new": 0, "overdue": 0})
        for call in (
            lambda: request.read(["buyer_name"]),
            request.action_reveal_phone,
            request.action_create_lead,
            lambda: request.action_set_state("contacted"),
            lambda: request.action_set_note("x"),
            lambda: request.action_set_reminder(False),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertTrue(self.request.is_new)
        self.assertFalse(self.request.reveal_ids)

    def test_internal_and_public_users_do_nothing(self):
        for user in (self.internal, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.request.with_user(user).action_reveal_phone()

    def test_colleagues_share_the_list(self):
        self.assertEqual(self.env["sop.contact.request"].with_user(self.seller_b).search([]), self.request)
        self.request.with_user(self.seller).action_set_state("contacted")
        self.assertFalse(self.request.with_user(self.seller_b).is_new)

    def test_seller_writes_only_through_the_methods(self):
        with self.assertRaises(AccessError):
            self.request.with_user(self.seller).write({"note": "x"})

    def test_staff_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = new_test_user(
            self.env, "sop_foreign", groups="sop_contact_requests.group_manager", company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        self.assertFalse(self.env["sop.contact.request"].with_user(foreign).search([]))
        self.assertFalse(self.env["sop.seller.entitlement"].with_user(foreign).search([]))
        self.assertFalse(self.env["sop.seller.report"].with_user(foreign).search([]))
        with self.assertRaises(AccessError):
            self.request.with_user(foreign).action_reveal_phone()

    def test_erasing_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.request.with_user(self.staff).action_erase()
        self.request.with_user(self.manager).action_erase()
        self.assertTrue(self.request.erased_at)

    def test_sales_people_are_staff(self):
        salesman = new_test_user(self.env, "sop_salesman", groups="sales_team.group_sale_salesman")
        self.assertTrue(salesman.has_group("sop_contact_requests.group_user"))
        self.assertFalse(salesman.has_group("sop_contact_requests.group_manager"))
