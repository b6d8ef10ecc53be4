from odoo.tests import BaseCase, tagged

from ..tools.moves import CODES, TARGETS, next_code

#: fact -> where it takes a lead from collect, evaluate, contact, convert, close (row V1)
EXPECTED = {
    "profile_completed": ("evaluate", None, None, None, None),
    "call_answered": ("evaluate", None, None, None, None),
    "call_rated": ("contact", "contact", None, None, None),
    "quotation_sent": ("convert", "convert", "convert", None, None),
    "order_confirmed": ("close", "close", "close", "close", None),
    "order_cancelled": (None, None, None, None, "convert"),
}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestMoves(BaseCase):
    """The pure rule, over every stage and fact."""

    def test_every_stage_and_fact(self):
        self.assertEqual(set(EXPECTED), set(TARGETS))
        for fact, targets in EXPECTED.items():
            for code, target in zip(CODES, targets, strict=True):
                with self.subTest(fact=fact, stage=code):
                    self.assertEqual(next_code(code, fact), target)

    def test_switched_off(self):
        for fact in TARGETS:
            for code in CODES:
                self.assertIsNone(next_code(code, fact, [other for other in TARGETS if other != fact]))

    def test_outside_the_process(self):
        for code in (None, False, "", "won"):
            for fact in TARGETS:
                self.assertIsNone(next_code(code, fact))

    def test_unknown_fact(self):
        with self.assertRaises(KeyError):
            next_code("collect", "birthday")
