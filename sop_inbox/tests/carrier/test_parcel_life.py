import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ...tools import life_ghn, life_ghtk, life_jt, life_viettelpost
from ...tools.carrier_base import CarrierError, Config
from ...tools.parcel_life import FINAL, RANK, SOURCES, ParcelEvent, Unreadable, fold, read_time

NOON = datetime(2026, 11, 29, 5)

# as the carriers' pages print them; what stands behind a code is the page's own word
GHN = """
ready_to_pick waiting, picking waiting, money_collect_picking waiting, picked picked, storing moving, transporting moving, sorting moving,
delivering out, money_collect_delivering out, delivered delivered, delivery_fail failed, waiting_to_return failed, return returning,
return_transporting returning, return_sorting returning, returning returning, return_fail returning, returned returned, cancel cancelled,
exception lost, damage damaged, lost lost, scrap damaged
"""
GHTK = """
-1 cancelled, 1 waiting, 2 waiting, 3 picked, 4 out, 5 delivered, 6 delivered, 7 cancelled, 8 waiting, 9 failed, 10 failed, 11 returned,
12 waiting, 13 lost, 20 returning, 21 returned
"""
GHTK_NOTES = ("123", "127", "128", "45", "49", "410")
VIETTELPOST = """
101 cancelled, 102 waiting, 103 waiting, 104 waiting, 105 picked, 107 cancelled, 200 moving, 201 cancelled, 202 moving, 300 moving, 400 moving,
500 out, 501 delivered, 502 returning, 503 cancelled, 504 returned, 505 failed, 506 failed, 507 failed, 508 out, 509 moving, 550 out,
515 returning
"""
JT = """
103 waiting, 104 waiting, 105 cancelled, 106 picked, 109 moving, 110 moving, 112 out, 113 delivered, 116 returning, 117 returned, 118 failed,
10 picked, 50 moving, 92 moving, 94 out, 100 delivered
"""
GHN_FINAL = ("delivered", "returned", "cancel", "exception", "lost", "damage", "scrap")
VIETTELPOST_FINAL = ("101", "107", "201", "501", "503", "504")


def table(text):
    """Return the pairs of a table above."""
    return [tuple(pair.split()) for pair in text.replace("\n", " ").split(",")]


def ghn(**values):
    facts = {
        "ShopID": 885, "Time": "2026-11-29T05:00:00.123Z", "OrderCode": "GAX1", "ClientOrderCode": "ab-1-1", "Type": "switch_status",
        "Status": "delivering", "Reason": "", "ReasonCode": "", "CODAmount": 150000, "Weight": 200, "ConvertedWeight": 240, "TotalFee": 31000,
        "Warehouse": "Bưu cục Quận 1", "PodURL": "",
    }  # fmt: skip
    return json.dumps(facts | values).encode()


def ghtk(**values):
    facts = {
        "label_id": "S1.A1.17373471", "partner_id": "ab-1-1", "status_id": 4, "action_time": "2026-11-29T12:00:00+07:00", "reason_code": "",
        "reason": "", "weight": 2.4, "fee": 28500, "pick_money": 150000, "return_part_package": 0,
    }  # fmt: skip
    return urlencode(facts | values).encode()


def viettelpost(**values):
    facts = {
        "ORDER_NUMBER": "VTP1", "ORDER_REFERENCE": "ab-1-1", "ORDER_STATUSDATE": "29/11/2026 12:00:00", "ORDER_STATUS": 500,
        "STATUS_NAME": "Đang giao", "NOTE": "", "MONEY_COLLECTION": 150000, "MONEY_TOTAL": 35000, "PRODUCT_WEIGHT": 240,
        "REASON_CODE": None, "POD": None,
    }  # fmt: skip
    return json.dumps({"DATA": facts | values, "TOKEN": "t"}).encode()


def jt(*scans, bill="801", **values):
    scan = {"scanTypeCode": 112, "desc": "Đang giao", "scanTime": "2026-11-29 12:00:00", "scanNetworkName": "Q1"}
    facts = {"billCode": bill, "txlogisticId": "ab-1-1", "details": [scan | one for one in scans] or scan | values}
    return urlencode({"bizContent": json.dumps(facts)}).encode()


