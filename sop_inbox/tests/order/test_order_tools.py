import io
import math
import threading
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged
from PIL import Image

from ...tools import carrier_ghn, carrier_ghtk, carrier_jt, carrier_viettelpost
from ...tools.carrier_base import Address, CarrierError, Config, Parcel, decode, member, money, text
from ...tools.order_input import ORDER_KEYS, InputError, clean_address, clean_lines, clean_order, fingerprint
from ...tools.qr_picture import BORDER, draw
from ...tools.transport import ask_all, make_send
from . import vietqr

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
# one wrong thing in an order, or an answer, that is right otherwise
LINES = st.lists(
    st.fixed_dictionaries(
        {"product_id": st.integers(1, 9), "qty": st.integers(1, 9) | st.floats()}, optional={"discount": ANYTHING, "note": ANYTHING}),
    min_size=1, max_size=3,
)  # fmt: skip
NEARLY_ORDER = st.fixed_dictionaries({"lines": LINES}, optional=dict.fromkeys(ORDER_KEYS - {"lines"}, ANYTHING))
PARTS = (
    "code", "status", "error", "success", "message", "data", "fee", "order", "total", "order_code", "label", "delivery", "GIA_CUOC", "MA_DV_CHINH",
    "billCode", "price", "result",
)  # fmt: skip
NEARLY_ANSWER = st.recursive(
    st.sampled_from([0, 200, True, False, "OK", "25000", 25000, None]) | ANYTHING,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=6),
    max_leaves=12,
)
PLACE = Address(name="A", phone="0901234567", street="1 Lê Lợi", ward="Bến Nghé", province="TP HCM", district_code="1442", ward_code="20101")
PARCEL = Parcel(sender=PLACE, receiver=PLACE, weight=500, reference="WH/OUT/1", items=(("Áo", 1),), cod=1000)
# a busy machine draws slowly: that says nothing about what is tested
steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
CONFIG = Config(url="http://x", token="t", shop="1")
OPERATIONS = ("quote", "create", "cancel", "ask")
CARRIERS = (carrier_ghn, carrier_ghtk, carrier_viettelpost, carrier_jt)


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderTools(BaseCase):
    """The pure parts: whatever comes in, a checked value or the one error of the module comes out."""

    @steady
    @given(ANYTHING | NEARLY_ORDER)
    def test_any_order_is_clean_or_refused(self, vals):
        try:
            cleaned = clean_order(vals)
        except InputError as error:
            self.assertTrue(error.code)
        else:
            self.assertTrue(all(0 < line["qty"] < math.inf for line in cleaned["lines"]))

    @steady
    @given(ANYTHING | st.fixed_dictionaries({}, optional={"street": ANYTHING, "city": st.text(), "state_id": ANYTHING}))
    def test_any_address_is_clean_or_refused(self, address):
        try:
            cleaned = clean_address(address)
        except InputError as error:
            self.assertTrue(error.code)
        else:
            self.assertTrue(not address and cleaned == {} or all("\x00" not in cleaned[name] for name in ("street", "city")))

    @steady
    @given(st.lists(st.fixed_dictionaries({"product_id": st.integers(1, 5), "qty": st.floats(0.1, 50)}), min_size=1, max_size=8))
    def test_lines_keep_the_sum_of_each_product(self, lines):
        cleaned = clean_lines(lines)
        for product in range(1, 6):
            wanted = sum(line["qty"] for line in lines if line["product_id"] == product)
            self.assertAlmostEqual(sum(line["qty"] for line in cleaned if line["product_id"] == product), wanted)
        self.assertEqual(len({line["product_id"] for line in cleaned}), len(cleaned))

    def test_fingerprint_is_of_the_content(self):
        one, other = {"product_id": 1, "qty": 1}, {"product_id": 2, "qty": 3}
        first = clean_order({"lines": [one, other], "request_ref": "a"})
        self.assertEqual(fingerprint(first), fingerprint(clean_order({"lines": [other, one], "request_ref": "b"})))
        self.assertNotEqual(fingerprint(first), fingerprint(clean_order({"lines": [one, other], "confirm": True})))

    @steady
    @given(
        st.sampled_from(CARRIERS),
        st.sampled_from(("quote", "create", "cancel", "ask")),
        st.just(200) | st.integers(200, 599),
        ANYTHING | NEARLY_ANSWER,
    )
    def test_rubbish_of_a_carrier_is_an_error_of_ours(self, carrier, operation, status, answer):
        import json

        body = json.dumps(answer).encode()
        arguments = (CONFIG, "X1") if operation == "cancel" else (CONFIG, PARCEL)
        if not hasattr(carrier, operation):
            return  # Viettel Post cannot be asked
        try:
            result = getattr(carrier, operation)(*arguments, lambda *args, **kwargs: (status, body))
        except CarrierError as error:
            self.assertTrue(error.code)
        else:
            self.assertTrue(operation in ("cancel", "ask") or result)

    @steady
    @given(st.binary(max_size=30), st.integers(200, 599))
    def test_decode_never_breaks(self, body, status):
        try:
            self.assertIsInstance(decode(status, body), dict | list)
        except CarrierError as error:
            self.assertIn(error.code, ("rubbish", "network"))

    def test_money(self):
        for value, amount in ((31000, 31000), ("28500", 28500), (28500.4, 28500), (0, 0)):
            self.assertEqual(money(value), amount)
        for value in (None, True, "x", "nan", -1, float("inf"), 1e11, [], {}):
            with self.subTest(value=value), self.assertRaises(CarrierError):
                money(value)
        self.assertEqual((text(5), text("a"), text(True), text(None)), ("5", "a", "", ""))
        with self.assertRaises(CarrierError):
            member({"data": 1}, "data")

    def test_viettelpost_days(self):
        days = carrier_viettelpost._days
        self.assertEqual((days("2 ngày"), days("12 giờ"), days("1,5 ngày"), days("?"), days(None)), (2, 0.5, 1.5, 0, 0))

    def test_budget(self):
        gate = threading.Event()
        self.addCleanup(gate.set)

        def slow(deadline):
            gate.wait(60)

        def broken(deadline):
            raise RuntimeError

        started = time.monotonic()
        results = ask_all({"slow": slow, "broken": broken, "good": lambda deadline: 7}, 2)
        self.assertLess(time.monotonic() - started, 30, "nobody waits for the slow one")
        self.assertEqual((results["slow"].code, results["broken"].code, results["good"]), ("timeout", "rubbish", 7))
        with self.assertRaises(CarrierError):
            make_send(time.monotonic() - 1)("GET", "http://127.0.0.1:9")

    def test_picture_is_the_code(self):
        """The modules of the picture are those of the text: finder patterns where they belong, quiet zone around."""
        picture = Image.open(io.BytesIO(draw("VIETQR", scale=1)))
        size = picture.width
        self.assertEqual(picture.getpixel((0, 0)), 255)
        finder = [picture.getpixel((BORDER + column, BORDER)) == 0 for column in range(8)]
        self.assertEqual(finder, [True] * 7 + [False])
        self.assertEqual(picture.getpixel((size - BORDER - 1, BORDER)), 0)
        self.assertEqual(draw("VIETQR", scale=1), draw("VIETQR", scale=1))
        with self.assertRaises(ValueError):
            draw("x" * 3000)

    @steady
    @given(st.binary(min_size=1, max_size=60))
    def test_the_decoder_counts_the_standards_checksum(self, data):
        """The published check value of CRC-16/CCITT-FALSE, and a bit flipped anywhere is noticed."""
        self.assertEqual(vietqr.crc("123456789"), 0x29B1)
        words = data.hex()
        other = words[:-1] + ("0" if words[-1] != "0" else "1")
        self.assertNotEqual(vietqr.crc(words), vietqr.crc(other))
