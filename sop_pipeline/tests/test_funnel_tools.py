from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..tools.funnel import funnel_row, lower_bound, share, slowest, upper_bound, weakest, wilson, worse

ZONE = "Asia/Ho_Chi_Minh"


@tagged("post_install", "-at_install")
class TestFunnelTools(BaseCase):
    """Days, shares and intervals, without a database."""

    def test_days(self):
        self.assertEqual(lower_bound("2026-11-21", ZONE), datetime(2026, 11, 20, 17))
        self.assertEqual(upper_bound(date(2026, 11, 21), ZONE), datetime(2026, 11, 21, 17))
        self.assertEqual(lower_bound(datetime(2026, 11, 21, 8, 30), ZONE), datetime(2026, 11, 21, 8, 30))
        self.assertEqual(lower_bound("2026-11-21 08:30:00", ZONE), datetime(2026, 11, 21, 8, 30))
        aware = datetime(2026, 11, 21, tzinfo=timezone(timedelta(hours=7)))
        self.assertEqual(lower_bound(aware, ZONE), datetime(2026, 11, 20, 17))
        self.assertEqual(upper_bound(datetime(2026, 11, 21), ZONE), datetime(2026, 11, 21))
        self.assertGreater(upper_bound(datetime(2026, 11, 21), ZONE, inclusive=True), datetime(2026, 11, 21))
        self.assertEqual(upper_bound("2026-11-21", ZONE, inclusive=True), datetime(2026, 11, 21, 17))
        for nothing in (None, False, ""):
            self.assertIsNone(upper_bound(nothing, ZONE, inclusive=True))

    def test_no_days(self):
        for wrong in ("yesterday", "2026-13-01", "2026-11-21T99:00", 5, ["2026-11-21"]):
            with self.subTest(wrong=wrong), self.assertRaises(ValueError):
                lower_bound(wrong, ZONE)

    @settings(max_examples=100, deadline=None)
    @given(st.dates(date(2000, 1, 1), date(2037, 12, 30)), st.sampled_from([ZONE, "Europe/Paris", "America/New_York", "UTC"]))
    def test_days_touch(self, day, zone):
        """No instant between two days, and none in both, clock changes included (as far as core's calendar of them goes)."""
        midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(timezone.utc).replace(tzinfo=None)
        self.assertEqual((upper_bound(day, zone), lower_bound(day + timedelta(days=1), zone)), (midnight, midnight))

    def test_source_example(self):
        row = funnel_row("convert", {"entered": 50, "to_next": 5, "won": 5})
        self.assertEqual((row["conversion_to_next"], row["conversion_to_won"]), (0.1, 0.1))
        self.assertEqual(share(0, 0), 0)

    def test_where_it_is_weak(self):
        """Only steps that enough leads have entered, and never the last."""
        row = [
            {"code": code, "entered": entered, "conversion_to_next": share, "median_days": days}
            for code, entered, share, days in (("a", 100, 0.8, 1), ("b", 80, 0.3, 9), ("c", 19, 0.1, 50), ("d", 40, 0.5, 0), ("e", 30, 0.0, 90))
        ]
        self.assertEqual((weakest(row)["code"], slowest(row)["code"]), ("b", "b"))
        self.assertIsNone(weakest(row[2:3]))
        self.assertIsNone(slowest(row[3:]))

    def test_whose_ratings_are_won_less(self):
        def line(label, share, low, high, sample=30):
            return {"label": label, "faces": [{"interest": "interested", "share": share, "low": low, "high": high, "sample": sample}]}

        everybody = line("all", 0.5, 0.45, 0.55)
        surely, maybe, few = line("Lan", 0.2, 0.1, 0.4), line("Hoa", 0.4, 0.3, 0.5), line("Mai", False, False, False, 5)
        self.assertEqual([found[0]["label"] for found in worse([everybody, maybe, surely, few], ["interested"])], ["Lan"])
        self.assertEqual(worse([], ["interested"]), [])

    def test_wilson(self):
        low, high = wilson(5, 50)
        self.assertAlmostEqual(low, 0.0435, 3)  # published values for 5 of 50
        self.assertAlmostEqual(high, 0.2136, 3)
        self.assertEqual(wilson(0, 0), (0.0, 1.0))

    @settings(max_examples=100, deadline=None)
    @given(st.integers(1, 5000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
    def test_wilson_holds_the_share(self, sample):
        won, total = sample
        low, high = wilson(won, total)
        for smaller, larger in zip((0, low, won / total, high), (low, won / total, high, 1), strict=True):
            self.assertLessEqual(smaller, larger + 1e-9)
