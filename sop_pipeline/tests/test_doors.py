from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import PipelineCommon
from .doors import DoorsCase


@tagged("post_install", "-at_install", "sop_pipeline")
class TestDoors(DoorsCase, PipelineCommon):
    """Who may go through the doors of this addon; the seller's lead, call and order stand behind them."""

    addon = "sop_pipeline"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sop.company_id = cls.env.company
        cls.customer.write({"company_id": cls.env.company.id, "phone": "0901234567", "user_id": cls.seller.id})
        cls.lead = cls.make_lead(name="Khách hỏi riêng", partner_id=cls.customer.id, company_id=cls.env.company.id)
        cls.order = cls.make_order(cls.lead)
        cls.order.user_id = cls.seller
        cls.won = cls.make_lead(name="Đã mua", company_id=cls.env.company.id)
        cls.make_call("answered", lead_id=cls.won.id).with_user(cls.seller).action_rate("interested", [cls.product.id])
        cls.won.action_set_won()
        cls.secrets = ("901234567", "90 123 45 67", "Khách hỏi riêng")
        cls.people = cls.make_people()
        cls.records = cls.make_records()
        cls.targets = cls.make_targets()
        cls.calls = cls.make_calls()

    @classmethod
    def make_people(cls):
        other = cls.env["res.company"].create({"name": "Công ty khác"})
        buyer = new_test_user(cls.env, login="door_buyer", groups="base.group_portal")
        seller = new_test_user(cls.env, login="door_seller", groups="base.group_portal")
        foreign = new_test_user(
            cls.env,
            login="door_foreign",
            groups="base.group_user,base.group_partner_manager,sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        cls.order.message_subscribe(buyer.partner_id.ids)
        return {
            "public": cls.env.ref("base.public_user"),
            "portal buyer": buyer,
            "portal seller": seller,
            "internal": new_test_user(cls.env, login="door_internal", groups="base.group_user"),
            "other team": cls.colleague,
            "other company": foreign,
            "seller": cls.seller,
            "boss": cls.boss,
            "admin": cls.env.ref("base.user_admin"),
        }

    @classmethod
    def make_call(cls, state, **values):
        return cls.env["sop.call"].create(
            {
                "lead_id": cls.lead.id,
                "partner_id": cls.customer.id,
                "user_id": cls.seller.id,
                "team_id": cls.sop.id,
                "company_id": cls.env.company.id,
                "number": "+84901234567",
                "state": state,
                **values,
            }
        )

    @classmethod
    def make_records(cls):
        env = cls.env
        exchange = env["sop.exchange"].create({"name": "Tổng đài", "user_id": cls.seller.id})
        visit = env["sop.interaction.type"].create({"name": "Ghé cửa hàng"})
        rule = env["sop.next.action.rule"].create({"name": "Gọi lại", "trigger": "rated", "interest": "thinking", "company_id": env.company.id})
        cls.visit = visit
        return {
            **cls.make_bank(),
            "crm.lead": cls.lead,
            "crm.stage": cls.stages["contact"],
            "crm.tag": env["crm.tag"].create({"name": "Khách buôn"}),
            "crm.team": cls.sop,
            "res.partner": cls.customer,
            "sale.order": cls.order,
            "sop.call": cls.make_call("answered"),
            "sop.exchange": exchange,
            "sop.exchange.event": env["sop.exchange.event"].create({"exchange_id": exchange.id, "digest": "x", "payload": "{}"}),
            "sop.interaction": env["sop.interaction"].with_user(cls.seller).create({"lead_id": cls.lead.id, "type_id": visit.id}),
            "sop.interaction.type": visit,
            "sop.next.action.rule": rule,
            "sop.pipeline.report": env["sop.pipeline.report"].search([("lead_id", "=", cls.lead.id)], limit=1),
            "sop.stage.requirement": env["sop.stage.requirement"].create(
                {"team_id": cls.sop.id, "sop_code": "contact", "field_ids": env.ref("crm.field_crm_lead__email_from").ids}
            ),
            "sop.privacy.wizard": env["sop.privacy.wizard"].with_user(cls.boss).create({"partner_id": cls.customer.id}),
            "privacy.lookup.wizard": env["privacy.lookup.wizard"].create({"name": "Ai đó", "email": "ai@example.com"}),
            "sop.team.adopt": env["sop.team.adopt"].with_user(cls.boss).create({"team_id": cls.sop.id}),
        }

    @classmethod
    def make_bank(cls):
        feed = cls.env["sop.bank.feed"].create({"name": "VCB", "account_number": "0123499999", "secret": "s", "user_id": cls.boss.id})
        cls.env["res.partner.bank"].create({"acc_number": "0123499999", "partner_id": cls.env.company.partner_id.id})
        values = {"feed_id": feed.id, "company_id": feed.company_id.id, "provider": "sepay", "account_number": "0123499999", "external_id": "1"}
        values |= {"at": "2026-01-01", "currency_id": cls.env.ref("base.VND").id, "amount": 1, "direction": "in", "state": "unmatched"}
        line = cls.env["sop.bank.line"].sudo().create(values | {"words": "Khách hỏi riêng", "why": "reference", "choice_id": cls.order.id})
        return {"sop.bank.feed": feed, "sop.bank.line": line}

    @classmethod
    def make_targets(cls):
        return {
            "sop.interaction.type.unlink": cls.env["sop.interaction.type"].create({"name": "Chưa ai dùng"}),
            "sop.call.action_not_answered": cls.make_call("dialing"),
            "sop.call.action_open_recording": cls.make_call("answered", recording_url="https://pbx.example.com/1.mp3"),
        }

    @classmethod
    def make_calls(cls):
        days = {"date_from": "2026-01-01", "date_to": "2099-12-31"}
        funnel = {"domain": [("team_id", "=", cls.sop.id)], **days, "as_of": "2099-12-31"}
        colleagues = cls.make_lead(user_id=cls.boss.id, phone="0907111222")
        return {
            "crm.lead.action_ask_for_lead": [colleagues.phone],
            "crm.lead.get_known_lead": {"phone": "0901234567", "leave_out": colleagues.id},
            "sop.call.action_dial": ["0901234567", "crm.lead", cls.lead.id],
            "sop.call.action_plan_next": ["2030-01-01 02:00:00", "Hẹn gọi lại"],
            "sop.call.action_not_answered": ["call_later", "2030-01-01"],
            "sop.call.action_rate": ["interested", [cls.product.id], "Thích màu đen"],
            "sop.dashboard.get_data": [cls.sop.id, "week"],
            "sop.dashboard.get_funnel_page": {"team_id": cls.sop.id, "mode": "cohort", **days, "dimension": "user"},
            "sop.interaction.action_add": ["crm.lead", cls.lead.id, cls.visit.id, "Xem hàng"],
            "sop.interaction.action_start": ["crm.lead", cls.lead.id, cls.visit.id],
            "sop.interaction.get_journey": ["crm.lead", cls.lead.id, 10],
            "sop.interaction.get_phase_funnel": {**funnel, "domain": [("phase", "!=", False)]},
            "sop.pipeline.report.get_calibration": ["product", [("team_id", "=", cls.sop.id)]],
            "sop.pipeline.report.get_funnel": funnel,
            "sop.pipeline.report.get_funnel_by": {"dimension": "user", **funnel, "limit": 5},
            "sop.pipeline.report.get_summary": funnel,
            "crm.lead.create": [[{"name": "Khách mới", "phone": "0901234568"}]],
            "crm.lead.web_save": [{"name": "Tên khác"}, {"name": {}}],
            "crm.lead.write": [{"name": "Tên khác"}],
            "crm.stage.write": [{"name": "Tên khác"}],
            "crm.tag.create": [[{"name": "Khách lẻ"}]],
            "crm.team.create": [[{"name": "Đội mới"}]],
            "crm.team.write": [{"name": "Tên khác"}],
            "res.partner.create": [[{"name": "Khách mới"}]],
            "res.partner.write": [{"name": "Tên khác"}],
            "sale.order.create": [[{"partner_id": cls.customer.id}]],
            "sale.order.write": [{"client_order_ref": "A1"}],
            "sop.call.write": [{"note": "Sửa"}],
            "sop.bank.feed.create": [[{"name": "ACB", "account_number": "1"}]],
            "sop.bank.feed.write": [{"name": "ACB"}],
            "sop.interaction.create": [[{"lead_id": cls.lead.id, "type_id": cls.visit.id}]],
            "sop.interaction.write": [{"note": "Sửa"}],
            "sop.interaction.type.create": [[{"name": "Hội chợ"}]],
            "sop.interaction.type.write": [{"name": "Tên khác"}],
            "sop.next.action.rule.write": [{"name": "Tên khác"}],
            "sop.stage.requirement.create": [
                [{"team_id": cls.sop.id, "sop_code": "evaluate", "field_ids": cls.env.ref("crm.field_crm_lead__email_from").ids}]
            ],
            "sop.stage.requirement.write": [{"sop_code": "convert"}],
        }
