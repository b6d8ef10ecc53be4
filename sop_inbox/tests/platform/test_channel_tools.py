import json
import random
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from odoo.addons.sop_pipeline.tools.attempts import LONGEST_PAUSE, pause_after

from ...tools import facebook, facebook_api, http_out, zalo, zalo_api
from ...tools.facebook import check as check_facebook
from ...tools.facebook import sign as sign_facebook
from ...tools.facts import Fact, load, moment
from ...tools.outcome import Answer, Outcome, converse
from ...tools.outgoing import File, OutgoingMessage, cut_text
from ...tools.transport import MediaError, fetch_media, file_name
from ...tools.zalo import check as check_zalo
from ...tools.zalo import sign as sign_zalo
from ..channel_common import parse

# vectors computed apart from this code (reference of the platforms' APIs)
META_RAW = (
    rb'{"object":"page","entry":[{"id":"PAGE","time":1700000000000,"messaging":[{"sender":{"id":"PSID"},"recipient":{"id":"PAGE"},'
    rb'"timestamp":1700000000000,"message":{"mid":"m_1","text":"Xin ch\u00e0o"}}]}]}'
)
META_HEADER = "sha256=9fede6df2131851f0e0c5b3cbdf3de96795f683739134d88c5367cd75f0a1114"
ZALO_RAW = (
    b'{"event_name":"user_send_text","app_id":"123","sender":{"id":"5510185758261927916"},"recipient":{"id":"1646843870823903717"},'
    b'"message":{"text":"Helo","msg_id":"e2a641af6661713b2874"},"timestamp":"1717061839659"}'
)
ZALO_HEADER = "85957d673ae4d7362a81f06a9e713ba9bd3613a9393acd8201cda55138778e7b"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
words = st.sampled_from(
    [
        "entry",
        "messaging",
        "standby",
        "changes",
        "value",
        "message",
        "mid",
        "text",
        "is_echo",
        "is_deleted",
        "attachments",
        "payload",
        "url",
        "type",
        "sender",
        "recipient",
        "id",
        "timestamp",
        "postback",
        "reaction",
        "read",
        "delivery",
        "watermark",
        "mids",
        "message_edit",
        "num_edit",
        "referral",
        "field",
        "item",
        "verb",
        "comment_id",
        "post_id",
        "from",
        "event_name",
        "msg_id",
        "follower",
        "oa_id",
        "info",
        "msg_ids",
        "time",
        "created_time",
    ]
)
likely = st.recursive(
    st.sampled_from(
        ["feed", "comment", "add", "user_send_text", "oa_send_image", "follow", "user_seen_message", "1", "image", "", None, 1, 1e400, -1, True]
    )
    | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
    max_leaves=40,
)


@tagged("post_install", "-at_install")
class TestSignature(BaseCase):
    def test_vectors(self):
        self.assertTrue(check_facebook("app_secret", META_RAW, META_HEADER))
        self.assertTrue(check_zalo("123", ZALO_RAW, "oa_secret", ZALO_HEADER))
        self.assertTrue(check_zalo("123", ZALO_RAW, "oa_secret", "mac=" + ZALO_HEADER))
        again = json.dumps(json.loads(META_RAW), ensure_ascii=False, separators=(",", ":")).encode()
        self.assertFalse(check_facebook("app_secret", again, META_HEADER), "written anew, it is not what was signed")

    def test_no_secret_signs_nothing(self):
        self.assertFalse(check_facebook("", META_RAW, sign_facebook("", META_RAW)))
        self.assertFalse(check_zalo("123", ZALO_RAW, "", sign_zalo("123", ZALO_RAW, "1717061839659", "")))
        self.assertFalse(check_zalo("", ZALO_RAW, "oa_secret", ZALO_HEADER))
        self.assertFalse(check_zalo("123", b"[]", "oa_secret", ZALO_HEADER))

    def test_no_mutant_is_accepted(self):
        """100 000 changed bodies and headers, both platforms: none passes."""
        dice, accepted = random.Random(3), 0
        cases = [
            (META_RAW, META_HEADER, lambda raw, header: check_facebook("app_secret", raw, header)),
            (ZALO_RAW, ZALO_HEADER, lambda raw, header: check_zalo("123", raw, "oa_secret", header)),
        ]
        for raw, header, check in cases:
            for _time in range(50_000):
                changed, head = self.mutant(dice, raw, header)
                accepted += (changed, head) != (raw, header) and check(changed, head)
        self.assertEqual(accepted, 0)

    def mutant(self, dice, raw, header):
        spot = dice.randrange(len(raw))
        kind = dice.randrange(8)
        if kind == 0:
            return raw[:spot] + bytes([raw[spot] ^ 1 << dice.randrange(8)]) + raw[spot + 1 :], header
        if kind == 1:
            return raw[:spot] + raw[spot + 1 :], header
        if kind == 2:
            return raw[:spot] + bytes([dice.randrange(256)]) + raw[spot:], header
        if kind == 3:
            return raw + b" " * dice.randrange(1, 9), header
        spot = dice.randrange(len(header))
        if kind == 4:
            return raw, header[:spot] + chr(33 + (ord(header[spot]) - 32) % 90) + header[spot + 1 :]
        if kind == 5:
            return raw, header[:spot]
        if kind == 6:
            return raw, dice.choice([None, "", "sha1=" + header[7:], "sha256=", "sha256", "é" * 64, header * 2])
        return raw[:spot] + raw[spot : spot + 1] * 2 + raw[spot + 1 :], header


