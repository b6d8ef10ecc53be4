import json
import threading
from datetime import datetime, timedelta
from itertools import permutations

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tests.common import HttpCase, TransactionCase
from odoo.tools import mute_logger

from ..tools.exchange import sign
from .journey_common import JourneyCommon
from .screens import alerts_shown

START = datetime(2026, 3, 1, 1, 0, 0)


class ExchangeCommon(JourneyCommon):
    """An exchange with one extension, and a way to report calls to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exchange = cls.env["sop.exchange"].create(
            {
                "name": "Tổng đài",
                "team_id": cls.team.id,
                "user_id": cls.manager.id,
                "extension_ids": [fields.Command.create({"extension": "101", "user_id": cls.seller.id})],
            }
        )

    def report(self, body=None, exchange=None, **event):
        """Report an event as the exchange would; returns the status."""
        exchange = exchange or self.exchange
        raw = body if body is not None else json.dumps(event).encode()
        return self.env["sop.exchange"]._sop_receive(exchange.key, raw, {"X-Sop-Signature": sign(exchange.secret, raw)})

    def call_of(self, call_id):
        return self.env["sop.call"].search([("external_id", "=", call_id), ("exchange_id", "=", self.exchange.id)])


@tagged("post_install", "-at_install")
class TestExchange(ExchangeCommon):
    """Row P11: what becomes of reported calls."""

    def events(self, call_id, talk=30):
        base = {"call_id": call_id, "direction": "out", "from": "101", "to": "0901234567", "extension": "101"}
        return [
            {**base, "event": "started", "started_at": "2026-03-01T01:00:00"},
            {**base, "event": "answered", "answered_at": "2026-03-01T01:00:08"},
            {**base, "event": "ended", "ended_at": "2026-03-01T01:00:38", "talk_seconds": talk},
            {"call_id": call_id, "event": "recorded", "recording_url": "https://rec.example.com/1.mp3"},
        ]

    def test_try_the_example(self):
        """The test button says what is understood and to whom such a call goes, and records nothing."""
        calls, leads = self.env["sop.call"].search_count([]), self.env["crm.lead"].search_count([])
        for kind in ("generic", "stringee", "omicall"):
            with self.subTest(kind):
                self.exchange.kind = kind
                self.assertIn("101", self.exchange.example)
                told = self.exchange.action_test()["params"]["message"]
                for word in (self.seller.name, "55", "0901 234 567", "a new lead"):
                    self.assertIn(word, told)
        self.exchange.team_id = False
        self.assertIn("no lead", self.exchange.action_test()["params"]["message"])
        self.assertEqual((self.env["sop.call"].search_count([]), self.env["crm.lead"].search_count([])), (calls, leads))
        with self.assertRaises(AccessError):
            self.exchange.with_user(self.seller).action_test()

    def test_any_order_makes_one_call(self):
        """All orders of the events, each event twice: one call, the same every time."""
        lead = self.lead()
        seen = set()
        for number, order in enumerate(permutations(range(4))):
            call_id = f"c{number}"
            events = self.events(call_id)
            for place in (*order, *order):
                self.assertEqual(self.report(**events[place]), 200)
            call = self.call_of(call_id)
            self.assertEqual(len(call), 1)
            seen.add(
                (
                    call.state,
                    call.lead_id,
                    call.user_id,
                    call.started_at,
                    call.answered_at,
                    call.ended_at,
                    call.talk_seconds,
                    call.sudo().recording_url,
                    call.direction,
                    call.number,
                )
            )
        self.assertEqual(
            seen,
            {
                (
                    "answered",
                    lead,
                    self.seller,
                    START,
                    START + timedelta(seconds=8),
                    START + timedelta(seconds=38),
                    30,
                    "https://rec.example.com/1.mp3",
                    "out",
                    "+84901234567",
                )
            },
        )

    def test_answered_means_talk(self):
        self.lead()
        for event in self.events("quiet", talk=0):
            self.report(**event)
        self.assertEqual((self.call_of("quiet").state, self.call_of("quiet").reason), ("not_answered", "no_answer"))

    def test_rating_is_asked_for(self):
        """The person who talked gets it in their browser; the call waits on their list until it is rated."""
        lead = self.lead()
        sent = []
        self.patch(type(self.env["res.users"]), "_bus_send", lambda users, kind, message, **_: sent.append((users, kind, message)))
        for event in self.events("ask"):
            self.report(**event)
        call = self.call_of("ask")
        self.assertEqual([one for one in sent if one[2]["rate"]], [(self.seller, "sop_pipeline.call", {"call_id": call.id, "rate": True})])
        todo = self.env["sop.call"].with_user(self.seller).get_todo()
        self.assertIn(call.id, [one["call_id"] for one in todo["to_rate"]])
        call.with_user(self.seller).action_rate("interested")
        self.assertEqual((lead.sop_code, lead.sop_interest), ("contact", "interested"))
        for event in self.events("ask", talk=0):
            self.report(**event)
        self.assertEqual((call.state, call.interest), ("answered", "interested"), "a rated call never changes")

    def test_rating_follows_the_extension(self):
        """Answered, whose number, which extension: told apart and in any order, the person at the extension is asked last of all."""
        self.lead(user=self.seller2)
        sent = []
        self.patch(type(self.env["res.users"]), "_bus_send", lambda users, kind, message, **_: sent.append((users, message["rate"])))
        events = [{"ended_at": "2026-03-01T01:00:38", "talk_seconds": 30}, {"direction": "in", "from": "0901234567"}, {"extension": "101"}]
        for number, order in enumerate(permutations(events)):
            sent.clear()
            for event in order:
                self.report(call_id=f"x{number}", **event)
            call = self.call_of(f"x{number}")
            self.assertEqual((call.user_id, call.lead_id.user_id), (self.seller, self.seller2), order)
            self.assertEqual([users for users, rate in sent if rate][-1], self.seller, order)
            call.with_user(self.seller).action_rate("interested")

    def test_button_and_exchange_are_one_call(self):
        lead = self.lead()
        call = self.env["sop.call"].browse(lead.with_user(self.seller).action_sop_call()["params"]["call_id"])
        now = fields.Datetime.now()
        self.report(call_id="b1", direction="out", to="0901234567", extension="101", started_at=now.isoformat())
        self.report(call_id="b1", ended_at=(now + timedelta(seconds=20)).isoformat(), talk_seconds=12)
        self.assertEqual(self.call_of("b1"), call)
        self.assertEqual(call.state, "answered")
        self.assertEqual(len(lead.sop_call_ids), 1)
        self.report(call_id="b2", direction="out", to="0901234567", extension="101", started_at=now.isoformat())
        self.assertNotEqual(self.call_of("b2"), call, "the next call is another one")

    def test_unknown_number(self):
        """A stranger calls: a lead in stage 1, once; nothing where the exchange is told not to."""
        for _again in range(2):
            self.report(call_id="in1", direction="in", **{"from": "0977 111 222"}, extension="999", started_at=1772326800)
        lead = self.call_of("in1").lead_id
        self.assertEqual((lead.sop_code, lead.phone_sanitized, lead.user_id, lead.team_id), ("collect", "+84977111222", self.manager, self.team))
        self.report(call_id="in2", direction="in", **{"from": "+84977111222"})
        self.assertEqual(self.call_of("in2").lead_id, lead, "who calls again is known")
        self.exchange.create_leads = False
        self.report(call_id="in3", direction="in", **{"from": "0977333444"})
        self.assertFalse(self.call_of("in3").lead_id)
        self.report(call_id="in4", direction="in", **{"from": "Anonymous"})
        self.assertEqual(self.call_of("in4").number, "Anonymous")

    def test_a_lead_is_named_in_the_companys_language(self):
        """The exchange's request has no language; the lead is the shop's to read."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.exchange.company_id.partner_id.lang = "vi_VN"
        self.report(call_id="in1", direction="in", **{"from": "0977 111 222"})
        self.assertEqual(self.call_of("in1").lead_id.name, "Cuộc gọi từ 0977 111 222")

    def test_known_customer(self):
        """The lead of the person who talked comes before the latest one; a won lead is not called again."""
        mine = self.lead()
        self.lead(user=self.seller2)
        self.report(call_id="k1", direction="in", **{"from": "0901234567"}, extension="101")
        self.assertEqual(self.call_of("k1").lead_id, mine)

    def test_not_understood_is_kept(self):
        self.assertEqual(self.report(call_id="", started_at="noon"), 200)
        event = self.env["sop.exchange.event"].search([("exchange_id", "=", self.exchange.id)])
        self.assertTrue(event.error)
        self.assertEqual(self.exchange.error_count, 1)
        event.payload = json.dumps({"call_id": "late", "talk_seconds": 5, "direction": "in", "from": "0901234567"})
        event.action_replay()
        self.assertEqual((event.error, self.call_of("late").state), (False, "answered"))

    def test_recording_is_private(self):
        """Managers and the caller listen; nobody reads, searches or exports the link."""
        self.lead()
        for event in self.events("rec"):
            self.report(**event)
        call = self.call_of("rec")
        for user in (self.seller, self.manager):
            action = call.with_user(user).action_open_recording()
            self.assertEqual(action["url"], "https://rec.example.com/1.mp3")
            self.assertTrue(call.with_user(user).has_recording)
        call.lead_id.user_id = self.seller2
        self.assertFalse(call.with_user(self.seller2).has_recording)
        with self.assertRaises(AccessError):
            call.with_user(self.seller2).action_open_recording()
        for user in (self.seller, self.manager, self.seller2):
            Call = self.env["sop.call"].with_user(user)
            with self.assertRaises(AccessError):
                call.with_user(user).read(["recording_url"])
            with self.assertRaises(AccessError):
                Call.search([("recording_url", "like", "rec")])
            self.assertNotIn("recording_url", Call.fields_get())
        silent = self.env["sop.call"].create({"number": "1", "user_id": self.seller.id})
        with self.assertRaises(UserError):
            silent.with_user(self.seller).action_open_recording()

    def test_secrets(self):
        for name in ("secret", "key", "address"):
            with self.assertRaises(AccessError):
                self.exchange.with_user(self.manager).read([name])
        with self.assertRaises(AccessError):
            self.exchange.with_user(self.manager).action_new_key()
        with self.assertRaises(AccessError):
            self.env["sop.exchange.event"].with_user(self.manager).search([])
        old = self.exchange.secret
        self.exchange.action_new_key()
        self.assertNotEqual(self.exchange.secret, old)
        with self.assertRaises(ValidationError):
            self.exchange.unsigned = True

    def test_exchange_that_cannot_sign(self):
        unsigned = self.env["sop.exchange"].create({"name": "Stringee", "kind": "stringee", "team_id": self.team.id, "unsigned": True})
        raw = json.dumps(
            {
                "call_id": "s9",
                "call_status": "ended",
                "answerDuration": 9,
                "timestamp_ms": 1772326800000,
                "from": {"number": "0955555555", "type": "external"},
                "to": {"number": "101", "type": "internal"},
            }
        ).encode()
        self.assertEqual(self.env["sop.exchange"]._sop_receive(unsigned.key, raw, {}), 200)
        call = self.env["sop.call"].search([("external_id", "=", "s9")])
        self.assertEqual((call.state, call.direction, call.lead_id.sop_code), ("answered", "in", "evaluate"))

    def test_colleagues_are_no_customers(self):
        """Field case 8: no call, no lead, no rating; also where only our own list of extensions tells."""
        self.exchange.extension_ids = [fields.Command.create({"extension": "102", "user_id": self.seller2.id})]
        before = self.env["crm.lead"].search_count([])
        self.report(call_id="i1", direction="internal", to="agent_b", extension="101", talk_seconds=9)
        self.report(call_id="i2", direction="out", to="102", extension="101", talk_seconds=9)
        self.report(call_id="i3", direction="in", **{"from": "101"}, extension="102", talk_seconds=9)
        self.assertFalse(self.call_of("i1") | self.call_of("i2") | self.call_of("i3"))
        self.assertEqual(self.env["crm.lead"].search_count([]), before)
        self.assertEqual(self.exchange.error_count, 0)
        for user in (self.seller, self.seller2):
            self.assertFalse(self.env["sop.call"].with_user(user).get_todo()["count"])

    def test_people_who_left(self):
        """Field case 10: calls of a departed person's lead or extension go to the exchange's "Else to"."""
        lead = self.lead(user=self.seller2)
        extension = self.exchange.extension_ids.create({"exchange_id": self.exchange.id, "extension": "103", "user_id": self.seller2.id})
        self.seller2.active = False
        event = {"direction": "in", "from": "0901234567", "talk_seconds": 55, "started_at": 1795892000, "ended_at": 1795892060}
        for number, called in enumerate(("999", extension.extension)):
            self.report(call_id=f"gone{number}", extension=called, **event)
            call = self.call_of(f"gone{number}")
            self.assertEqual((call.lead_id, call.user_id), (lead, self.manager))
            self.assertIn(call.id, [one["call_id"] for one in self.env["sop.call"].with_user(self.manager).get_todo()["to_rate"]])
        self.report(call_id="gone2", direction="in", **{"from": "0977111999"}, extension=extension.extension)
        self.assertEqual(self.call_of("gone2").lead_id.user_id, self.manager)

    def test_the_form_says_what_is_in_the_way(self):
        """An empty team, and the last event when it was refused; nothing while all is well."""
        exchange, view = self.exchange.with_user(self.env.ref("base.user_admin")), "sop_pipeline.sop_exchange_view_form"
        self.assertEqual(alerts_shown(exchange, view), [])
        exchange.team_id = False
        [warning] = alerts_shown(exchange, view)
        self.assertIn("calls of unknown numbers make no lead", warning)
        exchange.team_id = self.team
        self.exchange.write({"refused_at": fields.Datetime.now(), "refused_why": "json", "last_event_at": False})
        [warning] = alerts_shown(exchange, view)
        self.assertIn("was refused", warning)
        self.exchange.last_event_at = self.exchange.refused_at
        self.assertEqual(alerts_shown(exchange, view), [], "the next one was taken")

    def test_without_team_or_number(self):
        """An exchange without a team makes no lead, an event may name no number: the call still asks its person (field: the list broke)."""
        self.exchange.team_id = False
        self.report(call_id="t1", direction="in", **{"from": "0977111888"}, extension="101", talk_seconds=5)
        self.report(call_id="t2", extension="101", talk_seconds=5)
        todo = self.env["sop.call"].with_user(self.seller).get_todo()
        self.assertEqual({one["call_id"] for one in todo["to_rate"]}, {self.call_of("t1").id, self.call_of("t2").id})

    def test_other_company(self):
        """A customer of another company is nobody here."""
        foreign = self.env["crm.lead"].create(
            {"name": "x", "phone": "0988888888", "company_id": self.company_b.id, "team_id": False, "type": "opportunity", "user_id": False}
        )
        self.report(call_id="f1", direction="in", **{"from": "0988888888"})
        self.assertNotEqual(self.call_of("f1").lead_id, foreign)
        self.assertEqual(self.call_of("f1").company_id, self.company)


