from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_reports_dashboard import DashboardCommon

BY_PEOPLE = ("created", "manual", "adopt", "leave", "merge", "backfill")


def of_state(*names):
    return {name: lambda row, name=name: row.state == name for name in names}


def of_phase(field, prefix=""):
    codes = ("awareness", "consideration", "acquisition", "experience", "loyalty")
    return {prefix + code: lambda row, code=code: row[field] == code for code in codes}


#: model -> filter of its search view -> whether a record belongs there, from other records where that is possible
EXPECTED = {
    "crm.lead": {
        **{f"sop_{face}": lambda lead, face=face: lead.sop_interest == face for face in ("interested", "thinking", "not_interested")},
        "sop_not_rated": lambda lead: lead.team_id.sop_process and not any(lead.sop_call_ids.mapped("interest")),
        "sop_to_rate": lambda lead: any(call.state == "answered" and not call.interest for call in lead.sop_call_ids),
        "sop_waiting": lambda lead: bool(lead.sop_missing_fields),
        "sop_verified": lambda lead: bool(lead.sop_verified_at),
        "sop_wrong_number": lambda lead: lead.sop_call_ids[:1].reason == "wrong_number",
        "sop_no_next": lambda lead: lead.won_status == "pending" and not lead.activity_ids,
        "sop_never_called": lambda lead: lead.won_status == "pending" and not lead.sop_call_ids,
        "sop_order_cancelled": lambda lead: lead.sop_code == "convert" and lead.order_ids.mapped("state") == ["cancel"],
    },
    "sop.call": {
        "mine": lambda call: call.user_id == call.env.user,
        "to_rate": lambda call: call.state == "answered" and not call.rated_at,
        "to_record": lambda call: not call.answered_at and not call.ended_at,
        "answered": lambda call: bool(call.answered_at),
        "not_answered": lambda call: bool(call.reason),
    },
    "sop.interaction": {
        **of_phase("phase"),
        "by_hand": lambda row: not row.res_model,
        "mine": lambda row: row.user_id == row.env.user,
        "cancelled": lambda row: row.res_model == "sale.order" and row.env["sale.order"].browse(row.res_id).state == "cancel",
    },
    "sop.phase.person": {"customers": lambda row: bool(row.partner_id), "leads": lambda row: not row.partner_id},
    "sop.interaction.type": {
        "by_hand": lambda kind: not kind.by_fact,
        "by_fact": lambda kind: kind.by_fact,
        "inactive": lambda kind: not kind.active,
    },
    "res.partner": of_phase("sop_phase", "sop_"),
    "sop.next.action": of_state("waiting", "failed"),
    "sop.pipeline.report": {
        "here": lambda row: row.lead_id.won_status == "pending" and row.lead_id.sop_code == row.code,
        "won": lambda row: row.lead_id.won_status == "won",
        "lost": lambda row: row.lead_id.won_status == "lost",
        "lost_here": lambda row: row.lead_id.won_status == "lost" and row.lead_id.sop_code == row.code,
        "again": lambda row: len(row.lead_id.sop_move_ids.filtered(lambda move: move.to_code == row.code != move.from_code)) > 1,
    },
    "sop.stage.move": {
        "process": lambda move: bool(move.to_stage_id.sop_process),
        "by_fact": lambda move: move.cause not in BY_PEOPLE,
        "by_hand": lambda move: move.cause == "manual",
    },
    "sop.exchange.event": {"errors": lambda event: bool(event.error)},
    "sop.bank.line": {
        **of_state("unmatched", "matched", "ignored"),
        "by_hand": lambda line: line.state == "matched" and bool(line.matched_by),
        "money_in": lambda line: line.direction == "in",
        "money_out": lambda line: line.direction == "out",
    },
}
#: What the data of this test has an example of, and a counter-example
SHOWN = ("crm.lead", "sop.call", "sop.interaction", "sop.phase.person", "sop.interaction.type", "sop.pipeline.report", "sop.stage.move")


