from odoo.tests import TransactionCase, new_test_user

from ..tools.moves import CODES


class PipelineCommon(TransactionCase):
    """Two teams and the people around them.

    ==============  =========================================
    team            who
    ==============  =========================================
    sop (process)   seller, colleague: own leads; boss: manager
    plain           Odoo's own stages
    ==============  =========================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(tracking_disable=True, no_reset_password=True).env
        cls.env.company.country_id = cls.env.ref("base.vn")
        cls.stages = {code: cls.env["crm.stage"]._get_by_code(code) for code in CODES}
        Team = cls.env["crm.team"]
        cls.sop = Team.create({"name": "SOP", "sequence": 90, "sop_process": True})
        cls.plain = Team.create({"name": "Plain", "sequence": 91})
        cls.seller = cls.make_user("seller_sop", "sales_team.group_sale_salesman")
        cls.colleague = cls.make_user("colleague_sop", "sales_team.group_sale_salesman")
        cls.boss = cls.make_user("boss_sop", "sales_team.group_sale_manager")
        cls.product = cls.env["product.product"].create({"name": "Áo thun", "list_price": 100, "type": "consu"})
        cls.customer = cls.env["res.partner"].create({"name": "Trần Thu Giang"})

    @classmethod
    def make_user(cls, login, groups):
        return new_test_user(cls.env, login=login, groups=f"base.group_user,base.group_partner_manager,{groups}", lang="en_US", tz="Asia/Ho_Chi_Minh")

    @classmethod
    def make_lead(cls, **values):
        """A lead of the seller's in the process team, in stage 1, with a phone."""
        defaults = {
            "name": "Áo thun",
            "contact_name": "Giang",
            "phone": "0901234567",
            "type": "opportunity",
            "team_id": cls.sop.id,
            "user_id": cls.seller.id,
        }
        return cls.env["crm.lead"].create({**defaults, **values})

    @classmethod
    def make_order(cls, lead, price=100):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "opportunity_id": lead.id,
                "order_line": [(0, 0, {"product_id": cls.product.id, "price_unit": price})],
            }
        )

    def call(self, lead, user=None):
        """A call of the lead, dialled by its seller (or another user)."""
        lead = lead.with_user(user or self.seller)
        return self.env["sop.call"].with_user(user or self.seller).browse(lead.action_sop_call()["params"]["call_id"])

    def rate(self, lead, interest="interested", user=None):
        """Call, answer, rate."""
        call = self.call(lead, user)
        call.action_answered()
        call.action_rate(interest)
        return call

    def path(self, lead):
        """The stages a lead went through, with their causes."""
        return [(move.to_code, move.cause) for move in lead.sop_move_ids.sorted("id")]
