from odoo.tests import BaseCase, tagged

from ...tools.amount import read_amount, read_percent

# also in static/tests/order/order_input.test.js: the box shows what the server will understand
AMOUNTS = {
    "30k": 30_000, "30 K": 30_000, "30.000": 30_000, "30,000": 30_000, "30000": 30_000, "30.000đ": 30_000, "30.000 ₫": 30_000,
    "1k5": 1_500, "25ng": 25_000, "30 nghìn": 30_000, "35 ngàn": 35_000, "1tr2": 1_200_000, "1tr25": 1_250_000, "1tr250": 1_250_000,
    "1tr200k": 1_200_000, "1,5tr": 1_500_000, "1.5 triệu": 1_500_000, "2tr": 2_000_000, "1.200.000": 1_200_000, "12.345.678": 12_345_678,
    "0": 0, "1,5k": 1_500, "150k": 150_000, "1 000 000": 1_000_000, "500.000 vnđ": 500_000, "2 củ": 2_000_000,
}  # fmt: skip
RUBBISH = (
    "", "30", "999", "30x", "k30", "30.00", "30.5", "30.0000", "1.200,000", "ba mươi", "-30k", "30k-", "1tr2tr", "1,5tr2", "1k5k", "50%", "1e6",
    "0x10", "∞", "30k 40k", "1..000", "120%", "٣٠٠٠",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestAmount(BaseCase):
    """Amounts as people type them; what is no amount is refused, never half read."""

    def test_amounts(self):
        for text, amount in AMOUNTS.items():
            with self.subTest(text):
                self.assertEqual(read_amount(text), amount)

    def test_rubbish(self):
        for text in RUBBISH:
            with self.subTest(text), self.assertRaises(ValueError):
                read_amount(text)

    def test_share_of_a_whole(self):
        self.assertEqual(read_amount("50%", 300_000), 150_000)
        self.assertEqual(read_amount("12,5 %", 100_000), 12_500)
        self.assertEqual(read_amount("33%", 10.01, 2), 3.3)
        with self.assertRaises(ValueError):
            read_amount("101%", 300_000)

    def test_money_with_cents(self):
        self.assertEqual([read_amount(text, decimals=2) for text in ("30", "9.99", "9,5", "1.200")], [30, 9.99, 9.5, 1200])
        with self.assertRaises(ValueError):
            read_amount("9.999.9", decimals=2)

    def test_percent(self):
        self.assertEqual([read_percent(text) for text in ("50%", "50", "12,5 %", "0", "100")], [50, 50, 12.5, 0, 100])
        for text in ("", "30k", "101", "-5", "5%%", "x"):
            with self.subTest(text), self.assertRaises(ValueError):
                read_percent(text)
