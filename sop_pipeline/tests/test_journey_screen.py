import re
from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import HttpCase

from .journey_common import JourneyCommon


@tagged("post_install", "-at_install")
class TestTimeline(JourneyCommon):
    """The timeline of a customer, recording by hand, and what fits next (rows G1-G5)."""

    def journey(self, record, user=None):
        return self.env["sop.interaction"].with_user(user or self.seller).get_journey(record._name, record.id)

    def add(self, record, code, user=None):
        return self.env["sop.interaction"].with_user(user or self.seller).action_add(record._name, record.id, self.type_of(code).id)

    def test_timeline(self):
        lead = self.lead(partner_id=self.partner.id)
        self.add(lead, "sample")
        self.add(self.partner, "story")
        self.order(confirm=True)
        for record in (lead, self.partner):
            journey = self.journey(record)
            self.assertEqual(journey["phase"], "experience")
            self.assertEqual({item["name"] for item in journey["items"]}, {"Product sample", "Brand story", "Order"})
            self.assertEqual({phase["code"]: phase["count"] for phase in journey["phases"]}["consideration"], 2)
            self.assertEqual(journey["more"], 0)
            self.assertNotIn(self.type_of("order").id, [kind["id"] for kind in journey["types"]])
        suggested = self.env["sop.interaction.type"].browse(self.journey(self.partner)["suggestions"])
        self.assertEqual(suggested[:1].phase, "loyalty", "what leads on comes first")
        self.assertEqual(self.env["sop.interaction"].get_journey("crm.lead", lead.id, limit=1)["more"], 2)

    def test_facts_of_a_colleague_are_counted(self):
        """What is hidden is said to be hidden: how many, nothing else."""
        lead = self.lead(partner_id=self.partner.id)
        foreign = self.lead(partner_id=self.partner.id, user_id=self.manager.id)
        self.add(lead, "sample")
        self.env["sop.interaction"].create({"lead_id": foreign.id, "type_id": self.type_of("story").id})
        seen = self.env["sop.interaction"].with_user(self.seller).get_journey("crm.lead", lead.id)
        self.assertEqual((len(seen["items"]), seen["hidden"]), (1, 1))
        self.assertEqual(self.env["sop.interaction"].with_user(self.manager).get_journey("crm.lead", lead.id)["hidden"], 0)

    def test_lead_without_customer(self):
        lead = self.lead()
        self.add(lead, "survey")
        self.assertEqual(self.journey(lead)["phase"], "acquisition")

    def test_double_click(self):
        self.assertEqual(self.add(self.partner, "gift"), self.add(self.partner, "gift"))
        self.env.cr.execute("UPDATE sop_interaction SET at = at - interval '1 minute'")
        self.env.invalidate_all()
        self.add(self.partner, "gift")
        self.assertEqual(len(self.partner.sop_interaction_ids), 2)

    def test_rights_and_bad_input(self):
        theirs = self.lead(user=self.seller2)
        Interaction = self.env["sop.interaction"].with_user(self.seller)
        for method, arguments in (("get_journey", ()), ("action_add", (self.type_of("gift").id,))):
            with self.assertRaises(AccessError):
                getattr(Interaction, method)("crm.lead", theirs.id, *arguments)
            with self.assertRaises(AccessError):
                getattr(Interaction.with_user(self.portal), method)("res.partner", self.partner.id, *arguments)
            for holder in (("res.users", 1), ("crm.lead", "1"), ("crm.lead", 10**9), ("no.model", 1)):
                with self.assertRaises(UserError):
                    getattr(Interaction, method)(*holder, *arguments)
        for kind in (self.type_of("order").id, 10**9, "x", None):
            with self.assertRaises(UserError):
                Interaction.action_add("res.partner", self.partner.id, kind)

    def test_open_source(self):
        order = self.order(confirm=True, user_id=self.seller.id)
        row = self.env["sop.interaction"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
        action = row.with_user(self.seller).action_open_source()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
        order.user_id = self.seller2
        with self.assertRaises(AccessError):
            row.with_user(self.seller).action_open_source()


@tagged("post_install", "-at_install")
class TestWays(JourneyCommon, HttpCase):
    """Buttons that act: an opinion is asked for, an offer is sent; what there is no way to is only recorded (004)."""

    def setUp(self):
        super().setUp()
        self.partner.email = "giang@example.com"
        self.order(confirm=True)
        self.record = self.lead(partner_id=self.partner.id)

    def start(self, code, record=None):
        record = record or self.record
        return self.env["sop.interaction"].with_user(self.seller).action_start(record._name, record.id, self.type_of(code).id)

    def acting(self, record):
        journey = self.env["sop.interaction"].with_user(self.seller).get_journey(record._name, record.id)
        return set(self.env["sop.interaction.type"].browse([kind["id"] for kind in journey["types"] if kind["acts"]]).mapped("code"))

    def send(self, action):
        """Press the composer's button as the seller; returns the message."""
        wizard = self.env[action["res_model"]].with_user(self.seller).with_context(**action["context"]).create({})
        self.assertEqual(wizard.partner_ids, self.partner)
        wizard.action_send_mail()
        return self.env[wizard.model].browse(action["context"]["default_res_ids"]).message_ids[:1]

    def test_an_opinion_is_asked_for_and_comes_back(self):
        """Without the app of ratings there is no such way."""
        if "rating.rating" not in self.env:
            self.assertNotIn("survey", self.acting(self.record))
            return
        for record in (self.record, self.partner):
            self.assertIn("survey", self.acting(record))
            message = self.send(self.start("survey", record))
            self.assertEqual(message.partner_ids, self.partner)
            links = re.findall(r"/rate/([0-9a-f]+)/([135])", message.body)
            self.assertEqual([value for _token, value in links], ["5", "3", "1"])
            self.authenticate(None, None)
            token = links[0][0]
            self.assertEqual(self.url_open(f"/rate/{token}/5").status_code, 200)
            self.url_open(f"/rate/{token}/submit_feedback", data={"rate": 5, "feedback": "Giao nhanh", "csrf_token": http.Request.csrf_token(self)})
            rating = self.env["rating.rating"].search([("access_token", "=", token)])
            self.assertEqual((rating.rating, rating.consumed, rating.partner_id), (5, True, self.partner))
        self.assertFalse(self.partner.sop_interaction_ids.filtered(lambda row: row.type_id.code == "survey"), "the screen records what was sent")

    def test_an_offer_is_sent(self):
        """A coupon of the customer's own first, else a program that runs, with its code; else it is only recorded."""
        if "loyalty.program" not in self.env:
            self.assertNotIn("promotion", self.acting(self.record))
            return
        self.env["loyalty.program"].search([]).active = False
        self.assertFalse({"promotion", "offer_after_sale"} & self.acting(self.record))
        self.assertFalse(self.start("promotion"), "only recorded")
        program = self.env["loyalty.program"].create(
            {
                "name": "Tết",
                "program_type": "promo_code",
                "trigger": "with_code",
                "rule_ids": [Command.create({"mode": "with_code", "code": "TET2031"})],
                "reward_ids": [Command.create({"reward_type": "discount", "discount": 10})],
            }
        )
        self.assertLessEqual({"promotion", "offer_after_sale"}, self.acting(self.record))
        message = self.send(self.start("promotion"))
        self.assertIn("TET2031", message.body)
        self.assertIn("10%", message.body)
        program.date_to = fields.Date.today() - timedelta(days=1)
        self.assertFalse(self.start("promotion"), "it is over")
        coupons = self.env["loyalty.program"].create(
            {"name": "Phiếu", "program_type": "coupons", "trigger": "with_code", "applies_on": "current", "reward_ids": [Command.create({})]}
        )
        self.env["loyalty.card"].create({"program_id": coupons.id, "partner_id": self.partner.id, "points": 1})
        action = self.start("offer_after_sale")
        self.assertEqual(action["context"]["default_model"], "loyalty.card")

    def test_without_an_address_nothing_acts(self):
        self.partner.email = False
        self.assertFalse(self.acting(self.record) | self.acting(self.partner) | self.acting(self.lead()))
        self.assertFalse(self.start("survey"))

    def test_a_message(self):
        message = self.send(self.start("personal_message"))
        self.assertEqual(message.partner_ids, self.partner)

    def test_rights_and_bad_input(self):
        theirs = self.lead(user=self.seller2, partner_id=self.partner.id)
        with self.assertRaises(AccessError):
            self.start("survey", theirs)
        Interaction = self.env["sop.interaction"]
        with self.assertRaises(AccessError):
            Interaction.with_user(self.portal).action_start("crm.lead", self.record.id, self.type_of("survey").id)
        self.assertFalse(Interaction.action_start("crm.lead", self.record.id, 10**9))
        with self.assertRaises(UserError):
            Interaction.action_start("res.users", 1, self.type_of("survey").id)

    def test_in_the_browser(self):
        """Closed without sending it is not recorded; sent, it is, and can be undone."""
        self.seller.password = "j_seller"
        self.browser_js(
            f"/odoo/crm/{self.record.id}",
            """
            (async () => {
                const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 50)); return test(); };
                (await until(() => document.querySelector("a.nav-link[name=sop_journey]"))).click();
                const way = () => document.querySelector(".o_sop_way:has(.fa-paper-plane-o)");
                (await until(way)).click();
                (await until(() => document.querySelector(".modal .btn-close"))).click();
                await until(() => !document.querySelector(".modal"));
                if (document.querySelector(".o_sop_added")) throw new Error("recorded without being sent");
                way().click();
                (await until(() => document.querySelector(".modal [name=action_send_mail]:not([disabled])"))).click();
                await until(() => document.querySelector(".o_sop_added .o_sop_undo"));
                const label = document.querySelector(".o_sop_suggestion").textContent;
                if (!/^\\S.*: \\S/.test(label.trim())) throw new Error(`${label} does not say that it only records`);
                console.log("test successful");
            })().catch((error) => console.error(error.message));
        """,
            ready="odoo.isReady",
            login="j_seller",
            timeout=120,
        )
        self.assertIn("personal_message", self.record.sop_interaction_ids.type_id.mapped("code"))


@tagged("post_install", "-at_install")
class TestCollector(JourneyCommon):
    """Facts of apps that may be there: once each, whatever the number of runs."""

    def collect(self):
        """What the job does, without its commits."""
        Interaction = self.env["sop.interaction"].sudo()
        for model, find in Interaction._sop_collectors().items():
            if model in self.env:
                Interaction._sop_record_batch(self.env.execute_query_dict(find()))

    def codes(self):
        return sorted(row.type_id.code for row in self.partner.sop_interaction_ids)

    def make_visits(self):
        """Two pages and a product of one day, one page of the day before; a stranger's visit."""
        visitor, stranger = self.env["website.visitor"].create(
            [
                {"access_token": str(self.partner.id), "website_id": self.env["website"].search([], limit=1).id},
                {"access_token": "f" * 32, "website_id": self.env["website"].search([], limit=1).id},
            ]
        )
        now = fields.Datetime.now()
        tracks = [
            {"visitor_id": visitor.id, "url": "/a", "visit_datetime": now},
            {"visitor_id": visitor.id, "url": "/b", "visit_datetime": now},
            {"visitor_id": visitor.id, "url": "/a", "visit_datetime": now - timedelta(days=1)},
            {"visitor_id": stranger.id, "url": "/a", "visit_datetime": now},
        ]
        expected = ["visit", "visit"]
        if "product_id" in self.env["website.track"]._fields:
            tracks.append({"visitor_id": visitor.id, "url": "/shop/x", "product_id": self.product.id, "visit_datetime": now})
            expected.append("product_view")
        self.env["website.track"].create(tracks)
        return expected

    def test_a_morning_in_vietnam_is_one_visit(self):
        """Where nobody has set a time zone: seven o'clock in the morning is no midnight."""
        self.env.company.partner_id.tz = False
        visitor = self.env["website.visitor"].create({"access_token": str(self.partner.id), "website_id": self.env["website"].search([], limit=1).id})
        midnight = fields.Datetime.now().replace(hour=0, minute=0, second=0) - timedelta(days=1)
        self.env["website.track"].create(
            [{"visitor_id": visitor.id, "url": "/a", "visit_datetime": midnight + timedelta(hours=hours)} for hours in (-0.5, 0.5, 16.5)]
        )
        for _run in range(2):
            self.collect()
        self.assertEqual(self.codes(), ["visit"])

    def make_deliveries(self):
        order = self.order(confirm=True)
        for move in order.picking_ids.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        order.picking_ids.button_validate()
        return ["delivery", "order"]

    def make_ratings(self):
        self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get("res.partner").id,
                "res_id": self.partner.id,
                "partner_id": self.partner.id,
                "rating": 5,
                "consumed": True,
            }
        )
        return ["rating"]

    def make_mailings(self):
        self.env["mailing.trace"].create(
            [
                {"model": "res.partner", "res_id": res_id, "email": "a@example.com", "sent_datetime": fields.Datetime.now()}
                for res_id in (self.partner.id, 10**9)
            ]
        )
        return ["mail"]

    def test_once_each(self):
        makers = {
            "website.track": self.make_visits,
            "stock.picking": self.make_deliveries,
            "rating.rating": self.make_ratings,
            "mailing.trace": self.make_mailings,
        }
        self.assertEqual(set(makers), set(self.env["sop.interaction"]._sop_collectors()))
        expected = [code for model, make in makers.items() if model in self.env for code in make()]
        for _run in range(3):
            self.collect()
            self.assertEqual(self.codes(), sorted(expected))

    def test_vanished_people(self):
        """A row about somebody who is gone records nothing, and spoils nothing for the others."""
        rows = [
            {"code": "visit", "partner_id": partner_id, "res_model": "res.partner", "res_id": partner_id} for partner_id in (10**9, self.partner.id)
        ]
        self.env["sop.interaction"]._sop_record_batch([*rows, {"code": "visit", "lead_id": 10**9}])
        self.assertEqual(self.codes(), ["visit"])