@tagged("post_install", "-at_install")
class TestParcelWords(BaseCase):
    """The carriers' statuses and bodies, from their documents."""

    def test_ghn(self):
        for status, state in table(GHN):
            [event] = life_ghn.read(ghn(Status=status))
            self.assertEqual((event.state, event.at, event.tracking, event.reference), (state, NOON, "GAX1", "ab-1-1"), status)
            self.assertEqual(status in GHN_FINAL, state in FINAL, status)
        self.assertEqual((event.fee, event.cod, event.weight, event.place), (31000, 150000, 240, "Bưu cục Quận 1"))

    def test_ghn_news_of_money_moves_nothing(self):
        for kind in ("update_weight", "update_cod", "update_fee", "update_payment_type", "cod", "update_partial_return"):
            self.assertEqual(life_ghn.read(ghn(Type=kind, Status="delivered"))[0].state, "", kind)

    def test_ghtk(self):
        for status, state in table(GHTK):
            [event] = life_ghtk.read(ghtk(status_id=status))
            self.assertEqual((event.state, event.at, event.tracking, event.weight, event.fee), (state, NOON, "S1.A1.17373471", 2400, 28500), status)
        for status in GHTK_NOTES:
            self.assertEqual(life_ghtk.read(ghtk(status_id=status))[0].state, "")

    def test_viettelpost(self):
        for status, state in table(VIETTELPOST):
            [event] = life_viettelpost.read(viettelpost(ORDER_STATUS=int(status)))
            self.assertEqual((event.state, event.at, event.words), (state, NOON, "Đang giao"), status)
            self.assertEqual(status in VIETTELPOST_FINAL, state in FINAL, status)
        [event] = life_viettelpost.read(viettelpost(ORDER_STATUS=506, REASON_CODE=35, NOTE="Khách hẹn", POD={"IMAGES": ["https://x/1.jpg"]}))
        self.assertEqual((event.reason_code, event.reason, event.proof), ("35", "Khách hẹn", "https://x/1.jpg"))

    def test_jt(self):
        for status, state in table(JT):
            [event] = life_jt.read(jt(scanTypeCode=int(status)))
            self.assertEqual((event.state, event.at, event.reference), (state, NOON, "ab-1-1"), status)
        self.assertEqual([event.state for event in life_jt.read(jt({"scanTypeCode": 121}, {"scanTypeCode": "113"}))], ["", "delivered"])

    def test_rubbish(self):
        for module in (life_ghn, life_ghtk, life_viettelpost, life_jt):
            for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b'{"DATA": []}', b"bizContent=[]", b"bizContent=%7B%7D", b"a=1", b"[" * 9999):
                with self.assertRaises(Unreadable, msg=(module.__name__, body)):
                    module.read(body)
        for moment in ("", "x", None, True, "0001-01-01", "9999-12-31T23:59:59-14:00", float("nan"), 10**30):
            with self.assertRaises(Unreadable, msg=moment):
                read_time(moment)

    def test_who_says_so(self):
        config = Config("", token="jt-key", secret="bí mật")
        self.assertIsNone(life_ghn.is_signed({"X-Sop-Secret": "bí mật"}, {}, b"", config), "let in, and nothing is proved")
        self.assertIs(life_ghn.is_signed({}, {}, b"", config), False)
        self.assertIs(life_ghtk.is_signed({}, {"hash": "bí mật"}, b"", config), True)
        self.assertIs(life_ghtk.is_signed({}, {"hash": "x"}, b"", config), False)
        self.assertIs(life_viettelpost.is_signed({"Authorization": "bí mật"}, {}, b"", config), True)
        self.assertIs(life_viettelpost.is_signed({}, {}, b"", config), False)
        body = urlencode({"bizContent": "{}"}).encode()
        self.assertIs(life_jt.is_signed({"digest": "3ZsQtOcgVRqp3TYX45zXGQ=="}, {}, body, config), False)
        self.assertIs(life_jt.is_signed({"digest": DIGEST}, {}, body, config), True)
        self.assertIsNone(life_jt.is_signed({}, {}, body, config))


DIGEST = "bJhI3mGaIhgDN29E9mxYhA=="  # printf %s "{}jt-key" | openssl md5 -binary | base64


