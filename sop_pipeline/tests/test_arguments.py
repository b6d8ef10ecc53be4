from datetime import datetime, timezone

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged

from ..tools import arguments as a


@tagged("post_install", "-at_install", "sop_pipeline")
class TestArguments(TransactionCase):
    """Checks of what clients send; the doors test each method with rubbish, here are the good values and the limits."""

    def sentence(self, check, value):
        @a.takes(thing=check)
        def method(self, thing):
            return thing

        with self.assertRaises(UserError) as caught:
            method(self.env["res.partner"], value)
        self.assertIn("thing", str(caught.exception))
        return str(caught.exception)

    def test_good_values_pass(self):
        for check, value, clean in (
            (a.record_id, 1, 1),
            (a.record_id, 2**31 - 1, 2**31 - 1),
            (a.record_ids, (3, 1, 3), [3, 1]),
            (a.text(3), "áo\n", "áo\n"),
            (a.text(9), "a\x00b\ud800c", "abc"),
            (a.or_nothing(a.record_id), 0, False),
            (a.or_nothing(a.record_id), "", False),
            (a.or_nothing(a.record_id), 7, 7),
            (a.number(0, 100), 100, 100),
            (a.number(-1.5, 1), -1.5, -1.5),
            (a.at_most(5), 900, 5),
            (a.at_most(5), 2.0, 2),
            (a.flag, True, True),
            (a.choice("x", "y"), "y", "y"),
            (a.named, {"x": 1}, {"x": 1}),
            (a.each(a.record_id, 2), (1, 2), [1, 2]),
            (a.moment, "2026-01-31 08:30:00", datetime(2026, 1, 31, 8, 30)),
            (a.moment, "2026-01-31T08:30:00Z", datetime(2026, 1, 31, 8, 30)),
            (a.moment, "2026-01-31T08:30:00.5+07:00", datetime(2026, 1, 31, 1, 30)),
            (a.moment, datetime(2026, 1, 31, tzinfo=timezone.utc), datetime(2026, 1, 31)),
        ):
            with self.subTest(check=check, value=value):
                self.assertEqual(check(value), clean)

    def test_others_get_a_sentence(self):
        for check, values in (
            (a.record_id, (0, -1, 2**31, "1", 1.0)),
            (a.record_ids, (1, "1", [0], [[1]])),
            (a.text(3), ("abcd", 1, b"x", [])),
            (a.or_nothing(a.record_id), ("x", True)),
            (a.number(0, 9), (-1, 10, "1", float("nan"), float("inf"), True)),
            (a.at_most(5), (-1, None, "5")),
            (a.flag, (1, "yes")),
            (a.choice("x"), ("y", ["x"], 1)),
            (a.named, ([], "x", {1: 2})),
            (a.each(a.record_id, 2), ([1, 2, 3], [0], "12")),
            (a.moment, ("", "x", 5, [], "1800-01-01 00:00:00", "9999-01-01 00:00:00", "0001-01-01T00:00:00+14:00")),
        ):
            for value in values:
                with self.subTest(check=check, value=value):
                    self.sentence(check, value)

    def test_what_is_not_said_is_the_default(self):
        @a.takes(limit=a.at_most(40), tell=a.flag)
        def method(self, limit=12, tell=False):
            return limit, tell

        partner = self.env["res.partner"]
        self.assertEqual(
            [method(partner), method(partner, None, None), method(partner, False), method(partner, 3, tell=True)],
            [(12, False), (12, False), (12, False), (3, True)],
        )
        with self.assertRaises(TypeError):
            method(partner, colour="red")

    def test_no_is_an_answer(self):
        @a.takes(tell=a.flag)
        def method(self, tell=True):
            return tell

        partner = self.env["res.partner"]
        self.assertEqual([method(partner), method(partner, None), method(partner, True), method(partner, False)], [True, True, True, False])

    def test_the_sentence_says_what_is_taken(self):
        self.assertEqual(self.sentence(a.number(1, 5), 9), "“thing” takes a number from 1 to 5.")
        self.assertEqual(self.sentence(a.choice("x", "y"), "z"), "“thing” takes one of: x, y.")

    def test_filters(self):
        model = self.env["res.partner"]
        good = [("name", "ilike", "An"), ("is_company", "=", True), ("child_ids", "any", [("active", "=", True)]), ("user_id", "in", [1, False])]
        self.assertEqual(a.read_domain(model, good), Domain(good))
        self.assertEqual(a.read_domain(model, None), Domain.TRUE)
        for bad in (
            5,
            "x",
            [5],
            ["&"],
            [("nothing", "=", 1)],
            [("name", "~", 1)],
            [("name", "=", "\x00")],
            [("user_ids.password", "!=", False)],
            [("user_id", "=", True)],
            [("child_ids", "any", [("user_id", "=", True)])],
            [("user_id", "in", [[1]])],
            [("user_id", "=", float("nan"))],
            [("create_date", ">", "x")],
            [[]],
        ):
            with self.subTest(domain=bad), self.assertRaisesRegex(UserError, "Contact"):
                a.read_domain(model, bad)