@tagged("post_install", "-at_install", "sop_pipeline")
class TestFilters(DashboardCommon):
    """Every filter of every search view of ours lists what its name says, and every group adds up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.sop_requirement_ids = [(0, 0, {"sop_code": "convert", "field_ids": cls.env.ref("crm.field_crm_lead__email_from").ids})]
        for face in ("interested", "thinking", "not_interested"):
            cls.talk(cls.lead(name=face)).action_rate(face)
        cls.talk(cls.lead(name="to rate"))
        cls.dial(cls.lead(name="wrong")).action_not_answered("wrong_number")
        cls.dial(cls.lead(name="to tell"))
        waiting = cls.lead(name="waits")
        cls.order(opportunity_id=waiting.id, team_id=cls.team.id).action_quotation_sent()
        bought = cls.lead(name="cancelled", email_from="a@example.com", partner_id=cls.partner.id)
        order = cls.order(opportunity_id=bought.id, team_id=cls.team.id, confirm=True)
        order._action_cancel()
        again = cls.lead(name="again")
        for code in ("contact", "collect", "contact"):
            again.stage_id = cls.stages[code]
        types = cls.env["sop.interaction.type"].search([])
        cls.env["sop.interaction"].create(
            [
                {"lead_id": again.id, "type_id": types.filtered(lambda kind, code=code: kind.phase == code)[:1].id}
                for code in ("awareness", "consideration", "loyalty")
            ]
        )
        types.filtered(lambda kind: kind.code == "course").active = False
        mine = cls.lead(name="mine", user=cls.env.user)
        mine.action_sop_call()
        cls.lead(name="plain", team_id=cls.env["crm.team"].create({"name": "Đội khác"}).id)
        cls.env.flush_all()

    @classmethod
    def dial(cls, lead):
        lead = lead.with_user(cls.seller)
        return lead.env["sop.call"].browse(lead.action_sop_call()["params"]["call_id"])

    @classmethod
    def talk(cls, lead):
        call = cls.dial(lead)
        call.action_answered()
        return call

    def views(self):
        """Our search views: list of (model, filters of it that are ours)."""
        names = self.env["ir.model.data"].search([("module", "=", "sop_pipeline"), ("model", "=", "ir.ui.view")])
        for view in self.env["ir.ui.view"].browse(names.mapped("res_id")).filtered(lambda view: view.type == "search"):
            yield view.model, etree.fromstring(view.arch).xpath("//filter[not(@position)]")

    def test_filters(self):
        seen = {}
        for model, nodes in self.views():
            everything = self.env[model].with_context(active_test=False).search([])
            for node in nodes:
                if node.get("domain"):
                    name = node.get("name")
                    seen.setdefault(model, set()).add(name)
                    domain = safe_eval(node.get("domain"), {"uid": self.env.uid})
                    inactive = any(leaf[0] == "active" for leaf in domain)
                    rows = everything if inactive or "active" not in everything._fields else everything.filtered("active")
                    with self.subTest(model=model, filter=name):
                        found = self.env[model].search(domain)
                        self.assertEqual(set(rows.filtered(EXPECTED[model][name]).ids), set(found.ids))
                        if model in SHOWN:
                            self.assertTrue(found, "no example")
                            self.assertTrue(everything - found, "no counter-example")
        self.assertEqual(seen, {model: set(filters) for model, filters in EXPECTED.items()})

    def test_groups_and_times(self):
        for model, nodes in self.views():
            total = self.env[model].search_count([])
            for node in nodes:
                with self.subTest(model=model, filter=node.get("name")):
                    if by := safe_eval(node.get("context") or "{}").get("group_by"):
                        groups = self.env[model]._read_group([], [by], ["__count"])
                        self.assertEqual(sum(count for _value, count in groups), total)
                    if name := node.get("date"):
                        self.assertIn(self.env[model]._fields[name].type, ("date", "datetime"))
                        tomorrow = fields.Datetime.now() + timedelta(days=1)
                        past = self.env[model].search_count([(name, "<", tomorrow)])
                        later = self.env[model].search_count([(name, ">=", tomorrow)])
                        self.assertEqual(past + later + self.env[model].search_count([(name, "=", False)]), total)
