"""The pure tools: every branch, and properties that hold for any input."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..tools import intervals, masking, stamp
from ..tools.intervals import Interval, Purchase

T0 = datetime(2026, 1, 1)
SECRET = b"0123456789abcdef"
hours = st.integers(min_value=0, max_value=3000)


def at(hour):
    return T0 + timedelta(hours=hour)


@st.composite
def purchases(draw):
    facts = draw(st.lists(st.tuples(hours, st.integers(1, 1000), st.none() | hours), max_size=6))
    return [
        Purchase(key, at(paid), timedelta(hours=length), None if revoked is None else at(paid + revoked))
        for key, (paid, length, revoked) in enumerate(facts)
    ]


stretches = st.lists(st.builds(lambda a, b: Interval(at(a), at(b)), hours, hours), max_size=8)


@tagged("post_install", "-at_install")
class TestIntervals(BaseCase):
    def test_renewal_starts_at_the_running_end(self):
        plan = intervals.schedule([Purchase(1, at(0), timedelta(days=30)), Purchase(2, at(24), timedelta(days=30))])
        self.assertEqual(plan[2], Interval(at(720), at(1440)))

    def test_renewal_after_a_pause_starts_when_paid(self):
        plan = intervals.schedule([Purchase(1, at(0), timedelta(hours=10)), Purchase(2, at(50), timedelta(hours=10))])
        self.assertEqual(plan[2], Interval(at(50), at(60)))

    def test_a_purchase_starts_behind_the_programme(self):
        plan = intervals.schedule([Purchase(1, at(5), timedelta(hours=10))], [Interval(at(0), at(50))])
        self.assertEqual(plan[1], Interval(at(50), at(60)))
        plan = intervals.schedule([Purchase(1, at(5), timedelta(hours=10))], [Interval(at(6), at(50))])
        self.assertEqual(plan[1], Interval(at(5), at(15)), "what runs already goes on")

    def test_revoking_the_running_one_moves_the_next_forward(self):
        plan = intervals.schedule([Purchase(1, at(0), timedelta(hours=100), at(30)), Purchase(2, at(10), timedelta(hours=100))])
        self.assertEqual(plan[2], Interval(at(30), at(130)))

    def test_revoking_one_that_has_run_out_changes_nothing(self):
        plan = intervals.schedule([Purchase(1, at(0), timedelta(hours=100), at(140)), Purchase(2, at(10), timedelta(hours=100))])
        self.assertEqual(plan[2], Interval(at(100), at(200)))

    def test_half_open(self):
        interval = Interval(at(0), at(1))
        self.assertIn(at(0), interval)
        self.assertNotIn(at(1), interval)

    def test_effective(self):
        whole = Interval(at(0), at(10))
        self.assertEqual(intervals.effective(whole), whole)
        self.assertEqual(intervals.effective(whole, at(10)), whole)
        self.assertEqual(intervals.effective(whole, at(4)), Interval(at(0), at(4)))
        self.assertEqual(intervals.effective(Interval(at(5), at(10)), at(2)).length, timedelta(0))

    def test_paid_units(self):
        for bought, paid, refunded, left in [
            (1, 300, 0, 1),
            (1, 300, 300, 0),
            (1, 300, 100, 1),
            (2, 600, 300, 1),
            (2, 600, 299, 2),
            (3, 900, 600, 1),
            (1, 0, 0, 1),
            (1, 0, 1, 0),
            (0, 0, 0, 0),
            (-1, 300, 0, 0),
            (1.9, 300, 0, 1),
        ]:
            self.assertEqual(intervals.paid_units(bought, paid, refunded), left, (bought, paid, refunded))

    @given(purchases(), st.randoms())
    @settings(max_examples=200, deadline=None)
    def test_any_order_of_facts_gives_the_same_plan(self, facts, random):
        shuffled = list(facts)
        random.shuffle(shuffled)
        self.assertEqual(intervals.schedule(facts), intervals.schedule(shuffled))

    @given(purchases())
    @settings(max_examples=200, deadline=None)
    def test_no_paid_time_is_lost_or_counted_twice(self, facts):
        plan = intervals.schedule(facts)
        parts = [intervals.effective(plan[f.key], f.revoked_at) for f in facts]
        whole = intervals.union(parts)
        self.assertEqual(sum((p.length for p in parts), timedelta(0)), sum((p.length for p in whole), timedelta(0)))
        for fact in facts:
            self.assertGreaterEqual(plan[fact.key].start, fact.paid_at)
            self.assertEqual(plan[fact.key].length, fact.length)

    @given(purchases(), stretches)
    @settings(max_examples=200, deadline=None)
    def test_no_purchase_begins_in_the_programme_or_in_another(self, facts, programme):
        plan = intervals.schedule(facts, programme)
        parts = [intervals.effective(plan[f.key], f.revoked_at) for f in facts]
        for fact in facts:
            self.assertFalse(any(plan[fact.key].start in stretch for stretch in programme))
        self.assertEqual(sum((p.length for p in parts), timedelta(0)), sum((p.length for p in intervals.union(parts)), timedelta(0)))

    @given(stretches, hours)
    @settings(max_examples=200, deadline=None)
    def test_union_covers_what_its_parts_cover(self, parts, hour):
        merged = intervals.union(parts)
        self.assertEqual(any(at(hour) in part for part in parts), any(at(hour) in part for part in merged))
        for left, right in zip(merged, merged[1:], strict=False):
            self.assertLess(left.end, right.start)

    @given(stretches, hours)
    @settings(max_examples=200, deadline=None)
    def test_covering_is_the_whole_stretch(self, parts, hour):
        stretch = intervals.covering(parts, at(hour))
        if stretch is None:
            self.assertFalse(any(at(hour) in part for part in parts))
        else:
            self.assertIn(at(hour), stretch)
            self.assertFalse(any(stretch.end in part for part in parts))

    @given(st.timedeltas(timedelta(0), timedelta(days=400)), stretches)
    @settings(deadline=None)
    def test_remaining_and_used_make_the_total(self, total, used):
        left = intervals.remaining_length(total, used)
        self.assertEqual(left, max(total - sum((u.length for u in used), timedelta(0)), timedelta(0)))


@tagged("post_install", "-at_install")
class TestStamp(BaseCase):
    @given(st.lists(st.integers() | st.text(max_size=20), max_size=4), st.integers(0, 2**33))
    @settings(deadline=None)
    def test_what_is_signed_is_read(self, values, moment):
        self.assertEqual(stamp.verify(SECRET, "form", stamp.sign(SECRET, "form", values, moment)), (values, moment))

    @given(st.text(max_size=60) | st.none() | st.binary(max_size=9))
    @settings(deadline=None)
    def test_anything_else_is_refused(self, text):
        with self.assertRaises(stamp.StampError):
            stamp.verify(SECRET, "form", text)

    @given(st.integers(0, 200), st.sampled_from("aA0_-."))
    @settings(deadline=None)
    def test_a_changed_character_is_refused(self, position, char):
        text = stamp.sign(SECRET, "form", [1, "x"], 5)
        position %= len(text)
        changed = text[:position] + char + text[position + 1 :]
        if changed != text:
            with self.assertRaises(stamp.StampError):
                stamp.verify(SECRET, "form", changed)

    def test_other_scope_other_secret_and_giants_are_refused(self):
        text = stamp.sign(SECRET, "form", [1], 5)
        for secret, scope, given_text in [(SECRET, "buyer", text), (b"fedcba9876543210", "form", text), (SECRET, "form", text * 99)]:
            with self.assertRaises(stamp.StampError):
                stamp.verify(secret, scope, given_text)

    def test_a_weak_secret_is_refused(self):
        with self.assertRaises(ValueError):
            stamp.sign(b"short", "form", [], 0)


@tagged("post_install", "-at_install")
class TestMasking(BaseCase):
    @given(st.integers(min_value=10**8, max_value=10**9 - 1))
    @settings(deadline=None)
    def test_a_hint_shows_three_digits_at_most(self, number):
        hint = masking.phone_hint(f"+84{number}")
        self.assertEqual(sum(c.isdigit() for c in hint), 3)
        self.assertTrue(hint.endswith(str(number)[-3:]))

    def test_short_and_missing_numbers(self):
        self.assertEqual(masking.phone_hint(False), "")
        self.assertFalse(any(c.isdigit() for c in masking.phone_hint("12345")))

    def test_spans(self):
        self.assertEqual(masking.mask_spans("gọi 0912 nhé", [(4, 8)]), "gọi •••••• nhé")
        self.assertEqual(masking.mask_spans("abcdef", [(3, 5), (1, 4)]), "a••••••" + "••••••" + "f")
        self.assertEqual(masking.mask_spans("abcdef", [(1, 4), (2, 3)]), "a••••••ef")
        self.assertEqual(masking.mask_spans("abc", []), "abc")

    @given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
    @settings(deadline=None)
    def test_nothing_inside_a_span_is_left(self, text, spans):
        spans = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
        kept = [c for i, c in enumerate(text) if not any(a <= i < b for a, b in spans)]
        self.assertEqual(masking.mask_spans(text, spans).replace(masking.DOT, ""), "".join(kept).replace(masking.DOT, ""))