@tagged("post_install", "-at_install")
class TestExchangeHttp(ExchangeCommon, HttpCase):
    """The route, through real HTTP."""

    def post(self, body, key=None, signature=None, content_type="application/json", **kwargs):
        headers = {"Content-Type": content_type}
        if signature is not False:
            headers["X-Sop-Signature"] = signature or sign(self.exchange.secret, body)
        return self.url_open(f"/sop/call-event/{key or self.exchange.key}", data=body, headers=headers, **kwargs)

    def test_statuses(self):
        body = json.dumps({"call_id": "h1", "direction": "in", "from": "0901234567", "talk_seconds": 3}).encode()
        response = self.post(body)
        self.assertEqual((response.status_code, response.json()), (200, {"ok": True}))
        self.assertEqual(self.post(body).status_code, 200)
        self.assertEqual(len(self.call_of("h1")), 1)
        before = self.env["sop.exchange.event"].search_count([])
        self.assertEqual(self.post(body, signature=False).status_code, 403)
        self.assertEqual(self.post(body, signature=sign("wrong", body)).status_code, 403)
        self.assertEqual(self.post(body + b" ", signature=sign(self.exchange.secret, body)).status_code, 403)
        self.assertEqual(self.post(body, key="nobody").status_code, 404)
        self.exchange.active = False
        self.assertEqual(self.post(body).status_code, 404)
        self.exchange.active = True
        self.assertEqual(self.env["sop.exchange.event"].search_count([]), before, "what is refused is not stored")
        self.assertEqual(self.exchange.refused_why, "signature", "but whoever sets the exchange up sees why it is silent")
        self.assertTrue(self.exchange.refused_at)
        for raw, why in ((b"{", "json"), (b" " * 64 * 1024 + b"{}", "long")):
            self.post(raw)
            self.assertEqual(self.exchange.refused_why, why)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(f"/sop/call-event/{self.exchange.key}").status_code, 405)

    def test_any_content_type(self):
        """``curl -d`` says the body is a form; the signature is over its bytes all the same, and no word of it is a parameter."""
        for number, content_type in enumerate(("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")):
            with self.subTest(content_type=content_type):
                body = json.dumps({"call_id": f"form{number}", "direction": "in", "from": "0901234567"}).encode()
                self.assertEqual(self.post(body, content_type=content_type).status_code, 200)
                self.assertEqual(len(self.call_of(f"form{number}")), 1)
        self.assertEqual(self.post(b"key=other", content_type="application/x-www-form-urlencoded").status_code, 400, "the key is the address's")

    def test_rubbish(self):
        """Signed rubbish is stored or refused, never a server error."""
        before = self.env["sop.call"].search_count([])
        for body, status in (
            (b" ", 400),
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[" * 50000, 400),
            (b"x" * 70000, 413),
            (b"null", 200),
            (b"[]", 200),
            (b'"x"', 200),
            (b"1e999", 200),
            (b'{"call_id": {"a": 1}}', 200),
            (b'{"call_id": "\\u0000"}', 200),
            (b'{"call_id": "\\ud800"}', 400),
            (b'{"call_id": "1", "call_id": [2]}', 200),
            (b'{"call_id": "x", "started_at": "9999999999999999"}', 200),
            (b'{"call_id": "' + b"9" * 400 + b'"}', 200),
        ):
            with self.subTest(body=body[:40]):
                self.assertEqual(self.post(body).status_code, status)
        self.assertEqual(self.env["sop.call"].search_count([]), before)


@tagged("post_install", "-at_install")
class TestExchangeRace(TransactionCase):
    """Two events of one call at the same time, on two real connections."""

    def test_two_at_once(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            exchange = env["sop.exchange"].create({"name": "Đua", "create_leads": False})
            key, secret, exchange_id = exchange.key, exchange.secret, exchange.id
        self.addCleanup(self.clean, exchange_id)
        bodies = [
            json.dumps({"call_id": "race", "direction": "in", "from": "0912000111", **more}).encode()
            for more in (
                {"started_at": "2026-03-01T01:00:00"},
                {"answered_at": "2026-03-01T01:00:05"},
                {"ended_at": "2026-03-01T01:00:45"},
                {"talk_seconds": 40},
            )
        ]
        results = []
        barrier = threading.Barrier(len(bodies))

        def send(body):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                barrier.wait(60)
                results.append(retrying(lambda: env["sop.exchange"]._sop_receive(key, body, {"X-Sop-Signature": sign(secret, body)}), env))

        with mute_logger("odoo.service.model", "odoo.sql_db"):
            threads = [threading.Thread(target=send, args=(body,), daemon=True) for body in bodies]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
        self.assertEqual(results, [200] * len(bodies))
        with self.registry.cursor() as cr:
            calls = api.Environment(cr, SUPERUSER_ID, {})["sop.call"].search([("exchange_id", "=", exchange_id)])
            self.assertEqual([(call.state, call.talk_seconds) for call in calls], [("answered", 40)])

    def clean(self, exchange_id):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sop.call"].search([("exchange_id", "=", exchange_id)]).unlink()
            env["sop.exchange"].browse(exchange_id).unlink()