@tagged("post_install", "-at_install")
class TestParsers(BaseCase):
    @given(anything | likely)
    @settings(max_examples=400, deadline=None)
    def test_nothing_raises(self, body):
        for parser in (facebook, zalo):
            for item in parser.split(body):
                fact = parser.read(item)
                self.assertIsInstance(fact, Fact)
                self.assertLess(len(item.key), 64)
                for ref in (fact.ref, fact.page, fact.person):
                    self.assertIsInstance(ref, str)
                    self.assertNotIn("\x00", ref)
                json.dumps(item.payload)

    @given(st.binary(max_size=200))
    def test_any_bytes_load(self, raw):
        self.assertIn(type(load(raw)), (dict, type(None)))

    def test_deep_and_huge_bodies_load_as_nothing(self):
        self.assertIsNone(load(b"[" * 200_000))
        self.assertIsNone(load(b'{"a":' + b"9" * 10_000 + b"}"))

    def test_moment(self):
        self.assertEqual(str(moment(1700000000000, 1000)), "2023-11-14 22:13:20")
        self.assertEqual(str(moment(1700000000987, 1000)), "2023-11-14 22:13:20")
        self.assertEqual(str(moment(1700000000987, 1000, exact=True)), "2023-11-14 22:13:20.987000")
        self.assertEqual(moment("1700000000"), moment(1700000000))
        for odd in (None, True, -1, 0, 10**30, "x", "１２", [], 1.5):
            self.assertIsNone(moment(odd))

    def test_message_kinds(self):
        event = {"sender": {"id": 1}, "recipient": {"id": "P"}, "timestamp": 1700000000000}
        message = {
            "mid": "m",
            "attachments": [
                {"type": "image", "payload": {"url": "https://x/y.png", "sticker_id": 5}},
                {"type": "audio", "payload": {"url": "https://x/y.mp3"}},
                {"type": "fallback", "title": "Tin", "url": "https://t"},
                {"type": "image"},
                5,
            ],
        }
        [fact] = parse(facebook, {"entry": [{"id": "P", "messaging": [{**event, "message": message}]}]})
        self.assertEqual([media.kind for media in fact.media], ["sticker", "audio", "share", "image"], "what has no address leaves a line")
        self.assertEqual((fact.kind, fact.person, fact.media[2].name), ("message", "1", "Tin"))

    def test_zalo_ids_stay_text(self):
        [fact] = parse(zalo, json.loads(ZALO_RAW))
        self.assertEqual((fact.person, fact.page), ("5510185758261927916", "1646843870823903717"))

    def test_repetitions_have_one_key(self):
        [first] = facebook.split(json.loads(META_RAW))
        body = json.loads(META_RAW)
        body["entry"][0]["time"] = 5
        self.assertEqual(facebook.split(body)[0].key, first.key)
        body["entry"][0]["messaging"][0]["message"]["mid"] = "m_2"
        self.assertNotEqual(facebook.split(body)[0].key, first.key)


