import base64
import hashlib
import hmac
import json
from datetime import datetime
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..tools.exchange import CallFact, is_signed, merge, outcome, parse, sign
from ..tools.exchange_examples import EXAMPLES
from ..tools.phone import normalize_phone

times = st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2))
facts = st.builds(
    CallFact,
    external_id=st.just("c1"),
    direction=st.sampled_from([None, "in", "out"]),
    customer=st.sampled_from([None, "0901", "0902"]),
    started_at=times,
    answered_at=times,
    ended_at=times,
    talk_seconds=st.none() | st.integers(0, 500),
    cause=st.sampled_from([None, "486 Busy Here", "200 OK"]),
)
junk = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["call_id", "from", "to", "started_at", "talk_seconds", "transaction_id", "number", "recording_url", "call_status"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=8,
)


@tagged("post_install", "-at_install")
class TestExchangeTools(BaseCase):
    """Signatures and shapes, without a database."""

    def test_signature(self):
        body = b'{"call_id": "1"}'
        digest = hmac.new(b"key", body, hashlib.sha256).digest()
        for right in (sign("key", body), digest.hex(), base64.b64encode(digest).decode(), f" sha256={digest.hex()} "):
            self.assertTrue(is_signed("key", body, right), right)
        for wrong in ("", None, "sha256=", digest.hex()[:-1], digest.hex().replace(digest.hex()[0], "g", 1), sign("yek", body), "é"):
            self.assertFalse(is_signed("key", body, wrong), wrong)
        self.assertFalse(is_signed("key", body + b" ", sign("key", body)))
        self.assertFalse(is_signed("", body, sign("", body)), "an exchange without a secret trusts nobody")

    def test_generic(self):
        fact = parse(
            "generic",
            {
                "call_id": 77,
                "direction": "outgoing",
                "from": "101",
                "to": "0901 234 567",
                "extension": "101",
                "started_at": "2026-03-01T08:00:00+07:00",
                "answered_at": 1772326805,
                "ended_at": "1772326865000",
                "talk_seconds": "60",
                "recording_url": "https://rec.example.com/1.mp3",
                "cause": "normal",
            },
        )
        self.assertEqual(
            fact,
            CallFact(
                "77",
                "out",
                "0901 234 567",
                "101",
                datetime(2026, 3, 1, 1),
                datetime(2026, 3, 1, 1, 0, 5),
                datetime(2026, 3, 1, 1, 1, 5),
                60,
                "https://rec.example.com/1.mp3",
                "normal",
            ),
        )
        self.assertEqual(parse("generic", {"call_id": "1", "direction": "in", "from": "09", "to": "1"}).customer, "09")

    def test_stringee(self):
        """The published shape: answerDuration 0 is not answered."""
        event = {
            "call_id": "s1",
            "timestamp_ms": 1772326800000,
            "from": {"number": "1900", "type": "internal"},
            "to": {"number": "84901234567", "type": "external"},
        }
        started = parse("stringee", {**event, "call_status": "created"})
        self.assertEqual((started.direction, started.customer, started.extension), ("out", "84901234567", "1900"))
        self.assertEqual(started.started_at, datetime(2026, 3, 1, 1))
        ended = parse("stringee", {**event, "call_status": "ended", "answerDuration": 0, "endCallCause": "486 Busy Here"})
        self.assertEqual(outcome(merge(started._asdict(), ended)), ("not_answered", "busy"))
        talked = parse("stringee", {**event, "call_status": "ended", "answerDuration": 12})
        self.assertEqual(outcome(merge(started._asdict(), talked)), ("answered", None))
        answered = parse("stringee", {**event, "call_status": "answered"})
        self.assertEqual(answered.answered_at, datetime(2026, 3, 1, 1))
        inward = parse("stringee", {**event, "call_status": "created", "from": {"number": "0901", "type": "external"}, "to": "1900"})
        self.assertEqual((inward.direction, inward.customer, inward.extension), ("in", "0901", "1900"))
        self.assertEqual(parse("stringee", {**event, "call_status": "agentEnded"}).ended_at, None)

    def test_omicall(self):
        event = {"transaction_id": "o1", "direction": "outbound", "phone_number": "0901234567", "sip_user": "102"}
        ringing = parse("omicall", {**event, "state": "ringing", "created_date": 1772326800})
        hangup = parse(
            "omicall",
            {
                **event,
                "state": "hangup",
                "created_date": 1772326890,
                "bill_sec": 80,
                "record_seconds": 80,
                "recording_file_url": "https://omi.example.com/1.wav",
            },
        )
        self.assertEqual((ringing.customer, ringing.extension, ringing.direction), ("0901234567", "102", "out"))
        self.assertEqual(outcome(merge(ringing._asdict(), hangup)), ("answered", None))
        answered = parse("omicall", {**event, "event": "answered", "time": 1772326830})
        self.assertIsNotNone(answered.answered_at)
        source = {"transaction_id": "o2", "direction": "inbound", "source_number": "0909"}
        self.assertEqual(parse("omicall", source).customer, "0909")

    def test_examples(self):
        """Each kind's example is an answered call of 55 seconds with the same customer."""
        for kind, example in EXAMPLES.items():
            with self.subTest(kind):
                fact = parse(kind, example, datetime(2026, 11, 28))
                self.assertEqual((fact.extension, fact.direction, fact.talk_seconds), ("101", "out", 55))
                self.assertEqual(normalize_phone(fact.customer), "+84901234567")
                self.assertEqual(outcome(fact._asdict())[0], "answered")

    def test_omicall_live_events(self):
        """Field case 7: the live events name the call, its numbers and its times otherwise than the record afterwards."""
        event = {"call_uuid": "u1", "direction": "outbound", "from_number": "100", "to_number": "0395180001"}
        known = {}
        for state, at in (("ringing", 1795892000000), ("answered", 1795892005000), ("hangup", 1795892065000)):
            fact = parse("omicall", {**event, "state": state, "date_time": at})
            self.assertEqual((fact.external_id, fact.direction, fact.customer, fact.extension), ("u1", "out", "0395180001", "100"))
            known = merge(known, fact)
        self.assertEqual(outcome(known), ("answered", None))
        self.assertEqual((known["ended_at"] - known["started_at"]).total_seconds(), 65)
        inward = parse("omicall", {**event, "direction": "inbound", "from_number": "0395180001", "to_number": "100", "state": "ringing"})
        self.assertEqual((inward.direction, inward.customer, inward.extension), ("in", "0395180001", "100"))
        record = parse("omicall", {"transaction_id": "t", "state": "cdr", "time_start_call": 1795892000, "created_date": 1795892065, "bill_sec": 60})
        self.assertEqual((record.ended_at - record.started_at).total_seconds(), 65)

    def test_colleagues(self):
        """Field case 8: a call between two agents names no customer."""
        agents = {"call_id": "i", "call_status": "created", "from": {"type": "internal", "number": "100"}, "to": {"type": "internal", "number": "b"}}
        self.assertTrue(parse("stringee", agents).internal)
        self.assertFalse(parse("stringee", {**agents, "to": {"type": "external", "number": "0901"}}).internal)
        for direction in ("local", "LOCAL", "internal"):
            record = parse("omicall", {"transaction_id": "l1", "state": "cdr", "direction": direction, "phone_number": "101"})
            self.assertTrue(record.internal)
            self.assertTrue(parse("generic", {"call_id": "g", "direction": direction, "to": "101"}).internal)
        self.assertFalse(parse("generic", {"call_id": "g", "direction": "inbound"}).internal)

    def test_failed_leg(self):
        """Field case 9: a leg that cannot be connected is a call that was not answered, with a time of its own or without."""
        event = {
            "call_id": "f",
            "call_status": "connect_failed",
            "agent_status": "ended",
            "from": "1900",
            "to": {"number": "0901", "type": "external"},
        }
        now = datetime(2026, 3, 1, 1)
        self.assertEqual(outcome(parse("stringee", event, received_at=now)._asdict()), ("not_answered", "no_answer"))
        self.assertEqual(parse("stringee", {**event, "timestamp_ms": 1772326800000}).ended_at, now)

    def test_sloppy_types_and_units(self):
        """The same moment, duration, direction and number, as one exchange or another writes them."""
        at = datetime(2026, 3, 1, 1, 0, 5)
        for written in (
            1772326805,
            "1772326805",
            1772326805.0,
            "1772326805.25",
            1772326805000,
            1772326805000123,
            1772326805000123456,
            "2026-03-01T01:00:05Z",
            "2026-03-01 01:00:05",
            "2026-03-01T08:00:05+07:00",
            "2026-03-01T01:00:05.999Z",
            "01/03/2026 01:00:05",
            "1-3-2026 01:00:05",
        ):
            self.assertEqual(parse("generic", {"call_id": "1", "started_at": written}).started_at, at, written)
        for written in (80, "80", "80.0", 80.4, "00:01:20", "1:20", "80s", " 80 "):
            self.assertEqual(parse("generic", {"call_id": "1", "talk_seconds": written}).talk_seconds, 80, written)
        self.assertEqual(parse("generic", {"call_id": "1", "talk_seconds": 120000}).talk_seconds, 120, "thousandths")
        for written in ("in", "IN", "inbound", "Incoming", "call_in"):
            self.assertEqual(parse("generic", {"call_id": "1", "direction": written}).direction, "in", written)
        for written in ("out", "OUTBOUND", "outgoing", "call_out"):
            self.assertEqual(parse("generic", {"call_id": "1", "direction": written}).direction, "out", written)
        self.assertEqual(parse("generic", {"call_id": 77.0}).external_id, "77")
        party = {"call_id": "1", "call_status": "ENDED", "from": [{"number": 84901234567, "type": "External"}], "to": ["1900"]}
        fact = parse("stringee", {**party, "timestamp_ms": "1772326805000", "answerDuration": "12.0"})
        self.assertEqual((fact.customer, fact.extension, fact.ended_at, fact.talk_seconds), ("84901234567", "1900", at, 12))

    def test_outcomes(self):
        start, end = datetime(2026, 3, 1, 1), datetime(2026, 3, 1, 2)
        for known, expected in (
            ({}, ("dialing", None)),
            ({"answered_at": start}, ("dialing", None)),
            ({"answered_at": start, "ended_at": end}, ("answered", None)),
            ({"answered_at": start, "ended_at": start}, ("not_answered", "no_answer")),
            ({"answered_at": start, "ended_at": end, "talk_seconds": 0}, ("not_answered", "no_answer")),
            ({"talk_seconds": 1}, ("answered", None)),
            ({"ended_at": end, "cause": "404 Not Found"}, ("not_answered", "wrong_number")),
            ({"ended_at": end, "cause": "Invalid number"}, ("not_answered", "wrong_number")),
        ):
            self.assertEqual(outcome(known), expected, known)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(facts, min_size=1, max_size=4))
    def test_any_order_and_repeats(self, events):
        results = set()
        for order in permutations(events):
            known = {}
            for event in [*order, *order]:
                known = merge(known, event)
            results.add(json.dumps(known, default=str, sort_keys=True))
        self.assertEqual(len(results), 1)

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(["generic", "stringee", "omicall"]), junk)
    def test_rubbish_is_an_error_with_a_reason(self, kind, payload):
        try:
            fact = parse(kind, payload)
        except ValueError as error:
            self.assertTrue(str(error))
        else:
            self.assertTrue(fact.external_id)
            self.assertNotIn("\x00", "".join(value for value in fact if isinstance(value, str)))

    def test_named_errors(self):
        for payload in (
            [],
            {},
            {"call_id": True},
            {"call_id": "1", "recording_url": "javascript:alert(1)"},
            {"call_id": "x" * 300},
            {"call_id": "1", "talk_seconds": -1},
            {"call_id": "1", "talk_seconds": "long"},
            {"call_id": "1", "started_at": "noon"},
            {"call_id": "1", "started_at": "0001-01-01"},
            {"call_id": "1", "started_at": "0001-01-01T00:00:00+14:00"},
            {"call_id": "1", "started_at": "9999-12-31T23:59:59-14:00"},
            {"call_id": "1", "started_at": 1e300},
            {"call_id": "1", "direction": []},
        ):
            with self.subTest(payload=payload), self.assertRaises(ValueError):
                parse("generic", payload)
