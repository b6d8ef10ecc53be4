import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..tools.known_phone import find_known_phone
from ..tools.phone import _DATA, find_phones
from ..tools.spans import join_spans, replace_spans

OWN = "+84987555222"
WORDS = {"0": ["không", "Khong", "ko", "zero"]}
WORDS |= {
    "1": ["một", "mot"],
    "2": ["hai"],
    "3": ["ba"],
    "4": ["bốn", "tư"],
    "5": ["năm", "lăm"],
    "6": ["sáu"],
    "7": ["bảy", "seven"],
    "8": ["tám"],
    "9": ["chín", "NINE"],
}
ALIKE = {"0": "oOqQо", "1": "lLiI|!", "2": "zZ", "5": "sS", "6": "bG", "8": "B", "9": "g"}
SCRIPTS = [0x0660, 0x06F0, 0x0966, 0x0E50, 0xFF10, 0x1D7CE, 0x1D7EC]
GAPS = ["", "", "", " ", ".", "-", ",", "/", "\u200b", " . ", "...", "_", "\n", "-*-", "~", " x ", "ab", "</b>", "\u00a0", "→"]
TRUNKS = ["", "0", "84", "+84", "+84 ", "(+84)", "0084", "+84 (0)", "0 ", "0."]
AROUND = ["", "gọi nhé ", " cảm ơn", "#", "mã ", "stk ", "Lan", "(", "@", " mk: ", "🙂", "tk ", "x"]


@st.composite
def writings(draw, national):
    """The number, each digit in a way of its own."""
    pieces = [draw(st.sampled_from(TRUNKS))]
    for digit in national:
        ways = [digit, digit, digit, *(chr(zero + int(digit)) for zero in SCRIPTS), *WORDS.get(digit, ()), *ALIKE.get(digit, "")]
        pieces += [draw(st.sampled_from(ways)), draw(st.sampled_from(GAPS))]
    return "".join(pieces[:-1])


numbers = st.builds("{}{:08d}".format, st.sampled_from("35789"), st.integers(0, 10**8 - 1))


@tagged("post_install", "-at_install", "sop_pipeline")
class TestKnownPhone(BaseCase):
    """A number one knows is found however it is written, whatever stands around it."""

    def spots(self, text, number=OWN):
        return [text[start:end] for start, end in find_known_phone(text, number)]

    def test_writings(self):
        for text, spot in (
            ("#0987555222", "0987555222"),
            ("stk 0987555222", "0987555222"),
            ("vcb 10987555222 9", "987555222"),
            ("0987.555.222", "0987.555.222"),
            ("+84 987 555 222", "+84 987 555 222"),
            ("(+84) 987555222", "(+84) 987555222"),
            ("0084987555222", "0084987555222"),
            ("84987555222", "84987555222"),
            ("số 987555222 nhé", "987555222"),
            ("o987s55222", "o987s55222"),
            ("０９８７５５５２２２", "０９８７５５５２２２"),
            ("Lan0987555222x", "0987555222"),
            ("chín tám bảy năm năm năm hai hai hai", "chín tám bảy năm năm năm hai hai hai"),
            ("098 rồi 7555 rồi 222", "098 rồi 7555 rồi 222"),
            ("9️⃣8️⃣7️⃣5️⃣5️⃣5️⃣2️⃣2️⃣2️⃣", "9️⃣8️⃣7️⃣5️⃣5️⃣5️⃣2️⃣2️⃣2️⃣"),
            ("<b>098</b>7555222", "098</b>7555222"),
            ("giá 1.987.555.222đ", "987.555.222"),
            ("chín tám bảy năm mươi lăm năm hai mươi hai hai", "chín tám bảy năm mươi lăm năm hai mươi hai hai"),
        ):
            self.assertEqual(self.spots(text), [spot])

    def test_other_numbers_stay(self):
        for text in ("0987555223", "0987 555 22", "98755522", "giá 987555 cho ba áo mã 222", "987555 - còn 9 cái 222", "", "2225557890"):
            self.assertEqual(self.spots(text), [])

    def test_each_time_it_stands_there(self):
        self.assertEqual(self.spots("0987555222, 0987 555 222; 987555222"), ["0987555222", "0987 555 222", "987555222"])

    def test_as_it_was_before_2018(self):
        self.assertEqual(self.spots("số cũ 0120 1234567", "+84701234567"), ["0120 1234567"])

    def test_numbers_from_abroad(self):
        self.assertEqual(self.spots("call +49 151 2345 6789!", "+4915123456789"), ["1 2345 6789"])

    def test_nothing_to_look_for(self):
        for number in (None, False, "", "+84", "123"):
            self.assertEqual(find_known_phone("0987555222 123", number), [])
        self.assertEqual(find_known_phone(None, OWN), [])

    @given(st.data(), numbers)
    def test_any_writing_is_found_whole(self, data, national):
        before, after = data.draw(st.sampled_from(AROUND)), data.draw(st.sampled_from(AROUND))
        written = data.draw(writings(national))
        text = before + written + after
        left = replace_spans(text, join_spans(find_known_phone(text, "+84" + national)), "•")
        self.assertIn("•", left, text)
        shown = unicodedata.normalize("NFKC", left.replace(before, "", 1))
        self.assertLess(sum(char.isdecimal() for char in shown), 4, f"{text} -> {left}")

    @given(st.data(), numbers)
    def test_what_the_finder_finds_is_found(self, data, national):
        """Whatever `find_phones` takes for this number, in any words around."""
        text = data.draw(st.sampled_from(AROUND)) + data.draw(writings(national)) + data.draw(st.sampled_from(AROUND))
        hidden = {place for start, end in find_known_phone(text, "+84" + national) for place in range(start, end)}
        for match in find_phones(text):
            if match.e164 == "+84" + national:
                self.assertTrue(hidden & set(range(match.start, match.end)), text)

    @given(st.text(max_size=60), numbers)
    def test_any_text(self, text, national):
        for start, end in find_known_phone(text, "+84" + national):
            self.assertTrue(0 <= start < end <= len(text))

    def test_every_old_prefix(self):
        for old, new in _DATA["renumbered"].items():
            self.assertEqual(self.spots(f"0{old}1234567", f"+84{new}1234567"), [f"0{old}1234567"])
