import random
from datetime import datetime, timedelta
from statistics import mean, median

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tests.common import warmup

from ..tools.moves import CODES
from .journey_common import JourneyCommon

START = datetime(2026, 3, 1)


def p90(values):
    """The 90th percentile, between neighbours in proportion."""
    ordered = sorted(values)
    place = 0.9 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def walk(history):
    """Replay one lead's history, event by event: what an auditor with paper and pencil would do.

    :param history: list of (time, code, status) in order
    :return: dict code -> [times entered, days open there, complete], and where the lead is in the end
    """
    stays = {}
    order = []  # stages in the order they were visited
    place = status = since = None
    for at, code, new_status in history:
        if place and status == "open" and place in stays:
            stays[place]["days"] += (at - since).total_seconds() / 86400
        if code != place and code:
            stays.setdefault(code, {"entered": [], "days": 0.0, "was_open": False})["entered"].append(at)
            order.append(code)
        place, status, since = code, new_status, at
        if status == "open" and place:
            stays[place]["was_open"] = True
    return stays, order, place, status


def recount(histories, start=None, end=None):
    """The funnel by walking each history; slow, simple, and independent of the report."""
    rows = {code: {"entered": 0, "entries": 0, "to_next": 0, "won": 0, "here": 0, "lost": 0, "days": []} for code in CODES}
    for history in histories:
        stays, order, place, status = walk(history)
        for code, stay in stays.items():
            inside = [number for number, at in enumerate(stay["entered"]) if (not start or at >= start) and (not end or at < end)]
            if inside:
                row = rows[code]
                row["entered"] += 1
                row["entries"] += len(inside)
                visit = [place for place, visited in enumerate(order) if visited == code][inside[0]]
                row["to_next"] += any(CODES.index(later) > CODES.index(code) for later in order[visit + 1 :])
                row["won"] += status == "won"
                if stay["was_open"] and not (place == code and status == "open"):
                    row["days"].append(stay["days"])
        if place:
            rows[place]["here"] += status in ("open", "won")
            rows[place]["lost"] += status == "lost"
    return rows