@tagged("post_install", "-at_install")
class TestParcelFollow(BaseCase):
    """What a carrier answers when it is asked."""

    def answers(self, answer, status=200):
        self.asked = []

        def send(method, url, headers=None, params=None, json=None, data=None):
            self.asked.append((method, url, json or data))
            return status, answer.encode() if isinstance(answer, str) else _dumps(answer)

        return send

    def test_ghn(self):
        log = [{"status": "picked", "updated_date": "2026-11-28T05:00:00Z"}, {"status": "delivering", "updated_date": "2026-11-29T01:00:00Z"}]
        data = {"order_code": "GAX1", "status": "delivered", "updated_date": "2026-11-29T05:00:00Z", "leadtime": "2026-11-30T16:59:59Z", "log": log}
        events = life_ghn.follow(Config("u"), "GAX1", "", self.answers({"code": 200, "data": data}))
        self.assertEqual([event.state for event in events], ["picked", "out", "delivered"])
        self.assertEqual({event.source for event in events}, {"asked"})
        self.assertEqual(events[-1].expected, datetime(2026, 11, 30, 16, 59, 59))
        with self.assertRaises(CarrierError):
            life_ghn.follow(Config("u"), "OTHER", "", self.answers({"code": 200, "data": data}))

    def test_ghn_is_asked_what_the_way_back_costs(self):
        data = {"order_code": "GAX1", "status": "returned", "updated_date": "2026-11-29T05:00:00Z"}
        for detail, fee in (({"return": 22000}, 22000), ({"return": 0}, 0), ({}, None), (None, None), ([], None), ({"return": "x"}, None)):
            [event] = life_ghn.follow(Config("u"), "GAX1", "", self.answers({"code": 200, "data": data | {"detail": detail}}))
            self.assertEqual((event.state, event.return_fee), ("returned", fee), detail)
        self.assertEqual([url for _method, url, _json in self.asked], ["u/v2/shipping-order/detail", "u/v2/shipping-order/soc"])

        def deaf(method, url, **values):
            if url.endswith("soc"):
                return 500, b""
            return 200, _dumps({"code": 200, "data": data})

        [event] = life_ghn.follow(Config("u"), "GAX1", "", deaf)
        self.assertEqual((event.state, event.return_fee), ("returned", None), "where it is counts without the fee")
        answers = self.answers({"code": 200, "data": data | {"detail": {"return": 22000}}})
        self.assertNotEqual(life_ghn.follow(Config("u"), "GAX1", "", answers)[0].key, event.key, "asked again, the fee is news")

    def test_ghtk(self):
        order = {"label_id": "S1", "partner_id": "r", "status": "9", "status_text": "Không giao được", "modified": "2026-11-29 12:00:00"}
        [event] = life_ghtk.follow(Config("u"), "S1", "", self.answers({"success": True, "order": order}))
        self.assertEqual((event.state, event.at, event.words), ("failed", NOON, "Không giao được"))

    def test_jt(self):
        scan = {"scanTypeCode": 113, "scanTime": "2026-11-29 12:00:00"}
        data = [{"billCode": "801", "details": [scan, {"scanTime": "x"}]}, {"billCode": "802", "details": [scan]}]
        events = life_jt.follow(Config("u", token="k"), "801", "", self.answers({"code": "1", "msg": "success", "data": data}))
        self.assertEqual([(event.tracking, event.state) for event in events], [("801", "delivered")])
        for answer in ({"code": "999", "msg": "no"}, "[]", "{}"):
            with self.assertRaises(CarrierError):
                life_jt.follow(Config("u"), "801", "", self.answers(answer))


def _dumps(value):
    return json.dumps(value).encode()


@st.composite
def events(draw):
    """One parcel's events, several within a second, some unproved."""
    one = st.builds(
        lambda second, state, source, trusted, code, reason: ParcelEvent(
            "W", NOON + timedelta(seconds=second), state, code, reason_code=reason, source=source, trusted=trusted
        ),
        st.integers(0, 4),
        st.sampled_from(sorted(RANK)),
        st.sampled_from(SOURCES),
        st.booleans(),
        st.sampled_from("abc"),
        st.sampled_from(["", "30", "31"]),
    )
    return draw(st.lists(one, max_size=8, unique_by=lambda event: event.key))


def webhook(state, hour, **values):
    return ParcelEvent("W", NOON + timedelta(hours=hour), state, state, **values)


@tagged("post_install", "-at_install")
class TestParcelFold(BaseCase):
    """The state that events come to."""

    @settings(deadline=None)
    @given(events(), st.randoms(use_true_random=False))
    def test_any_order_and_any_repetition_end_in_the_same_state(self, rows, dice):
        shuffled = rows + [dice.choice(rows) for _time in range(3)] if rows else []
        dice.shuffle(shuffled)
        self.assertEqual(fold(rows), fold(shuffled))

    def test_an_older_event_moves_nothing_back(self):
        self.assertEqual(fold([webhook("out", 3), webhook("moving", 2), webhook("picked", 1)]).state, "out")

    def test_a_final_state_stays(self):
        done = [webhook("out", 1), webhook("delivered", 2)]
        for state in set(RANK) - {"", "delivered"}:
            self.assertEqual(fold([*done, webhook(state, 3)]).state, "delivered", state)
            for source in ("asked", "person"):
                self.assertEqual(fold([*done, webhook(state, 3, source=source)]).state, state)

    def test_nothing_final_without_proof(self):
        rows = [webhook("out", 1, trusted=False), webhook("delivered", 2, trusted=False)]
        self.assertEqual(fold(rows).state, "out")
        self.assertEqual(fold([*rows, webhook("delivered", 2, source="asked")]).state, "delivered")
        for said in ((False, True), (True, False)):  # the same words from a stranger, before or after the carrier's own
            self.assertEqual(fold([webhook("delivered", 2, trusted=trusted) for trusted in said]).state, "delivered")

    def test_why_it_failed(self):
        """The reason holds for what comes of the failure, and not for the next one."""
        failed = webhook("failed", 2, reason_code="30")
        self.assertEqual(fold([webhook("returning", 3), webhook("returned", 4), failed]).why, failed)
        self.assertIsNone(fold([failed, webhook("out", 3)]).why)
        self.assertIsNone(fold([failed, webhook("out", 3), webhook("failed", 4)]).why)

    def test_deliveries_are_counted(self):
        rows = [webhook("out", 1), webhook("failed", 2), webhook("failed", 3), webhook("moving", 4), webhook("out", 5)]
        self.assertEqual(fold(rows).tries, 2)
        self.assertEqual(
            fold([webhook("picked", 1), webhook("failed", 2), webhook("moving", 3), webhook("failed", 4)]).tries, 2, "no word of going out"
        )
