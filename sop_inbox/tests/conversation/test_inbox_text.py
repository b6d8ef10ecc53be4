from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ...tools.text import clean, snippet


@tagged("post_install", "-at_install")
class TestText(BaseCase):
    """One line of a list row out of anything a customer sends."""

    def test_spaces_and_lines_become_one_line(self):
        self.assertEqual(snippet("  Xin\n\n chào \t shop  "), "Xin chào shop")

    def test_characters_that_hide_or_turn_text_are_removed(self):
        self.assertEqual(snippet("giá\u200b 10\u202e0k\u2066"), "giá 100k")

    def test_family_emoji_stays_whole(self):
        self.assertEqual(snippet("👨\u200d👩\u200d👧"), "👨\u200d👩\u200d👧")

    def test_cut_line_ends_with_ellipsis_and_keeps_marks_on_letters(self):
        self.assertEqual(snippet("abc" + "x\u0301" * 5, 6), "abcx\u0301…")
        self.assertEqual(snippet("abc" + "e\u0301" * 5, 6), "abcéé…", "a letter that has its mark in it is one")
        self.assertEqual(snippet("a" * 300), "a" * 139 + "…")

    def test_control_characters_never_reach_the_database(self):
        self.assertEqual(clean("a\x00b\ud800c\n"), "abc\n")

    @given(st.text(), st.integers(min_value=2, max_value=200))
    def test_any_text_gives_one_short_line(self, text, limit):
        line = snippet(text, limit)
        self.assertLessEqual(len(line), limit)
        self.assertNotIn("\n", line)
        line.encode("utf-8")