@tagged("post_install", "-at_install")
class TestCalibration(JourneyCommon):
    """Row P14: share won per face, with sample and interval, silent below 20."""

    def test_calibration(self):
        """25 leads rated Hứng thú by one, 12 won; 19 by another, all won: their share is not shown."""
        domain = [("team_id", "=", self.team.id)]
        for user, count, won in ((self.seller, 25, 12), (self.seller2, 19, 19)):
            for number in range(count):
                lead = self.lead(user=user, name=f"{user.id}-{number}")
                for _twice in range(1 + number % 2):
                    self.call(lead, user).action_rate("interested", [self.product.id])
                if number < won:
                    lead.action_set_won()
                else:
                    lead.action_set_lost()
        self.call(self.lead()).action_rate("interested")  # not decided yet: no evidence
        Report = self.env["sop.pipeline.report"].with_user(self.manager)
        everybody, first, second = Report.get_calibration("user", domain)
        self.assertEqual([line["key"] for line in (everybody, first, second)], [False, self.seller.id, self.seller2.id])
        face = first["faces"][2]
        self.assertEqual((face["interest"], face["sample"], face["won"]), ("interested", 25, 12))
        self.assertAlmostEqual(face["share"], 0.48)
        self.assertTrue(face["low"] < 0.48 < face["high"])
        self.assertEqual((second["faces"][2]["sample"], second["faces"][2]["share"], second["faces"][2]["low"]), (19, False, False))
        self.assertAlmostEqual(everybody["faces"][2]["share"], 31 / 44)
        self.assertEqual(everybody["faces"][0]["sample"], 0)
        by_product = Report.get_calibration("product", domain)
        self.assertEqual((by_product[1]["key"], by_product[1]["faces"][2]["sample"]), (self.product.id, 44))
        self.assertEqual(len(Report.get_calibration("all", domain)), 1)
        for days in ({"as_of": "2001-01-01"}, {"date_to": "2001-01-01"}, {"date_from": "2099-01-01"}):
            self.assertEqual([face["sample"] for face in Report.get_calibration("all", domain, **days)[0]["faces"]], [0, 0, 0], days)
        self.assertEqual(Report.with_user(self.seller).get_calibration("all", domain)[0]["faces"][2]["sample"], 25)
        with self.assertRaises(UserError):
            Report.get_calibration("name")
        with self.assertRaises(AccessError):
            Report.with_user(self.portal).get_calibration()


