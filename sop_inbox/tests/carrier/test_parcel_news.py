import json
from datetime import timedelta
from random import Random
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from psycopg2.errors import SerializationFailure

from odoo.addons.sop_pipeline.tests.doors import spoil

from ..race_common import RaceCommon
from .test_order_parcels import ParcelCommon
from .test_parcel_life import ghn, ghtk, jt, viettelpost


class LifeCommon(ParcelCommon):
    def setUp(self):
        super().setUp()
        self.patch(type(self.env["sop.parcel.news"]), "_in_own_transaction", lambda model, work: work())
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60)

    def shipped(self, carrier, **values):
        """Return the parcel of a delivery that its carrier has."""
        picking = self.picking(carrier, **values)
        self.send(picking)
        picking.invalidate_recordset()
        return picking.sop_parcel_ids

    def steps(self, parcel, *states):
        """What the courier does, at the double."""
        for state in states:
            self.assertNotIn("error", self.double.play_step(parcel.tracking_ref, state))

    def hear(self, carrier, *bodies, trusted=True):
        """Webhooks of a carrier that came, and the worker's run over them."""
        news = self.env["sop.parcel.news"]
        for body in bodies:
            news._store(carrier, body, trusted)
        news.invalidate_model()
        news._apply_due()
        self.env.invalidate_all()
        return news.search([("carrier_id", "=", carrier.id)])


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelNews(LifeCommon):
    """What carriers say moves the parcel."""

    def test_a_parcel_goes_its_way(self):
        parcel = self.shipped(self.vtp)
        code, when = parcel.tracking_ref, fields.Datetime.now() - timedelta(days=1)

        def said(status, hours, **values):
            at = (when + timedelta(hours=hours + 7)).strftime("%d/%m/%Y %H:%M:%S")
            return viettelpost(ORDER_NUMBER=code, ORDER_REFERENCE="", ORDER_STATUS=status, ORDER_STATUSDATE=at, **values)

        for status, state in ((105, "picked"), (300, "moving"), (500, "out"), (506, "failed")):
            self.hear(self.vtp, said(status, status / 100, REASON_CODE=36, NOTE="Không nghe máy"))
            self.assertEqual(parcel.state, state)
        self.assertEqual((parcel.tries, parcel.reason, parcel.reason_id.fault), (1, "Không nghe máy", "unclear"))
        self.hear(self.vtp, said(550, 6), said(500, 5.02), said(550, 6))
        self.assertEqual((parcel.state, parcel.tries, parcel.reason), ("out", 2, False))
        self.hear(self.vtp, said(501, 7, MONEY_COLLECTION=150_000, MONEY_TOTAL=36_000, PRODUCT_WEIGHT=300))
        self.assertEqual((parcel.state, parcel.collected, parcel.carrier_fee, parcel.weighed), ("delivered", 150_000, 36_000, 300))
        self.hear(self.vtp, said(502, 8))
        self.assertEqual(parcel.state, "delivered")
        self.assertEqual(len(parcel.event_ids), 8, "a repetition is no event, and one after the end is kept")
        self.assertFalse(parcel.due_at)
        self.assertEqual(parcel.since, (when + timedelta(hours=7)).replace(microsecond=0))

    def test_any_order_of_webhooks_ends_in_the_same_parcel(self):
        """Not the state alone: the reason, the money, the weight and the picture are those of the carrier's time, too."""
        when, dice, ends = fields.Datetime.now() - timedelta(hours=9), Random(19), set()
        facts = [
            (105, {}),
            (200, {"MONEY_TOTAL": 30_000, "PRODUCT_WEIGHT": 400}),
            (500, {}),
            (506, {"REASON_CODE": 30, "NOTE": "Không nhận"}),
            (500, {"MONEY_TOTAL": 41_000, "PRODUCT_WEIGHT": 900}),
            (505, {"REASON_CODE": 31, "NOTE": "Không đặt"}),
            (502, {"POD": {"IMAGES": ["https://pod/1"]}}),
            (504, {}),
        ]
        for _time in range(8):
            parcel, bodies = self.shipped(self.vtp), []
            for hour, (status, values) in enumerate(facts):
                at = (when + timedelta(hours=hour + 7)).strftime("%d/%m/%Y %H:%M:%S")
                said = {**dict.fromkeys(("MONEY_TOTAL", "PRODUCT_WEIGHT", "MONEY_COLLECTION", "REASON_CODE")), "ORDER_REFERENCE": "", "NOTE": ""}
                said |= {"ORDER_NUMBER": parcel.tracking_ref, "ORDER_STATUS": status, "ORDER_STATUSDATE": at}
                bodies.append(viettelpost(**{**said, **values}))
            dice.shuffle(bodies)
            for body in [*bodies, *dice.sample(bodies, 3)]:
                self.hear(self.vtp, body)
            ends.add((parcel.state, parcel.tries, parcel.reason_id.code, parcel.reason, parcel.carrier_fee, parcel.weighed, parcel.proof))
        self.assertEqual(ends, {("returned", 2, "31", "Không đặt", 41_000, 900, "https://pod/1")})

    def test_an_amount_of_nothing_is_one_that_was_said(self):
        """The cash was changed to nothing and an older sum comes late; a body without the sum says nothing of it."""
        for facts, cash in (
            ([(3, 0), (1, 150_000)], 0),
            ([(1, 150_000), (3, 0)], 0),
            ([(3, 0), (4, None), (1, 150_000), (2, None)], 0),
            ([(2, 150_000), (1, 0)], 150_000),
            ([(1, 0), (2, 150_000), (3, None)], 150_000),
        ):
            parcel = self.shipped(self.vtp)
            for hours, said in facts:
                at = (fields.Datetime.now() + timedelta(hours=hours - 5 + 7)).strftime("%d/%m/%Y %H:%M:%S")
                self.hear(self.vtp, viettelpost(ORDER_NUMBER=parcel.tracking_ref, ORDER_REFERENCE="", ORDER_STATUSDATE=at, MONEY_COLLECTION=said))
            self.assertEqual(parcel.collected, cash, facts)

    def test_what_the_way_back_costs(self):
        """GHN signs nothing: the fee of its webhook counts for nothing, that of its own answer does."""
        parcel = self.shipped(self.ghn)
        self.steps(parcel, "picked", "out", "failed", "returning", "returned")
        said = {"Type": "update_fee", "Fee": {"MainService": 31_000, "Return": 99_000}, "Time": self.iso(minutes=-5)}
        self.hear(self.ghn, ghn(OrderCode=parcel.tracking_ref, Status="returning", **said), trusted=False)
        self.assertEqual((parcel.carrier_return_fee, parcel.event_ids[:1].return_fee), (0, 99_000))
        parcel._follow()
        self.assertEqual((parcel.state, parcel.carrier_return_fee), ("returned", 15_500))

    def test_a_part_that_came_back(self):
        parcel, whole = self.shipped(self.ghtk), self.shipped(self.ghtk)
        self.hear(self.ghtk, ghtk(label_id=parcel.tracking_ref, status_id=5, return_part_package=1))
        self.hear(self.ghtk, ghtk(label_id=whole.tracking_ref, status_id=5))
        self.assertEqual((parcel.state, parcel.part_returned, whole.part_returned), ("delivered", True, False))

    def test_the_same_body_is_kept_once(self):
        parcel = self.shipped(self.ghtk)
        body = ghtk(label_id=parcel.tracking_ref)
        self.assertEqual(len(self.hear(self.ghtk, body, body)), 1)
        self.assertEqual(len(parcel.event_ids), 1)

    def test_a_late_webhook_takes_back_no_question(self):
        """GHN: delivered, and after it an earlier "out" that was held up: the carrier is still to be asked at once."""
        parcel = self.shipped(self.ghn)
        self.steps(parcel, "picked", "out", "delivered")
        for status, minutes in (("delivered", -5), ("delivering", -9)):
            self.hear(self.ghn, ghn(OrderCode=parcel.tracking_ref, Status=status, Time=self.iso(minutes=minutes)), trusted=False)
            self.assertLessEqual(parcel.ask_at, fields.Datetime.now(), status)
        parcel._follow()
        self.assertEqual(parcel.state, "delivered")
        self.assertFalse(parcel.ask_at)

    def test_what_proves_nothing_ends_nothing(self):
        """GHN signs nothing: a stranger who knows the address ends no parcel, and the carrier's answer does."""
        parcel = self.shipped(self.ghn)
        wake = [("cron_id", "=", self.env.ref("sop_inbox.sop_parcel_follow_cron").id)]
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count(wake)
        self.hear(self.ghn, ghn(OrderCode=parcel.tracking_ref, Status="picked", Time=self.iso(minutes=-6)), trusted=False)
        self.assertEqual(triggers.search_count(wake), before, "what ends nothing can wait")
        body = ghn(OrderCode=parcel.tracking_ref, Status="delivered", CODAmount=1, Time=self.iso(minutes=-5))
        self.hear(self.ghn, body, trusted=False)
        self.assertEqual((parcel.state, parcel.collected), ("picked", 0))
        self.assertLessEqual(parcel.ask_at, fields.Datetime.now(), "the carrier is to be asked at once")
        self.assertEqual(triggers.search_count(wake), before + 1, "and its job is woken")
        self.steps(parcel, "picked", "out", "delivered")
        self.env["sop.parcel"]._cron_follow()
        self.assertEqual((parcel.state, parcel.ask_at), ("delivered", False))

    def iso(self, **ago):
        return (fields.Datetime.now() + timedelta(**ago)).isoformat() + "Z"

    def test_a_webhook_tells_the_waybill_nobody_answered(self):
        """Viettel Post's own rule: after a time-out the waybill comes with the webhook."""
        picking = self.lose(self.vtp)
        parcel = picking.sop_parcel_ids
        self.assertEqual(parcel.state, "unknown")
        code = next(code for (name, ref), code in self.double.waybills.items() if ref == parcel.our_ref)
        self.hear(self.vtp, viettelpost(ORDER_NUMBER=code, ORDER_REFERENCE=parcel.our_ref, ORDER_STATUS=105))
        self.assertEqual((parcel.state, parcel.tracking_ref), ("picked", code))
        stranger = self.lose(self.ghn).sop_parcel_ids
        self.hear(self.ghn, ghn(OrderCode="FOREIGN", ClientOrderCode=stranger.our_ref, Status="picked"), trusted=False)
        self.assertEqual((stranger.state, stranger.tracking_ref), ("unknown", False), "a waybill is not taken from anybody")

    def test_a_delivery_in_use_gets_its_waybill_all_the_same(self):
        """Somebody wrote the delivery at that moment: joining them is done again, after a webhook and after the carrier was asked."""

        def until_it_holds(_model, work):
            while True:
                try:
                    return work()
                except SerializationFailure:
                    continue

        news, parcels = self.env["sop.parcel.news"], self.env["sop.parcel"]
        for model in (news, parcels):
            self.patch(type(model), "_in_own_transaction", until_it_holds)
        for way in ("webhook", "question"):
            parcel = self.lose(self.ghn).sop_parcel_ids
            with self.subTest(way=way), patch.object(type(parcel), "_join", side_effect=[SerializationFailure(), None]) as join:
                if way == "webhook":
                    code = next(code for (_name, ref), code in self.double.waybills.items() if ref == parcel.our_ref)
                    news._store(self.ghn, ghn(OrderCode=code, ClientOrderCode=parcel.our_ref, Status="picked"), True)
                    news._cron_apply()
                else:
                    parcel.sudo().write({"claimed_at": False, "next_attempt_at": "2026-01-01 00:00:00"})
                    parcels._cron_ask()
                self.assertEqual(join.call_count, 2)

    def test_news_that_came_while_the_carrier_was_silent_stay(self):
        """The webhook was faster than the call's time-out, or than a slow answer that it is not there."""
        picking = self.lose(self.vtp)
        parcel = picking.sop_parcel_ids
        code = next(code for (name, ref), code in self.double.waybills.items() if ref == parcel.our_ref)
        self.hear(self.vtp, viettelpost(ORDER_NUMBER=code, ORDER_REFERENCE=parcel.our_ref, ORDER_STATUS=105))
        for state in ("unknown", "new"):
            parcel.claimed_at = fields.Datetime.now()
            parcel._note(picking, parcel.id, {"state": state, "message": "…"})
            self.assertEqual((parcel.state, parcel.tracking_ref, parcel.claimed_at), ("picked", code, False))

    def test_nothing_is_lost(self):
        rows = self.hear(self.ghn, b"{", ghn(OrderCode="not ours"))
        self.assertEqual(rows.mapped("state"), ["ignored", "ignored"])
        parcel = self.shipped(self.jt)
        self.hear(self.jt, jt({"scanTypeCode": 106}, {"scanTypeCode": 109, "scanTime": "2026-11-29 13:00:00"}, bill=parcel.tracking_ref))
        self.assertEqual((parcel.state, len(parcel.event_ids)), ("moving", 2), "several scans in one")

    def test_no_words_of_a_carrier_stop_the_others(self):
        """A body that signs itself into the queue may hold anything JSON can say."""
        parcel, good = self.shipped(self.ghn), []
        for spoiled in spoil({"OrderCode": "A", "Status": "delivered", "ClientOrderCode": "B", "Reason": "C", "Time": self.iso()}):
            good.append(json.dumps(spoiled).encode())
        parts = {"OrderCode": "A\ud800\x00", "ClientOrderCode": "\udfff", "Time": self.iso()}
        rows = self.hear(self.ghn, *good, json.dumps(parts).encode(), ghn(OrderCode=parcel.tracking_ref, Status="delivering", Time=self.iso()))
        while waiting := rows.filtered(lambda row: row.state == "new"):
            waiting._apply_due()
            self.env.invalidate_all()
        self.assertEqual(set(rows.mapped("state")), {"ignored", "done"})
        self.assertEqual(parcel.state, "out")

    def test_in_a_rush_carriers_are_answered_first(self):
        """More than a hundred wait and more come: the job gives way, until none comes for a while or one has waited for long."""
        news = self.env["sop.parcel.news"]
        kit = "odoo.addons.sop_pipeline.models.sop_queue_mixin"
        for name, seconds in (("RUSH_ENDS", 600), ("RUSH_WAIT", 3600)):  # however slow the machine is
            self.enterContext(patch(f"{kit}.{name}", seconds))
        for number, oldest, newest, rush in ((101, 1800, 1, True), (100, 1800, 1, False), (101, 1800, 900, False), (101, 4000, 1, False)):
            news.search([("state", "=", "new")]).unlink()
            for index in range(number):
                news._store(self.ghtk, b"%d" % index, True)
            self.env.cr.execute(
                """UPDATE sop_parcel_news SET next_attempt_at = clock_timestamp() AT TIME ZONE 'UTC'
                          - (CASE WHEN body = '0' THEN %s ELSE %s END) * interval '1 second' WHERE state = 'new'""",
                [oldest, newest],
            )
            self.assertEqual(news._queue_in_rush(), rush, (number, oldest, newest))
        asked = []
        self.patch(type(news), "_queue_in_rush", lambda model: asked.append(model.search_count([("state", "=", "new")])) or len(asked) == 1)
        news._cron_apply()
        self.assertEqual(asked[:2], [101, 101], "nothing is touched before it is over")
        self.assertEqual(set(news.search([("carrier_id", "=", self.ghtk.id)]).mapped("state")), {"ignored"}, "then all of it")

    def test_one_that_cannot_even_be_read_waits(self):
        parcel = self.shipped(self.ghtk)
        with patch.object(type(self.env["sop.parcel.news"]), "_find_parcel", side_effect=ValueError("x")), self.assertLogs("odoo.addons.sop_inbox"):
            row = self.hear(self.ghtk, ghtk(label_id=parcel.tracking_ref))
        self.assertEqual((row.state, row.attempts), ("new", 1))

    def test_one_that_fails_waits(self):
        parcel = self.shipped(self.ghtk)
        with patch.object(type(parcel), "_absorb", side_effect=ValueError("x")), self.assertLogs("odoo.addons.sop_inbox", "WARNING"):
            row = self.hear(self.ghtk, ghtk(label_id=parcel.tracking_ref))
        self.assertEqual((row.state, row.attempts), ("new", 1))
        row.write({"state": "dead"})
        row.action_replay()
        self.hear(self.ghtk)
        self.assertEqual((row.state, parcel.state), ("done", "out"))

    def test_who_is_silent_is_asked(self):
        parcels = {kind: self.shipped(carrier) for kind, carrier in self.carriers().items()}
        for kind, parcel in parcels.items():
            self.assertEqual(bool(parcel.ask_at), kind != "viettelpost", "it has no such look-up")
            if parcel.ask_at:
                self.assertAlmostEqual(parcel.ask_at, fields.Datetime.now() + timedelta(hours=6), delta=timedelta(minutes=2))
                self.steps(parcel, "picked", "out")
                parcel.ask_at = fields.Datetime.now()
        with self.mooded(self.jt, "down"):
            self.env["sop.parcel"]._cron_follow()
        self.assertEqual([parcels[kind].state for kind in ("ghn", "ghtk", "jt", "viettelpost")], ["out", "out", "waiting", "waiting"])
        self.assertGreater(parcels["jt"].ask_at, fields.Datetime.now(), "later")
        with self.assertRaisesRegex(UserError, "cannot be asked"):
            parcels["viettelpost"].action_follow()

    def test_a_person_says_it(self):
        parcel = self.shipped(self.vtp)
        parcel.action_set_state("lost")
        self.assertEqual((parcel.state, parcel.event_ids.source, parcel.event_ids.user_id), ("lost", "person", self.env.user))
        with self.assertRaises(AccessError):
            parcel.with_user(self.agent).action_set_state("delivered")
        for name, value in (("state", "delivered"), ("collected", 5), ("ask_at", False), ("event_ids", [(5,)])):
            with self.assertRaises(AccessError):
                parcel.with_user(self.manager).write({name: value})

    def test_one_taken_back_stays_so(self):
        parcel = self.shipped(self.ghtk)
        parcel.picking_id.cancel_shipment()
        self.hear(self.ghtk, ghtk(label_id=parcel.tracking_ref, status_id=2, action_time="2035-01-01T00:00:00+07:00"))
        self.assertEqual(parcel.state, "cancelled")