@tagged("post_install", "-at_install")
class TestFunnel(JourneyCommon):
    """The funnel against a recount, and its rights, bounds and bad input."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["sop.pipeline.report"].with_user(cls.manager)
        cls.stages = {code: cls.env["crm.stage"]._get_by_code(code) for code in CODES}
        cls.mine = [("team_id", "=", cls.team.id)]

    def funnel(self, domain=None, **period):
        return {row["code"]: row for row in self.Report.get_funnel(domain or self.mine, **period)}

    def lead_with(self, history, **values):
        """A lead whose history is written down as given: list of (time, code, status)."""
        lead = self.lead(stage_id=self.stages[history[0][1]].id, **values)
        self.env.cr.execute("DELETE FROM sop_stage_move WHERE lead_id = %s", [lead.id])
        previous = (None, None, None)
        for at, code, status in history:
            seconds = (at - previous[0]).total_seconds() if previous[0] else 0
            self.env["sop.stage.move"].create(
                {
                    "lead_id": lead.id,
                    "team_id": self.team.id,
                    "at": at,
                    "cause": "manual",
                    "seconds": seconds,
                    "from_code": previous[1],
                    "from_status": previous[2],
                    "to_code": code,
                    "to_status": status,
                    "from_stage_id": self.stages[previous[1]].id if previous[1] else False,
                    "to_stage_id": self.stages[code].id,
                }
            )
            previous = (at, code, status)
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", [history[0][0], lead.id])
        lead.invalidate_recordset()
        return lead

    def random_history(self, dice):
        """A history such as people make them: forward, back, lost, restored, in one second or over weeks."""
        at = START + timedelta(days=dice.uniform(0, 60))
        at = at.replace(microsecond=0)
        code, status = dice.choice(CODES[:3]), "open"
        history = [(at, code, status)]
        for _step in range(dice.randrange(7)):
            at += timedelta(seconds=dice.choice((0, 0, 1, 3600, 86400 * dice.randrange(1, 20))))
            what = dice.random()
            if what < 0.15:
                status = "lost" if status == "open" else "open"
            elif what < 0.2:
                status = "archived" if status == "open" else "open"
            else:
                code = dice.choice(CODES)
                status = dice.choice(("open", "open", "open", "lost"))
            if code == "close" and status == "open":
                status = "won"
            if (code, status) != history[-1][1:]:
                history.append((at, code, status))
        return history

    def assertSame(self, found, histories, **period):
        expected = recount(histories, **period)
        for code in CODES:
            days = expected[code].pop("days")
            for name, value in expected[code].items():
                self.assertEqual(found[code][name], value, (code, name, period))
            self.assertEqual(found[code]["reentries"], expected[code]["entries"] - expected[code]["entered"])
            self.assertAlmostEqual(found[code]["median_days"], median(days) if days else 0, 5, (code, period))
            self.assertAlmostEqual(found[code]["p90_days"], p90(days) if days else 0, 5, (code, period))
            self.assertAlmostEqual(found[code]["average_days"], mean(days) if days else 0, 5, (code, period))
            whole = expected[code]["entered"]
            self.assertAlmostEqual(found[code]["conversion_to_next"], expected[code]["to_next"] / whole if whole else 0)
            self.assertAlmostEqual(found[code]["conversion_to_won"], expected[code]["won"] / whole if whole else 0)

    def test_source_example(self):
        """Row V3: 50 in one stage of which 5 are won reads 10 %."""
        convert = self.stages["convert"].id
        leads = self.env["crm.lead"].concat(*[self.lead(name=str(number), stage_id=convert) for number in range(50)])
        leads[:5].write({"stage_id": self.stages["close"].id})
        row = self.funnel()["convert"]
        self.assertEqual((row["entered"], row["to_next"], row["won"], row["here"]), (50, 5, 5, 45))
        self.assertEqual((row["conversion_to_next"], row["conversion_to_won"]), (0.1, 0.1))
        self.assertEqual([row["code"] for row in self.Report.get_funnel(self.mine)], list(CODES))

    def test_against_recount(self):
        """Now, over a period and as of any day, the report is the recount, on random histories."""
        dice = random.Random(7)
        for _round in range(6):
            histories = [self.random_history(dice) for _lead in range(25)]
            leads = self.env["crm.lead"].concat(*[self.lead_with(history) for history in histories])
            domain = [("id", "in", leads.ids)]
            self.assertSame(self.funnel(domain), histories)
            for _period in range(4):
                start = START + timedelta(days=dice.uniform(0, 60))
                end = start + timedelta(days=dice.uniform(1, 40))
                self.assertSame(self.funnel(domain, date_from=start, date_to=end), histories, start=start, end=end)
            for _day in range(4):
                as_of = dice.choice(dice.choice(histories))[0]
                past = [[event for event in history if event[0] <= as_of] for history in histories]
                self.assertSame(self.funnel(domain, as_of=as_of), [history for history in past if history])

    def test_parts_add_up(self):
        """Told apart by anything each lead has once, the parts are the whole; so does the pivot's table."""
        dice = random.Random(3)
        sources = self.env["utm.source"].create([{"name": f"Nguồn {number}"} for number in range(3)])
        for _lead in range(30):
            self.lead_with(self.random_history(dice), source_id=dice.choice([*sources.ids, False]), user=dice.choice([self.seller, self.seller2]))
        whole = self.funnel()
        for dimension in ("team", "user", "source", "campaign", "interest", "week"):
            parts = self.Report.get_funnel_by(dimension, self.mine)
            for number, code in enumerate(CODES):
                for name in ("entered", "entries", "to_next", "won", "here", "lost"):
                    total = sum(part["rows"][number][name] for part in parts)
                    self.assertEqual(total, whole[code][name], (dimension, code, name))
        for code, count, to_next, won, entries in self.Report._read_group(self.mine, ["code"], ["__count", "to_next:avg", "won:avg", "entries:sum"]):
            row = whole[code]
            self.assertEqual((count, entries), (row["entered"], row["entries"]))
            self.assertAlmostEqual(to_next, row["conversion_to_next"])
            self.assertAlmostEqual(won, row["conversion_to_won"])
        known = sum(row["here"] + row["lost"] for row in whole.values())
        gone = self.env["crm.lead"].with_context(active_test=False).search_count(self.mine) - known
        archived = self.Report.search_count([*self.mine, ("is_here", "=", True), ("status", "=", "archived")])
        self.assertEqual(gone, archived)

    def test_by_product(self):
        first, second = self.lead(), self.lead()
        other = self.env["product.product"].create({"name": "Áo", "list_price": 5, "type": "consu"})
        for lead in (first, second):
            self.call(lead).action_rate("interested", [self.product.id])
        self.order(partner=self.partner, opportunity_id=first.id).order_line.product_id = other
        found = {part["key"]: part["rows"] for part in self.Report.get_funnel_by("product", self.mine)}
        self.assertEqual({key: rows[2]["entered"] for key, rows in found.items()}, {self.product.id: 2, other.id: 1})

    def test_summary(self):
        """Row V2: success rate and time to close; what is lost adds up to what was lost."""
        reason = self.env["crm.lost.reason"].create({"name": "Giá cao"})
        for days in (1, 2, 9):
            self.lead_with([(START, "collect", "open"), (START + timedelta(days=days), "close", "won")])
        for code, why in (("contact", reason), ("contact", reason), ("convert", reason.browse())):
            lead = self.lead_with([(START, code, "open"), (START + timedelta(days=3), code, "lost")])
            self.env.cr.execute("UPDATE crm_lead SET lost_reason_id = %s WHERE id = %s", [why.id or None, lead.id])
        summary = self.Report.get_summary(self.mine)
        self.assertEqual((summary["won"], summary["lost"], summary["success_rate"]), (3, 3, 0.5))
        self.assertAlmostEqual(summary["average_days"], 4)
        self.assertAlmostEqual(summary["median_days"], 2)
        self.assertAlmostEqual(summary["p90_days"], p90([1, 2, 9]))
        self.assertEqual(
            [(line["code"], line["reason_id"], line["count"]) for line in summary["lost_by"]], [("contact", reason.id, 2), ("convert", False, 1)]
        )
        self.assertEqual(summary["lost_by"][0]["reason"], "Giá cao")
        first_day = self.Report.get_summary(self.mine, date_to=START + timedelta(days=1, hours=1))
        self.assertEqual((first_day["won"], first_day["lost"], first_day["success_rate"]), (1, 0, 1))
        self.assertEqual(self.Report.get_summary(self.mine, as_of=START)["success_rate"], 0)

    def test_day_limits(self):
        """A day is the company's, not the server's: half past midnight in Hà Nội is today there."""
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.lead_with([(datetime(2026, 3, 9, 17, 30), "collect", "open")])  # 00:30 on the 10th
        self.assertEqual(self.funnel(date_from="2026-03-10", date_to="2026-03-10")["collect"]["entered"], 1)
        self.assertEqual(self.funnel(date_to="2026-03-09")["collect"]["entered"], 0)
        self.assertEqual(self.funnel(as_of="2026-03-09")["collect"]["here"], 0)
        self.assertEqual(self.funnel(as_of="2026-03-10")["collect"]["here"], 1)

    def test_merged_leads(self):
        """Two leads merged are one now, and were two on the day before."""
        leads = self.lead(partner_id=self.partner.id)
        leads |= self.lead(partner_id=self.partner.id, stage_id=self.stages["evaluate"].id)
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.env.cr.execute("UPDATE sop_stage_move SET at = at - interval '2 days' WHERE lead_id IN %s", [tuple(leads.ids)])
        merged = leads.merge_opportunity()
        domain = [("id", "=", merged.id)]
        self.assertEqual(sum(row["here"] for row in self.funnel(domain).values()), 1)
        before = self.funnel(domain, as_of=yesterday)
        self.assertEqual((before["collect"]["here"], before["evaluate"]["here"]), (1, 1))

    def test_deleted_team_and_gap(self):
        """A deleted team, and a history whose beginning is missing, leave the sums right."""
        team = self.env["crm.team"].create({"name": "Cũ", "sop_process": True, "sequence": 95})
        lead = self.lead_with(
            [(START, "collect", "open"), (START + timedelta(days=1), "contact", "open"), (START + timedelta(days=2), "convert", "open")]
        )
        self.env["sop.stage.move"].search([("lead_id", "=", lead.id)]).team_id = team
        team.unlink()
        self.env["sop.stage.move"].search([("lead_id", "=", lead.id), ("to_code", "=", "contact")]).unlink()
        found = self.funnel([("id", "=", lead.id)])
        self.assertEqual([found[code]["entered"] for code in CODES], [1, 0, 0, 1, 0])
        self.assertEqual((found["collect"]["to_next"], found["convert"]["here"]), (1, 1))
        self.assertEqual(found["collect"]["median_days"], 0, "how long it took is not known, so it is not guessed")

    def test_deleted_stage(self):
        """Teams that left the process and stages deleted since keep their place in the past: the codes stay."""
        own = self.env["crm.stage"].create({"name": "Riêng", "team_ids": [Command.link(self.env["crm.team"].create({"name": "Khác"}).id)]})
        lead = self.lead_with([(START, "collect", "open"), (START + timedelta(days=1), "contact", "open")])
        moves = self.env["sop.stage.move"].search([("lead_id", "=", lead.id)])
        moves.filtered(lambda move: move.to_code == "contact").to_stage_id = own
        own.unlink()
        found = self.funnel([("id", "=", lead.id)])
        self.assertEqual([found[code]["entered"] for code in CODES], [1, 0, 1, 0, 0])
        self.assertEqual((found["contact"]["here"], found["collect"]["median_days"]), (1, 1))

    def test_clock_went_back(self):
        """The next move after a clock was put back is not before the last one, and every lead is in one place, whatever the rows say."""
        lead = self.lead()
        self.env["sop.stage.move"].search([("lead_id", "=", lead.id)]).at = fields.Datetime.now() + timedelta(hours=3)  # the clock was ahead
        self.env.flush_all()
        lead.stage_id = self.stages["evaluate"]
        found = self.funnel([("id", "=", lead.id)])
        self.assertEqual([found[code]["entered"] for code in CODES], [1, 1, 0, 0, 0])
        self.assertEqual((found["evaluate"]["here"], found["collect"]["here"], found["collect"]["median_days"]), (1, 0, 0))
        # rows written so by somebody else: each lead still counts once, and no time in a stage is less than none
        other = self.lead_with(
            [(START, "collect", "open"), (START + timedelta(days=5), "contact", "open"), (START + timedelta(days=3), "convert", "open")]
        )
        found = self.funnel([("id", "=", other.id)])
        self.assertEqual([found[code]["entered"] for code in CODES], [1, 0, 1, 1, 0])
        self.assertEqual(sum(row["here"] for row in found.values()), 1)
        self.assertGreaterEqual(min(row["average_days"] for row in found.values()), 0)

    def test_rights(self):
        self.lead(user=self.seller)
        self.lead(user=self.seller2)
        count = lambda user: self.env["sop.pipeline.report"].with_user(user).get_funnel(self.mine)[0]["entered"]  # noqa: E731
        self.assertEqual([count(self.seller), count(self.manager), count(self.foreign)], [1, 2, 0])
        for user in (self.portal, self.env.ref("base.public_user")):
            for method in ("get_funnel", "get_summary"):
                with self.assertRaises(AccessError):
                    getattr(self.env["sop.pipeline.report"].with_user(user), method)()
        self.assertEqual(self.env["sop.pipeline.report"].with_user(self.seller).search_count(self.mine), 1)

    def test_bad_input(self):
        for values in (
            {"date_from": "hôm qua"},
            {"as_of": 7},
            {"date_to": []},
            {"date_to": {"a": 1}},
            {"domain": "x"},
            {"domain": [("no_field", "=", 1)]},
            {"domain": 3},
            {"domain": [[]]},
        ):
            with self.subTest(**values), self.assertRaises(UserError):
                self.Report.get_funnel(**values)
        with self.assertRaises(UserError):
            self.Report.get_funnel_by("create_uid; DROP TABLE crm_lead")
        nobody = self.Report.get_funnel([("id", "=", 0)])
        self.assertEqual({row["entered"] for row in nobody} | {row["conversion_to_won"] for row in nobody}, {0})

    @warmup
    def test_queries(self):
        """One statement however many leads."""
        self.lead()
        self.Report.get_funnel(self.mine)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.Report.get_funnel(self.mine)
        with self.assertQueryCount(2):  # one for who moved in it, one for who stands where
            self.Report.get_funnel(self.mine, date_from="2026-03-01")
        with self.assertQueryCount(2):
            self.Report.get_funnel_by("week", self.mine)
