from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


class JourneyCommon(TransactionCase):
    """A process team with two sellers and a manager; a seller of another company; a portal user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "mail_create_nosubscribe": True})
        cls.company = cls.env.company
        cls.company_b = cls.env["res.company"].create({"name": "Công ty B"})
        salesman = "base.group_user,base.group_partner_manager,sales_team.group_sale_salesman"
        cls.seller = new_test_user(cls.env, "j_seller", salesman, name="Hạnh", company_id=cls.company.id)
        cls.seller2 = new_test_user(cls.env, "j_seller2", salesman, name="Bảo", company_id=cls.company.id)
        cls.manager = new_test_user(cls.env, "j_manager", "base.group_user,sales_team.group_sale_manager", name="Hà", company_id=cls.company.id)
        cls.foreign = new_test_user(
            cls.env,
            "j_foreign",
            salesman.replace("salesman", "salesman_all_leads"),
            name="Phong",
            company_id=cls.company_b.id,
            company_ids=[Command.set(cls.company_b.ids)],
        )
        cls.portal = new_test_user(cls.env, "j_portal", "base.group_portal", name="Khách")
        cls.team = cls.env["crm.team"].create(
            {"name": "Bán lẻ", "company_id": cls.company.id, "sequence": 90, "user_id": cls.manager.id, "sop_process": True}
        )
        cls.partner = cls.env["res.partner"].create({"name": "Trần Thu Giang", "phone": "0901234567"})
        cls.product = cls.env["product.product"].create({"name": "Nồi chiên", "list_price": 100, "type": "consu"})

    @classmethod
    def lead(cls, name="Khách hỏi giá", user=None, **values):
        """A new lead of the team, the seller's unless said otherwise."""
        return cls.env["crm.lead"].create(
            {"name": name, "type": "opportunity", "team_id": cls.team.id, "user_id": (user or cls.seller).id, "phone": "0901234567", **values}
        )

    @classmethod
    def order(cls, partner=None, confirm=False, **values):
        """A quotation over one product, confirmed if asked to."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.partner).id,
                **values,
                "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 1})],
            }
        )
        if confirm:
            order.action_confirm()
        return order

    def call(self, lead, user=None):
        """An answered call of the lead, not rated yet."""
        lead = lead.with_user(user or self.seller)
        call = self.env["sop.call"].with_user(user or self.seller).browse(lead.action_sop_call()["params"]["call_id"])
        call.action_answered()
        return call

    @classmethod
    def type_of(cls, code):
        return cls.env["sop.interaction.type"].search([("code", "=", code)])
