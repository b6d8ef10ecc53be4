import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import HttpCase, warmup

from ..tools.moves import CODES
from ..tools.phases import PHASES
from .journey_common import JourneyCommon
from .queries import cold_queries


class DashboardCommon(JourneyCommon):
    """A team with a few weeks of work behind it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = {code: cls.env["crm.stage"]._get_by_code(code) for code in CODES}
        cls.Dashboard = cls.env["sop.dashboard"].with_user(cls.manager)
        cls.dice = random.Random(5)
        cls.source, cls.other_source = cls.env["utm.source"].create([{"name": "Zalo thử"}, {"name": "Facebook thử"}])
        cls.leads = cls.env["crm.lead"].concat(*[cls.worked_lead(number) for number in range(24)])

    @classmethod
    def worked_lead(cls, number):
        lead = cls.lead(
            name=f"Khách {number}",
            user=cls.seller if number % 3 else cls.seller2,
            source_id=(cls.source.id, cls.other_source.id, False)[number % 3],
            partner_id=cls.partner.id if number < 4 else False,
        )
        if number % 2:
            lead.stage_id = cls.stages["contact"]
        if number % 4 == 1:
            cls.order(opportunity_id=lead.id, team_id=cls.team.id, confirm=True)
        if number % 8 == 3:
            lead.action_set_lost(lost_reason_id=cls.env["crm.lost.reason"].search([], limit=1).id)
        if number % 6 == 0:
            lead.activity_schedule("mail.mail_activity_data_call", date_deadline=fields.Date.today() - timedelta(days=2))
        back = timedelta(days=cls.dice.randrange(20))
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE sop_stage_move SET at = at - %s WHERE lead_id = %s", [back, lead.id])
        cls.env.cr.execute("UPDATE crm_lead SET create_date = create_date - %s WHERE id = %s", [back, lead.id])
        cls.env.invalidate_all()
        return lead

    def opened(self, action):
        """How many records a number's link lists."""
        model = self.env[action["res_model"]].with_user(self.manager).with_context(**action["context"])
        return model.search_count(action["domain"])


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCommon):
    """Each figure equals the count of the records it opens, and an independent recount."""

    def test_a_sentence_writes_a_number_as_its_reader_does(self):
        """4,4 days in Vietnamese, as the table beside it has it."""
        self.env["res.lang"]._activate_lang("vi_VN")
        row = {"entered": 40, "to_next": 30, "here": 10, "won": 5, "conversion_to_next": 0.75, "conversion_to_won": 0.125}
        rows = [{**row, "code": code, "label": code, "median_days": 4.36 if code == "convert" else 0.5} for code in CODES]
        for lang, written in (("vi_VN", "4,4"), ("en_US", "4.4")):
            [*_others, hint] = self.Dashboard.with_context(lang=lang)._sop_hints(rows, [])
            self.assertIn(f" {written} ", hint)

    def test_links_list_what_numbers_say(self):
        for period in ("today", "week", "month", "quarter", "year"):
            data = self.Dashboard.get_data(self.team.id, period)
            pairs = [(tile["value"], tile["action"], tile["code"]) for tile in data["tiles"]]
            pairs += [(row["entered"], row["entered_action"], row["code"]) for row in data["funnel"]]
            pairs += [(row["to_next"], row["next_action"], row["code"]) for row in data["funnel"]]
            pairs += [(row["won"], row["won_action"], row["code"]) for row in data["funnel"]]
            summary = data["summary"]
            pairs += [
                (summary["won"], summary["won_action"], "won"),
                (summary["lost"], summary["lost_action"], "lost"),
                (summary["won"] + summary["lost"], summary["closed_action"], "closed"),
            ]
            pairs += [(line["count"], line["action"], line["reason"]) for line in summary["lost_by"]]
            pairs += [(line["leads"], line["leads_action"], line["label"]) for line in data["sources"]]
            pairs += [(line["won"], line["won_action"], line["label"]) for line in data["sources"]]
            pairs += [(phase["value"], phase["action"], phase["code"]) for phase in data["phases"]]
            pairs += [(data["sales"]["count"], data["sales"]["action"], "sales")]
            for value, action, what in pairs:
                self.assertEqual(value, self.opened(action), (period, what))

    def test_recount(self):
        """The figures once more, from the records themselves."""
        data = self.Dashboard.get_data(self.team.id, "year")
        tiles = {tile["code"]: tile["value"] for tile in data["tiles"]}
        zone_morning = self.Dashboard._sop_scope(self.team.id, "today")["morning"]
        active = self.leads.filtered("active")
        self.assertEqual(tiles["new_today"], len(active.filtered(lambda lead: lead.create_date >= zone_morning)))
        self.assertEqual(tiles["overdue"], len(active.filtered("activity_ids")))
        won = self.leads.filtered(lambda lead: lead.won_status == "won")
        lost = self.leads.filtered(lambda lead: lead.won_status == "lost")
        self.assertEqual((data["summary"]["won"], data["summary"]["lost"]), (len(won), len(lost)))
        self.assertAlmostEqual(data["summary"]["success_rate"], len(won) / len(won + lost))
        orders = self.env["sale.order"].search([("team_id", "=", self.team.id), ("state", "=", "sale")])
        self.assertEqual(data["sales"]["count"], len(orders))
        self.assertAlmostEqual(data["sales"]["amount"], sum(orders.mapped("amount_total")), 2)
        self.assertEqual(
            {line["label"]: (line["leads"], line["won"]) for line in data["sources"]},
            {
                source.display_name or "No source": (len(leads), len(leads.filtered(lambda lead: lead.won_status == "won")))
                for source, leads in self.leads.grouped("source_id").items()
            },
        )
        self.assertEqual([row["code"] for row in data["funnel"]], list(CODES))
        self.assertEqual([phase["code"] for phase in data["phases"]], list(PHASES))

    def test_call_to_rate(self):
        before = {tile["code"]: tile["value"] for tile in self.Dashboard.get_data(self.team.id, "month")["tiles"]}
        call = self.call(self.leads[2])
        after = {tile["code"]: tile["value"] for tile in self.Dashboard.get_data(self.team.id, "month")["tiles"]}
        self.assertEqual(after["to_rate"] - before["to_rate"], 1)
        call.action_rate("interested")
        self.assertEqual(
            {tile["code"]: tile["value"] for tile in self.Dashboard.get_data(self.team.id, "month")["tiles"]}["to_rate"], before["to_rate"]
        )

    def test_funnel_page(self):
        """The page's four ways agree with their links, and with get_funnel."""
        today = fields.Date.today()
        days = {"date_from": fields.Date.to_string(today - timedelta(days=9)), "date_to": fields.Date.to_string(today)}
        for mode in ("now", "period", "cohort", "as_of"):
            page = self.Dashboard.get_funnel_page(self.team.id, mode, **days)
            for row in page["rows"]:
                for name, number in (("entered", row["entered"]), ("next", row["to_next"]), ("won", row["won"])):
                    self.assertEqual(self.opened(row[f"{name}_action"]), number, (mode, row["code"], name))
                if mode != "period":
                    self.assertEqual(self.opened(row["here_action"]), row["here"], (mode, row["code"]))
                    self.assertEqual(self.opened(row["lost_action"]), row["lost"], (mode, row["code"]))
        parts = self.Dashboard.get_funnel_page(self.team.id, "now", dimension="user")["parts"]
        self.assertEqual({part["label"] for part in parts}, {self.seller.name, self.seller2.name})

    def test_what_a_rating_is_worth_obeys_the_day_chosen(self):
        lead = self.lead(user=self.seller)
        self.call(lead).action_rate("interested")
        lead.action_set_won()
        yesterday = fields.Date.to_string(fields.Date.today() - timedelta(days=2))
        for chosen, sample in ((("now",), 1), (("as_of", None, yesterday), 0)):
            [everybody, *_people] = self.Dashboard.get_funnel_page(self.team.id, *chosen)["calibration"]
            self.assertEqual(sum(face["sample"] for face in everybody["faces"]), sample, chosen)

    def test_seller_sees_their_own(self):
        mine = self.env["sop.dashboard"].with_user(self.seller).get_data(self.team.id, "year")["funnel"]
        self.assertEqual(mine[0]["entered"], len(self.leads.filtered(lambda lead: lead.user_id == self.seller)))
        foreign = self.env["sop.dashboard"].with_user(self.foreign).get_data(None, "year")["funnel"]
        self.assertEqual({row["entered"] for row in foreign}, {0})
        with self.assertRaises(AccessError):
            self.env["sop.dashboard"].with_user(self.portal).get_data()

    def test_bad_input(self):
        for arguments in (("x",), (0.5,), (10**9,), (None, "century"), ([1],)):
            with self.subTest(arguments=arguments), self.assertRaises(UserError):
                self.Dashboard.get_data(*arguments)
        with self.assertRaises(UserError):
            self.Dashboard.get_funnel_page(None, "tomorrow")
        with self.assertRaises(UserError):
            self.Dashboard.get_funnel_page(None, "period", "hôm nay")

    @warmup
    def test_queries(self):
        """As many queries for many leads as for few."""
        self.Dashboard.get_data(self.team.id, "month")
        counts = []
        for _more in range(2):
            counts.append(cold_queries(self.env, lambda: self.Dashboard.get_data(self.team.id, "month")))
            self.lead(name="Thêm")
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestPhaseFunnel(JourneyCommon):
    """The funnel of phases, by the rule of the customers' phase."""

    def test_people_by_phase(self):
        Interaction = self.env["sop.interaction"]
        for code in ("visit", "product_view", "request"):
            person = self.env["res.partner"].create({"name": code})
            Interaction._sop_record(code, partner=person)
            Interaction._sop_record("visit", partner=person, source=person)
        self.order(confirm=True)
        self.order(confirm=True)
        Interaction._sop_record("request", lead=self.lead())  # a lead without a customer is a person too
        people = self.env["res.partner"].search([("sop_phase", "!=", False)])
        rows = self.env["sop.interaction"].with_user(self.manager).get_phase_funnel()
        for row in rows:
            expected = len(people.filtered(lambda person, code=row["code"]: person.sop_phase == code))
            self.assertEqual(row["here"], expected + (row["code"] == "acquisition"), row["code"])
        reached = [row["reached"] for row in rows]
        self.assertEqual(reached, sorted(reached, reverse=True))
        self.assertEqual(reached[0], len(people) + 1)
        self.assertAlmostEqual(rows[0]["conversion_to_next"], reached[1] / reached[0])
        self.assertEqual(sum(row["interactions"] for row in rows), Interaction.search_count([]))
        self.assertEqual(sum(row["here"] for row in Interaction.get_phase_funnel(as_of="2001-01-01")), 0)
        self.check_one_definition()
        with self.assertRaises(AccessError):
            Interaction.with_user(self.portal).get_phase_funnel()
        with self.assertRaises(UserError):
            Interaction.get_phase_funnel("x")

    def check_one_definition(self):
        """Both pages tell the same people, and the numbers open them: customers, and leads without one; of a team, its own."""
        people = self.env["sop.phase.person"]
        lone = self.lead(name="Của đội")
        self.env["sop.interaction"]._sop_record("request", lead=lone)
        Dashboard = self.env["sop.dashboard"].with_user(self.manager)
        for team in (self.team.id, None):
            page = Dashboard.get_funnel_page(team)["phases"]
            told = [{**row, "action": row["action"]["domain"]} for row in page]
            self.assertEqual([{**row, "action": row["action"]["domain"]} for row in Dashboard.get_data(team)["phases"]], told)
            for row in page:
                action = row["action"]
                listed = people.with_user(self.manager).with_context(**action["context"]).search(action["domain"])
                self.assertEqual((row["value"], row["here"]), (len(listed), len(listed)), row["code"])
                for person in listed.filtered("partner_id") if team is None else ():
                    self.assertEqual(person.phase, person.partner_id.sop_phase)
        self.assertEqual(people.search([("lead_id", "=", lone.id)]).phase, "acquisition")
        self.assertFalse(people.with_user(self.foreign).search([]), "another company's")
        self.assertFalse(people.with_context(sop_as_of="2001-01-01").search([]))
        with self.assertRaises(AccessError):
            people.with_user(self.portal).search([])