@tagged("post_install", "-at_install")
class TestJourneyBrowser(JourneyCommon, HttpCase):
    """Two clicks in a browser."""

    def test_two_clicks(self):
        lead = self.lead(partner_id=self.partner.id)
        self.seller.password = "j_seller"
        self.browser_js(
            f"/odoo/crm/{lead.id}",
            """
            (async () => {
                const until = async (test) => { while (!test()) await new Promise((done) => setTimeout(done, 50)); return test(); };
                (await until(() => document.querySelector("a.nav-link[name=sop_journey]"))).click();
                (await until(() => document.querySelector(".o_sop_journey .o_sop_add"))).click();
                (await until(() => document.querySelector(".o_sop_types .dropdown-item:has(.fa-flask)"))).click();
                await until(() => document.querySelector(".o_sop_event[data-phase=consideration]"));
                await until(() => document.querySelector(".o_sop_phase_here[data-phase=consideration]"));
                const note = await until(() => document.querySelector(".o_sop_added input"));
                note.value = "gửi hai màu";
                note.dispatchEvent(new Event("change"));
                await until(() => document.querySelector(".o_sop_event")?.textContent.includes("gửi hai màu"));
                // recorded by mistake: undone
                document.querySelector(".o_sop_journey .o_sop_add").click();
                (await until(() => document.querySelector(".o_sop_all_phases"))).click();
                (await until(() => document.querySelectorAll(".o_sop_types .dropdown-header").length === 5));
                document.querySelector(".o_sop_types .dropdown-item .fa-gift, .o_sop_types .dropdown-item .fa").closest(".dropdown-item").click();
                (await until(() => document.querySelector(".o_sop_undo"))).click();
                await until(() => document.querySelectorAll(".o_sop_event").length === 1 && !document.querySelector(".o_sop_added"));
                console.log("test successful");
            })().catch((error) => console.error(error.message));
        """,
            ready="odoo.isReady",
            login="j_seller",
            timeout=120,
        )
        self.assertEqual(lead.sop_interaction_ids.type_id, self.type_of("sample"))
