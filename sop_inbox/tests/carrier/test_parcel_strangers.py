import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_cod_statement import statement
from .test_parcel_chat import ChatCommon
from .test_parcel_life import ghtk

#: records of one parcel that was late, claimed and handed over in a batch -> who of its own company may read them
READERS = {
    "sop.parcel": ("agent", "manager", "packer", "clerk"),
    "sop.parcel.event": ("agent", "manager", "packer"),
    "sop.parcel.news": ("manager",),
    "sop.parcel.batch": ("packer",),
    "sop.parcel.batch.row": ("packer",),
    "sop.parcel.policy": ("manager",),
    "sop.parcel.calibration": ("manager",),
    "sop.parcel.risk.read": ("manager",),
    "sop.cod.statement": ("clerk",),
    "sop.cod.line": ("clerk",),
    "sop.cod.claim": ("clerk",),
}


@tagged("post_install", "-at_install", "sop_orders")
class TestStrangers(ChatCommon, HttpCase):
    """What people of another team, another company or none get of parcels and their cash; and what becomes of parcels when people go."""

    def setUp(self):
        super().setUp()
        groups = {"manager_b": "sop_inbox.sop_inbox_group_manager", "packer": "stock.group_stock_user", "clerk": "account.group_account_invoice"}
        self.people = {name: getattr(self, name) for name in ("agent", "manager", "other", "foreign", "portal")}
        self.people["public"] = self.env.ref("base.public_user")
        for name in ("packer", "clerk"):
            self.people[name] = new_test_user(self.env, f"strangers_{name}", groups[name], company_id=self.company.id)
        for name in ("manager", "packer", "clerk"):
            company = {"company_id": self.company_b.id, "company_ids": [(6, 0, self.company_b.ids)]}
            self.people[f"{name}_b"] = new_test_user(self.env, f"strangers_{name}_b", groups.get(f"{name}_b") or groups[name], **company)

    def cod_file(self, parcels):
        rows = [
            {"waybill": p.tracking_ref, "cod": round(p.cod_amount), "fee": round(p.price), "weight": p.declared, "state": p.state} for p in parcels
        ]
        return base64.b64encode(statement("viettelpost", rows, {"cod_short": 1})[0])

    def records(self):
        """One record of each model, all of one parcel."""
        parcel = self.moved(self.shipped(self.vtp, payment="cod"), "out", "delivered")
        found = self.env["sop.cod.statement"].create({"name": "a.csv", "carrier_id": self.vtp.id, "file": self.cod_file(parcel)})
        found.action_read()
        self.env["sop.parcel.news"]._store(self.vtp, b"{}", True)
        action = self.picking(self.ghtk).with_user(self.people["packer"]).action_sop_hand_over()
        batch = self.env["sop.parcel.batch"].browse(action["res_id"])
        self.vtp.company_id = self.company
        rows = [parcel, parcel.event_ids[:1], self.env["sop.parcel.news"].search([("carrier_id", "=", self.vtp.id)]), batch, batch.row_ids]
        rows.append(self.env["sop.parcel.policy"].create({"company_id": self.company.id}))
        rows.append(self.env["sop.parcel.calibration"].create({"company_id": self.company.id}))
        self.env["sop.parcel.risk.read"].with_user(self.agent)._note(parcel.order_id)
        rows.append(self.env["sop.parcel.risk.read"].search([("order_id", "=", parcel.order_id.id)]))
        return [*rows, found, found.line_ids, found.claim_ids]

    def test_who_reads_what(self):
        rows = self.records()
        self.assertEqual([(row._name, len(row)) for row in rows], [(name, 1) for name in READERS])
        for row in rows:
            for name, user in self.people.items():
                self.env.invalidate_all()
                may = name in READERS[row._name]
                self.assertEqual(row.with_user(user).has_access("read"), may, (row._name, name))
                try:
                    seen = row.with_user(user).search([("id", "=", row.id)])
                except AccessError:
                    seen = row.browse()
                self.assertEqual(bool(seen), may, (row._name, name))

    def test_risk_is_told_to_who_has_the_order_before_them(self):
        self.moved(self.shipped(self.vtp), "out", "failed", reason="x", reason_code="30")
        order = self.order(payment="cod", request_ref="strangers")
        for name in ("other", "foreign", "portal", "public", "manager_b"):
            with self.assertRaises(AccessError, msg=name):
                self.conversation.with_user(self.people[name]).get_order_form()
            with self.assertRaises(AccessError, msg=name):
                order.with_user(self.people[name]).action_sop_send_anyway("x")

    def test_a_statement_of_another_company(self):
        """The file names parcels of company A; read in company B, none of them is known, settled or claimed of."""
        parcel = self.moved(self.shipped(self.vtp, payment="cod"), "out", "delivered")
        clerk = self.people["clerk_b"]
        values = {"name": "a.csv", "carrier_id": self.vtp.id, "file": self.cod_file(parcel)}
        model = self.env["sop.cod.statement"].with_user(clerk).with_company(self.company_b)
        with self.assertRaises(AccessError):
            model.create({**values, "company_id": self.company.id})
        found = model.create(values)
        found.action_read()
        self.assertEqual((found.company_id, found.line_ids.parcel_id.id, found.claim_ids.mapped("kind")), (self.company_b, False, ["unknown_parcel"]))
        found.action_accept()
        self.assertEqual((parcel.settled_id.id, parcel.owed), (False, parcel.cod_amount))

    def test_the_same_file_under_another_name(self):
        parcel = self.moved(self.shipped(self.vtp, payment="cod"), "out", "delivered")
        first = self.env["sop.cod.statement"].create({"name": "a.csv", "carrier_id": self.vtp.id, "file": self.cod_file(parcel)})
        first.action_read()
        other = first.copy({"name": "b.csv", "file": first.file})
        with self.assertRaisesRegex(UserError, "a.csv"):
            other.action_read()
        self.assertEqual((other.state, other.line_ids.ids, other.file_hash), ("new", [], False))

    # === THE DOOR ===

    def call(self, carrier, body, key=None, query=""):
        address = f"/sop/parcel/{carrier.delivery_type}/{key or carrier.sop_hook_key}{query}"
        return self.url_open(address, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code

    def test_another_companys_key_moves_no_parcel(self):
        """Company B has an account at the same carrier, with a right secret: it knows the waybill, and moves nothing of A's."""
        parcel = self.shipped(self.ghtk)
        theirs = self.make_carrier("ghtk", sop_token="b", sop_shop="B", company_id=self.company_b.id)
        body = ghtk(label_id=parcel.tracking_ref, partner_id=parcel.our_ref, status_id=5)
        own, other = self.ghtk.sop_hook_secret, theirs.sop_hook_secret
        self.assertEqual(self.call(theirs, body, query=f"?hash={own}"), 403, "the secret is of another address")
        self.assertEqual(self.call(self.ghtk, body, query=f"?hash={other}"), 403)
        self.assertEqual(self.call(self.vtp, body, key=self.ghtk.sop_hook_key, query=f"?hash={own}"), 404, "the key is of another carrier")
        self.assertEqual(self.call(theirs, body, query=f"?hash={other}"), 200)
        self.env["sop.parcel.news"].invalidate_model()
        self.env["sop.parcel.news"]._apply_due()
        news = self.env["sop.parcel.news"].search([("carrier_id", "in", (self.ghtk | theirs).ids)])
        self.assertEqual([(row.carrier_id, row.state) for row in news], [(theirs, "ignored")])
        self.assertEqual((parcel.state, len(parcel.event_ids)), ("waiting", 0))

    # === PEOPLE WHO GO ===

    def test_the_seller_is_archived_while_the_task_is_open(self):
        parcel = self.moved(self.shipped(self.vtp), "out", "failed", reason="Khách hẹn")
        task = parcel.task_id
        self.assertEqual(task.user_id, parcel.order_id.user_id)
        task.user_id.active = False
        self.moved(parcel, "out")
        self.assertEqual((parcel.state, parcel.task_id.id, task.active), ("out", False, False))
        self.conversation.user_id = self.manager
        self.moved(parcel, "failed")
        self.assertEqual(parcel.task_id.user_id, self.manager, "who has the conversation")

    def test_the_customer_is_merged_with_another_contact(self):
        """Two contacts become one: its parcels, their facts and their way to the customer stay."""
        parcel = self.moved(self.shipped(self.vtp), "out")
        twin = self.env["res.partner"].create({"name": "An Nguyễn", "phone": "0901234567"})
        before = self.env["sop.parcel"]._facts_of(self.company, twin.phone)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.partner | twin).ids, twin)
        self.env.invalidate_all()
        self.assertEqual((parcel.picking_id.partner_id, parcel.order_id.partner_id), (twin, twin))
        self.moved(parcel, "failed", reason="x", reason_code="30")
        self.assertIn("0901234567", parcel.task_id.note)
        self.moved(parcel, "returning", "returned")
        facts = self.env["sop.parcel"]._facts_of(self.company, "0901234567")
        self.assertEqual((before["parcels"], facts["parcels"], facts["buyer"], facts["names"]), (0, 1, 1, 1))