@tagged("post_install", "-at_install")
class TestDashboardScreen(DashboardCommon, HttpCase):
    """The screens in a browser."""

    def test_source_example_in_the_browser(self):
        """50 leads of which 5 are won: the funnel page shows 10 %."""
        team = self.env["crm.team"].create({"name": "Ví dụ", "sequence": 96, "sop_process": True})
        for number in range(50):
            lead = self.lead(name=str(number), team_id=team.id, stage_id=self.stages["convert"].id)
            if number < 5:
                lead.stage_id = self.stages["close"]
        self.manager.password = "j_manager"
        self.browser_js(
            "/odoo/sop-funnel",
            """
            (async () => {
                const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 50)); return test(); };
                const cell = (name) => document.querySelector(`tr[data-code=convert] .${name}`)?.textContent.trim();
                await until(() => cell("o_sop_entered"));
                const select = document.querySelector("select.o_sop_team");
                select.value = [...select.options].find((option) => option.text === "Ví dụ").value;
                select.dispatchEvent(new Event("change"));
                await until(() => cell("o_sop_entered") === "50");
                if (cell("o_sop_to_won") !== "10%" || cell("o_sop_to_next") !== "10%") {
                    throw new Error(`10% expected, not ${cell("o_sop_to_won")}`);
                }
                document.querySelector("tr[data-code=convert] .o_sop_entered").click();
                await until(() => document.querySelectorAll(".o_list_view .o_data_row").length === 50);
                console.log("test successful");
            })().catch((error) => console.error(error.message));
        """,
            ready="odoo.isReady",
            login="j_manager",
            timeout=120,
        )

    def test_dashboard_in_the_browser(self):
        self.manager.password = "j_manager"
        self.browser_js(
            "/odoo/sop-dashboard",
            """
            (async () => {
                const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 50)); return test(); };
                await until(() => document.querySelector("[data-tile=overdue] .o_sop_number"));
                document.querySelector("[data-period=year]").click();
                await until(() => document.querySelector("[data-period=year].active"));
                const number = document.querySelector("[data-tile=overdue] .o_sop_number");
                const count = Number(number.textContent);
                number.click();
                await until(() => document.querySelector(".o_list_view .o_data_row"));
                if (document.querySelectorAll(".o_list_view .o_data_row").length !== count) {
                    throw new Error("the list has another number of leads than the tile");
                }
                console.log("test successful");
            })().catch((error) => console.error(error.message));
        """,
            ready="odoo.isReady",
            login="j_manager",
            timeout=120,
        )