@tagged("post_install", "-at_install", "sop_orders")
class TestParcelDoor(LifeCommon, HttpCase):
    """The address carriers call."""

    def call(self, carrier, body, headers=None, query="", key=None):
        address = f"/sop/parcel/{carrier.delivery_type}/{key or carrier.sop_hook_key}{query}"
        return self.url_open(address, data=body, headers={"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}).status_code

    def test_who_is_let_in(self):
        carriers, woken = self.carriers(), []
        self.patch(type(self.env["sop.parcel.news"]), "_queue_wake_together", lambda model: woken.append(True))
        right = {
            "ghn": ({"X-Sop-Secret": self.ghn.sop_hook_secret}, "", ghn(OrderCode="A")),
            "ghtk": ({}, f"?hash={self.ghtk.sop_hook_secret}", ghtk(label_id="A")),
            "viettelpost": ({"Authorization": self.vtp.sop_hook_secret}, "", viettelpost(ORDER_NUMBER="A")),
            "jt": ({}, "", jt(bill="A")),
        }
        for kind, (headers, query, body) in right.items():
            carrier = carriers[kind]
            woken.clear()
            self.assertEqual(self.call(carrier, body, headers, query), 200, kind)
            self.assertEqual(self.call(carrier, body, headers, query), 200, "said again")
            self.assertEqual(len(woken), 1, "what is new wakes the job")
            self.assertEqual(self.call(carrier, body, headers, query, key="x"), 404)
            wrong = ({"digest": "x"}, "") if kind == "jt" else (dict.fromkeys(headers, "x"), "?hash=x")
            self.assertEqual(self.call(carrier, body, *wrong), 403)
        rows = self.env["sop.parcel.news"].search([("carrier_id", "in", [carrier.id for carrier in carriers.values()])])
        self.assertEqual({row.carrier_id.delivery_type: row.trusted for row in rows}, {"ghn": False, "ghtk": True, "viettelpost": True, "jt": False})
        self.assertEqual(self.call(self.ghn, b"x" * 300_000, right["ghn"][0]), 413)
        self.ghn.active = False
        self.assertEqual(self.call(self.ghn, right["ghn"][2], right["ghn"][0]), 404)

    def test_each_carrier_has_words_of_its_own(self):
        keys = [carrier.sop_hook_key for carrier in self.carriers().values()]
        self.assertEqual(len(set(keys)), 4)
        copy = self.ghn.copy()
        self.assertNotIn(copy.sop_hook_key, [*keys, False])
        facts = {"name": "GHN", "delivery_type": "ghn", "product_id": self.ghn.product_id.id}
        for name in ("sop_hook_key", "sop_hook_secret"):  # made by an import that gives one of the two
            other = ({"sop_hook_key", "sop_hook_secret"} - {name}).pop()
            carrier = self.env["delivery.carrier"].create({**facts, name: f"given {name}"})
            self.assertEqual((carrier[name], bool(carrier[other])), (f"given {name}", True))
        old = self.ghn.sop_hook_secret
        self.ghn.action_sop_new_hook_key()
        self.assertNotIn(old, (self.ghn.sop_hook_secret, False))


@tagged("post_install", "-at_install", "concurrency")
class TestQuestionRace(RaceCommon):
    """A webhook's worker commits between the question and the carrier's answer, on real connections with committed data."""

    key = "parcel"

    @classmethod
    def make(cls, env):
        super().make(env)
        product = env["product.product"].create({"name": "Ship", "type": "service"})
        carrier = env["delivery.carrier"].create({"name": "GHN", "product_id": product.id, "delivery_type": "ghn"})
        values = {"our_ref": "race", "tracking_ref": "RACE1", "state": "moving", "ask_at": "2026-01-01 00:00:00"}
        parcel = env["sop.parcel"].create({"carrier_id": carrier.id, "company_id": env.company.id, **values})
        cls.product_id, cls.carrier_id, cls.parcel_id = product.id, carrier.id, parcel.id

    @classmethod
    def clean(cls):
        super().clean()
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["sop.parcel"].browse(cls.parcel_id).unlink()
            env["delivery.carrier"].browse(cls.carrier_id).unlink()
            env["product.product"].browse(cls.product_id).product_tmpl_id.unlink()

    def test_the_answer_meets_a_webhook(self):
        """No job fails, the carrier is asked once, and what the webhook brought stays (no parcel's news lost)."""
        asked = []

        def answer(_service, operation, config, *arguments, **_options):
            asked.append((operation, *arguments))
            self.ask(lambda env: env["sop.parcel"].browse(self.parcel_id).write({"reason": "Khách hẹn lại"}))
            config.session["token"] = "renewed"  # the account's row is written, too
            self.ask(lambda env: env["delivery.carrier"].browse(self.carrier_id).write({"sop_days": 3}))
            return []

        with patch.object(self.registry["sop.carrier"], "_call", answer):
            self.ask(lambda env: env["sop.parcel"]._cron_follow())
        self.assertEqual(asked, [("follow", "RACE1", "race")])
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            parcel = env["sop.parcel"].browse(self.parcel_id)
            self.assertEqual((parcel.reason, parcel.carrier_id.sop_days, parcel.carrier_id.sop_session), ("Khách hẹn lại", 3, "renewed"))
            self.assertGreater(parcel.ask_at, fields.Datetime.now())