@tagged("post_install", "-at_install")
class TestAnswers(BaseCase):
    """What platforms answer is separated: gone, later, final, unknown."""

    def outgoing(self, part="text", **values):
        return OutgoingMessage(part, "https://v", "T", "P", person="1", text="Chào", **values)

    def test_facebook(self):
        cases = [
            (Answer(200, {"message_id": "m"}), "sent", ""),
            (Answer(200, {}), "unknown", "lost"),
            (Answer(0, broken="unsent"), "retry", "unreachable"),
            (Answer(0, broken="lost"), "unknown", "unreachable"),
            (Answer(500, {}), "unknown", "lost"),
            (Answer(400, {"error": {"code": 1200}}), "retry", "unreachable"),
            (Answer(400, {"error": {"code": 613}}), "retry", "rate"),
            (Answer(400, {"error": {"code": 190}}), "retry", "token"),
            (Answer(400, {"error": {"code": 10, "error_subcode": 2018278}}), "failed", "window"),
            (Answer(400, {"error": {"code": 100, "error_subcode": 2018001}}), "failed", "person"),
            (Answer(400, {"error": {"code": 100, "error_subcode": 1893061}}), "failed", "tag"),
            (Answer(400, {"error": {"code": 4, "error_subcode": 2018354}}), "failed", "marketing"),
            (Answer(400, {"error": {"code": 551}}), "failed", "person"),
            (Answer(400, {"error": {"code": 777}}), "failed", "other"),
        ]
        for answer, state, reason in cases:
            outcome = converse(facebook_api.talk(self.outgoing()), lambda call, a=answer: a)
            self.assertEqual((outcome.state, outcome.reason), (state, reason), answer)
        self.assertEqual(facebook_api.take(Answer(500, {}), repeatable=True).state, "retry", "hiding twice harms nobody")

    def test_zalo(self):
        cases = [
            (Answer(200, {"error": 0, "data": {"message_id": "z"}}), "sent", ""),
            (Answer(200, {"error": -216}), "retry", "token"),
            (Answer(401, {}), "retry", "token"),
            (Answer(200, {"error": -32}), "retry", "rate"),
            (Answer(200, {"error": -230}), "failed", "window"),
            (Answer(200, {"error": -224}), "failed", "package"),
            (Answer(200, {"error": -99, "message": "lạ"}), "failed", "other"),
            (Answer(200, {}), "unknown", "lost"),
            (Answer(0, broken="lost"), "unknown", "unreachable"),
        ]
        for answer, state, reason in cases:
            outcome = converse(zalo_api.talk(self.outgoing()), lambda call, a=answer: a)
            self.assertEqual((outcome.state, outcome.reason), (state, reason), answer)

    def test_upload_once(self):
        file = File("a.png", b"x", "image/png")
        answers = iter([Answer(200, {"attachment_id": "A1"}), Answer(200, {"message_id": "m"})])
        outcome = converse(facebook_api.talk(self.outgoing("file", file=file)), lambda call: next(answers))
        self.assertEqual((outcome.state, outcome.found["file"]), ("sent", "A1"))
        calls = []
        known = file._replace(ref="A1", content=b"")
        converse(facebook_api.talk(self.outgoing("file", file=known)), lambda call: calls.append(call) or Answer(200, {"message_id": "m"}))
        self.assertEqual(len(calls), 1, "what the page has is not uploaded again")
        told = Answer(400, {"error": {"code": 190, "message": "Malformed access token T1x"}})
        wanted = Outcome("retry", code="190", reason="token", token=True)
        self.assertEqual(converse(facebook_api.talk(self.outgoing("text")), lambda call: told), wanted, "Meta's words would show the token")
        lost = converse(facebook_api.talk(self.outgoing("file", file=file)), lambda call: Answer(0, broken="lost"))
        self.assertEqual(lost.state, "retry", "an upload nobody saw is no message")

    @given(st.text(max_size=300), st.integers(1, 50))
    def test_cut_text_loses_nothing(self, text, limit):
        pieces = cut_text(text, limit)
        self.assertTrue(all(0 < len(piece) <= limit for piece in pieces))
        self.assertEqual("".join("".join(pieces).split()), "".join(text.split()))

    @given(st.integers(0, 100))
    def test_pauses_grow_to_a_limit(self, attempts):
        self.assertTrue(7 <= pause_after(attempts) <= LONGEST_PAUSE)


@tagged("post_install", "-at_install")
class TestMediaAddresses(BaseCase):
    def test_closed_addresses_are_refused(self):
        for url in (
            "http://127.0.0.1/x",
            "http://[::1]/",
            "http://169.254.169.254/meta",
            "file:///etc/passwd",
            "ftp://x/y",
            "http:///x",
            "gopher://x",
        ):
            with self.assertRaises(MediaError, msg=url) as caught:
                fetch_media(url)
            self.assertTrue(caught.exception.final)

    def test_public_needs_every_address_public(self):
        def reaches(*addresses):
            """Whether a connection is tried to a host with these addresses."""
            http_out._known.clear()
            with (
                patch.object(http_out, "resolve", return_value=list(addresses)),
                patch.object(http_out, "connect", side_effect=ConnectionRefusedError) as connect,
                self.assertRaises(MediaError),
            ):
                fetch_media("http://h.example/x")
            return connect.called

        self.assertTrue(reaches("8.8.8.8"))
        self.assertFalse(reaches("8.8.8.8", "10.0.0.1"))
        self.assertFalse(reaches())

    def test_names_of_active_files_are_cut(self):
        self.assertEqual(file_name("a.svg", "image", "image/svg+xml"), "a.svg.txt")
        self.assertEqual(file_name("", "image", "image/png"), "image.png")
        self.assertEqual(file_name("../../x", "file", "application/pdf"), ".._.._x")
