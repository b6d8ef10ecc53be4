"""The phone scanner: a labelled set, its contract, and properties over every way of writing a number."""

import pathlib
import subprocess
import sys
from collections import Counter

from odoo.tests import BaseCase, tagged

from odoo.addons.sop_pipeline.tools import phone

from . import phone_generator, phone_labels, phone_labels_unseen, phone_messages

try:
    import hypothesis
    from hypothesis import strategies as st
except ImportError:  # a user's Odoo may lack it; requirements-dev.txt has it, so that the suite's own runs do not
    hypothesis = None


def score(found, not_found):
    """Return (precision, recall, list of what went wrong) of `find_phones` on labelled texts."""
    right = wrong = missed = 0
    errors = []
    for text, *numbers in [*found, *((text,) for text in not_found)]:
        wanted = Counter("+84" + number[1:] for number in numbers)
        got = Counter(match.e164 for match in phone.find_phones(text))
        right += (wanted & got).total()
        wrong += (got - wanted).total()
        missed += (wanted - got).total()
        if wanted != got:
            errors.append(f"{text!r}: {sorted(got)} instead of {sorted(wanted)}")
    return right / (right + wrong), right / (right + missed), errors


def count_calls(text):
    """Return how many calls Python makes to scan `text`: a measure of its work that no clock decides."""
    calls = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, argument: calls.update((event,)))
    try:
        phone.find_phones(text)
    finally:
        sys.setprofile(before)
    return calls["call"] + calls["c_call"]


@tagged("post_install", "-at_install")
class TestPhoneLabels(BaseCase):
    """Published quality: precision 0.99 and recall 0.98 of hard cases, 0.995 of generated messages."""

    def test_first_set(self):
        self.check_set("labelled", phone_labels)

    def test_unseen_set(self):
        self.check_set("unseen", phone_labels_unseen)

    def test_generated_sets(self):
        """Messages drawn by a seed: sentences nobody tuned for, and the kinds of the field."""
        drawn = {
            "tuned": phone_generator.messages(11, 1500, held_out=False),
            "held out": phone_generator.messages(12, 1500, held_out=True),
            "a second generator": phone_messages.messages(2026, 2000),
        }
        for name, made in drawn.items():
            rows = [(text, *numbers) for _kind, text, numbers in made if numbers]
            precision, recall, errors = score(rows, [text for _kind, text, numbers in made if not numbers])
            print(f"\nphones, generated, {name}: precision {precision:.4f}, recall {recall:.4f}", *errors, sep="\n  ")  # pylint: disable=print-used
            self.assertGreaterEqual(precision, 0.995, errors)
            self.assertGreaterEqual(recall, 0.995, errors)

    def test_sets_are_large_and_disjoint(self):
        texts = [text for labels in (phone_labels, phone_labels_unseen) for text in [*(row[0] for row in labels.FOUND), *labels.NOT_FOUND]]
        self.assertGreaterEqual(len(texts), 700)
        self.assertEqual([text for text, times in Counter(texts).items() if times > 1], [])

    def check_set(self, name, labels, precision=0.99, recall=0.98):
        measured_precision, measured_recall, errors = score(labels.FOUND, labels.NOT_FOUND)
        print(  # the published figures; pylint: disable=print-used
            f"\nphones, {name} set: {len(labels.FOUND)} texts with and {len(labels.NOT_FOUND)} without a number: "
            f"precision {measured_precision:.4f}, recall {measured_recall:.4f}",
            *errors,
            sep="\n  ",
        )
        self.assertGreaterEqual(measured_precision, precision, errors)
        self.assertGreaterEqual(measured_recall, recall, errors)


@tagged("post_install", "-at_install")
class TestPhoneContract(BaseCase):
    """What callers may rely on: spans, confidence, input that is no text, independence of Odoo."""

    def found(self, text):
        return [(match.e164, text[match.start : match.end]) for match in phone.find_phones(text)]

    def test_span_is_in_the_original_text(self):
        for text, written in (
            ("Gọi em: 0901.234.567 nhé", "0901.234.567"),
            ("sđt (+84) 901 234 567.", "(+84) 901 234 567"),
            ("sđt +84901234567.", "+84901234567"),
            ("sđt + 84901234567.", "84901234567"),
            ("(0901234567)", "0901234567"),
            ("viber://chat?number=%2B84901234567", "84901234567"),
            ("a\u0323 0️⃣9️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣ nha", "0️⃣9️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣"),
            ("\u200b\u200b09\u200b01234567\u200b nha", "09\u200b01234567"),
            ("ﬁ ½ ⑩ 🔟 0901234567", "0901234567"),
            ("số không chín không một hai ba bốn năm sáu bảy nha", "không chín không một hai ba bốn năm sáu bảy"),
        ):
            with self.subTest(text=text):
                self.assertEqual(self.found(text), [("+84901234567", written)])

    def test_matches_come_in_the_order_of_the_text(self):
        text = "09|2345678 rồi 0901234567 rồi 0912S45678"
        matches = phone.find_phones(text)
        self.assertEqual([match.e164 for match in matches], ["+84912345678", "+84901234567", "+84912545678"])
        self.assertEqual(sorted(matches, key=lambda match: match.start), matches)

    def test_confidence_falls_with_disguise_and_rises_with_a_cue(self):
        def sure(text):
            [match] = phone.find_phones(text)
            return match.confidence

        plain, spaced, words, alike, letters = map(
            sure,
            (
                "0901234567",
                "0901 234 567",
                "không chín không một hai ba bốn năm sáu bảy",
                "o9o1234567",
                "090x123x4567",
            ),
        )
        self.assertTrue(1 > plain > spaced > words > alike >= 0.9 > 0.7 > letters > 0)
        self.assertLess(sure("0312345678"), 0.9, "this may be a tax code")
        self.assertGreater(sure("sđt 0312345678"), sure("0312345678"))
        self.assertLess(sure("987654321"), 0.7, "nine digits may be anything")
        self.assertGreater(sure("sđt 0901234567"), plain)

    def test_vetoes_look_at_the_nearest_cue(self):
        for text, expected in (
            ("stk 0901234567 MB, sđt 0912345678", ["+84912345678"]),
            ("sđt 0901234567 stk 0912345678", ["+84901234567"]),
            ("stk của em là số 0901234567", []),
            ("stk em gửi hôm qua rồi 0901234567", ["+84901234567"]),
            ("mã số của khách hàng là số của em là của anh là của chị 0901234567", ["+84901234567"]),
            ("0901234567đ", []),
            ("0901234567VND", []),
            ("0901234567 đi", ["+84901234567"]),
            ("giá 912345678", []),
            ("84 912 345 678 đồng", []),
            ("sđt 912345678", ["+84912345678"]),
            ("840901234567", []),
            ("84 0 901234567", ["+84901234567"]),
            ("sđt 840901234567", ["+84901234567"]),
            ("+84 0901234567", ["+84901234567"]),
            ("00841261234567", ["+84761234567"]),
            ("841261234567", []),
            ("0084 126 1234567", ["+84761234567"]),
            ("+2 901234567", []),
            ("1.0901234567", ["+84901234567"]),
            ("0.0901234567", []),
            ("23.0901234567", []),
            ("hai.0901234567", ["+84901234567"]),
            ("10,0901234567", ["+84901234567"]),
            ("0,0901234567", []),
            ("0901234567.0912345678", ["+84901234567", "+84912345678"]),
            ("số em 901234567", ["+84901234567"]),
            ("mã số em 0901234567", []),
            ("hồ sơ em 0901234567", []),
            ("viber://chat?number=%2B84901234567", ["+84901234567"]),
            ("+84901234567+84912345678", ["+84901234567", "+84912345678"]),
            ("0541234567,0901234567", ["+84901234567"]),
            ("0541 234 567 0901 234 567", ["+84901234567"]),
            ("để 09 01 23 45 67", ["+84901234567"]),
            ("12 Cầu Giấy 09 01 23 45 67", ["+84901234567"]),
            ("size 38 09 01 23 45 67", ["+84901234567"]),
            ("lô 09 01 23 45 67", []),
            ("câu 09 01 23 45 67", []),
            ("99 34 09 05 57 44 86", []),
            ("IMG_0901234567_truoc.jpg", []),
            ("sđt 0901234567. Pdf em gửi sau", ["+84901234567"]),
            ("0901234567 0912345678 tầng 0.0938112233", ["+84901234567", "+84912345678"]),
            ("2023 0901 2345 67", []),
            ("202 0901 2345 67", ["+84901234567"]),
            ("không chín không một hai ba bốn năm sáu bảy tám chín một hai", []),
            ("0901 234 56 o nha", []),
            ("o o o o o o o o o o", []),
            ("llllllllll", []),
            ("84 8 3822 1234", []),
            ("84 83 822 1234", ["+84838221234"]),
            ("(038) 3822 123", []),
            ("(090) 3822 123", ["+84903822123"]),
        ):
            with self.subTest(text=text):
                self.assertEqual([match.e164 for match in phone.find_phones(text)], expected)

    def test_every_prefix(self):
        valid = {f"0{prefix}" for prefix in (*range(30, 40), 51, 56, 58, 59, 70, *range(76, 80), *range(81, 89), *range(90, 99))}
        for prefix in range(300, 1000):
            head = f"0{prefix}"
            expected = head[:3] in valid or head in (
                "0522",
                "0523",
                "0528",
                "0559",
                "0896",
                "0897",
                "0898",
                "0899",
                "0990",
                "0991",
                "0993",
                "0994",
                "0995",
                "0996",
                "0997",
                "0998",
                "0999",
            )
            self.assertEqual(phone.is_vietnamese_mobile(head + "123456"), expected, head)

    def test_renumbered(self):
        for old, new in (
            ("0120", "070"),
            ("0121", "079"),
            ("0122", "077"),
            ("0126", "076"),
            ("0128", "078"),
            ("0123", "083"),
            ("0124", "084"),
            ("0125", "085"),
            ("0127", "081"),
            ("0129", "082"),
            ("0162", "032"),
            ("0163", "033"),
            ("0164", "034"),
            ("0165", "035"),
            ("0166", "036"),
            ("0167", "037"),
            ("0168", "038"),
            ("0169", "039"),
            ("0186", "056"),
            ("0188", "058"),
            ("0199", "059"),
        ):
            self.assertEqual(phone.normalize_phone(old + "1234567"), "+84" + new[1:] + "1234567")

    def test_normalize(self):
        for number in (
            "0901234567",
            " 0901 234 567 ",
            "0901.234.567",
            "090-123-4567",
            "(090) 123 4567",
            "+84901234567",
            "+84 (0) 901234567",
            "84901234567",
            "0084901234567",
            "901234567",
            "tel:+84901234567",
            "０９０１２３４５６７",
            "⓪⑨⓪①②③④⑤⑥⑦",
            "o9ol234567",
            "\u200e0901234567\u202c",
            "+840901234567",
            "tel:0901234567",
        ):
            self.assertEqual(phone.normalize_phone(number), "+84901234567", number)
        for number in (
            None,
            False,
            "",
            " ",
            "02838221234",
            "19006868",
            "09012345678",
            "090123456",
            "0901234567/0912345678",
            "abc",
            "+",
            "+0901234567",
            "+901234567",
            "+1 6502530000",
            "0901234567 ext 2",
            "oooooooooo",
            "0901234567" * 1000,
            "0901234567b",
            "1261234567",
        ):
            self.assertIsNone(phone.normalize_phone(number), number)
            self.assertFalse(phone.is_vietnamese_mobile(number))

    def test_read_cell(self):
        """Field cases 20 and 21: lists of shops, as spreadsheets hold them."""
        for cell, *numbers in (
            ("1621230005", "+84321230005"),
            ("01621230005", "+84321230005"),
            ("1621230005.0", "+84321230005"),
            ("901230020", "+84901230020"),
            ("901230020.0", "+84901230020"),
            ("0901230020.0", "+84901230020"),
            ("84901230020", "+84901230020"),
            ("0901230020 (Lan)", "+84901230020"),
            ("Lan 0901230020", "+84901230020"),
            ("901230020 chị Hoa", "+84901230020"),
            ("0901230020/0912345678", "+84901230020", "+84912345678"),
            ("0901230020 - 0912345678", "+84901230020", "+84912345678"),
            ("0901.230.020; 091 234 5678 (mẹ)", "+84901230020", "+84912345678"),
            ("901230020, 1621230005", "+84901230020", "+84321230005"),
            ("0901230020\n0912345678", "+84901230020", "+84912345678"),
            ("0901230020, 0901230020", "+84901230020"),
            ("0901/230/020", "+84901230020"),
            ("02838221234",),
            ("1900 6868",),
            ("không có",),
            ("",),
            (None,),
            ("1" * 3000,),
        ):
            with self.subTest(cell=cell):
                self.assertEqual(phone.read_cell(cell), numbers)

    def test_empty_and_wrong_input(self):
        for empty in (None, False, "", "\0", "\u200b"):
            self.assertEqual(phone.find_phones(empty), [])
        for wrong in (b"0901234567", 901234567, True, 0, ["0901234567"]):
            for function in (phone.find_phones, phone.normalize_phone, phone.is_vietnamese_mobile):
                with self.assertRaisesRegex(TypeError, type(wrong).__name__):
                    function(wrong)

    def test_characters_beyond_the_table(self):
        """The folding table stops learning at its bound, and goes on folding."""
        text = "".join(map(chr, range(0x20000, 0x22000))) + " 0901234567"
        self.assertEqual(self.found(text), [("+84901234567", "0901234567")])

    def test_number_at_the_end_of_a_huge_text(self):
        text = "không có gì, 12 cái. " * 50_000 + "0901234567"
        self.assertEqual(self.found(text), [("+84901234567", "0901234567")])

    def test_time_is_linear(self):
        """Twice the text, twice the calls; the expressions themselves repeat only one class or a bounded number of times."""
        for piece in (
            "1",
            "0 9 ",
            "o",
            "0o",
            "không ",
            "khong",
            ".",
            "901234567 ",
            "0901234567 ",
            "stk 0901234567 ",
            "0\u200b",
            "0|",
            "A",
            "hai muoi ",
            "o\u0302\u0301",
            "0.",
            "+84",
            "(",
            "0901234567\u0336",
            "không chín không một hai ba bốn năm sáu bảy ",
        ):
            with self.subTest(piece=piece):
                phone.find_phones(piece * 3)  # the folding table knows the characters
                half, whole = count_calls(piece * (5_000 // len(piece))), count_calls(piece * (10_000 // len(piece)))
                self.assertLess(whole, 2.2 * half + 200)

    def test_importable_without_odoo(self):
        """By its path, in a Python that has neither Odoo nor any other package."""
        code = (
            "import importlib.util, sys; spec = importlib.util.spec_from_file_location('phone', sys.argv[1]);"
            "phone = importlib.util.module_from_spec(spec); spec.loader.exec_module(phone);"
            "print(phone.find_phones('sdt 0901234567')[0].e164, 'odoo' in sys.modules)"
        )
        path = pathlib.Path(phone.__file__)
        output = subprocess.check_output([sys.executable, "-I", "-S", "-c", code, path], text=True)
        self.assertEqual(output.split(), ["+84901234567", "False"])

    def test_cues_fit_the_search(self):
        """The search takes phrases of three words at most, without accents, in lower case."""
        for kind in ("phone", "code", "bank", "money", "link"):
            for phrase in phone._DATA[kind]:
                self.assertRegex(phrase, r"^[a-z0-9]+( [a-z0-9]+){0,2}$")


# pylint: disable=unreachable; it takes hypothesis.assume for a function that never returns
if hypothesis:
    PREFIXES = [f"0{prefix}" for prefix in (*range(30, 40), 51, 56, 58, 59, 70, *range(76, 80), *range(81, 89), *range(90, 99))]
    NUMBERS = st.builds(lambda head, tail: head + tail, st.sampled_from(PREFIXES), st.from_regex(r"[0-9]{7}", fullmatch=True))
    STYLES = {  # ways of writing each digit
        "plain": "0123456789",
        "full width": "０１２３４５６７８９",
        "circled": "⓪①②③④⑤⑥⑦⑧⑨",
        "keycaps": [f"{digit}\ufe0f\u20e3" for digit in range(10)],
        "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
        "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
        "zero width": [f"{digit}\u0336" for digit in range(10)],
    }
    WORDS = [
        ("không", "khong", "ko", "KHÔNG"),
        ("một", "mot", "mốt"),
        ("hai", "Hai"),
        ("ba", "BA"),
        ("bốn", "bon", "tư"),
        ("năm", "nam", "lăm"),
        ("sáu", "sau"),
        ("bảy", "bay", "bẩy"),
        ("tám", "tam"),
        ("chín", "chin", "Chín"),
    ]
    SEPARATORS = ["", " ", ".", ",", "-", "_", "*", "/", "~", " - ", "..", "\n", "\u00a0", "•", "🌸", " . ", "–", "\u200b"]
    GROUPINGS = [(10,), (4, 3, 3), (3, 3, 4), (3, 4, 3), (2, 2, 2, 2, 2), (1,) * 10, (4, 6), (5, 5), (4, 2, 2, 2)]
    BEFORE = ["", "sđt ", "Gọi em nhé ", "zalo: ", "Lan, ", "chốt đơn 2 cái size M\n", "📞 "]
    AFTER = ["", " nhé", ", 12 Lê Lợi", " ạ", "\nLan", " (gọi sau 5h)", " 📞"]
    settings = hypothesis.settings(deadline=None, database=None, derandomize=True, max_examples=300)

    def cut(digits, grouping):
        """Cut ten written digits into groups of the given sizes."""
        ends = [sum(grouping[:count]) for count in range(len(grouping) + 1)]
        return ["".join(digits[start:end]) for start, end in zip(ends, ends[1:], strict=False)]

    @tagged("post_install", "-at_install")
    class TestPhoneProperties(BaseCase):
        """Any valid number, in any of these dresses, is found whole, and no text raises."""

        def check(self, before, written, after, number):
            text = before + written + after
            matches = phone.find_phones(text)
            self.assertEqual([match.e164 for match in matches], ["+84" + number[1:]], text)
            self.assertEqual(text[matches[0].start : matches[0].end], written)
            self.assertTrue(0 < matches[0].confidence < 1)

        @settings
        @hypothesis.given(
            NUMBERS,
            st.sampled_from(sorted(STYLES)),
            st.sampled_from(GROUPINGS),
            st.sampled_from(SEPARATORS),
            st.sampled_from(BEFORE),
            st.sampled_from(AFTER),
        )
        def test_any_digits_grouping_and_separator(self, number, style, grouping, separator, before, after):
            hypothesis.assume(not (separator.strip() == "," and grouping == (2,) * 5))  # reads like a list of numbers
            digits = [STYLES[style][int(digit)] for digit in number]
            self.check(before, separator.join(cut(digits, grouping)), after, number)

        @settings
        @hypothesis.given(NUMBERS, st.sampled_from(["+84", "84 ", "+84 ", "0084", "+84-"]), st.sampled_from(GROUPINGS[:4]))
        def test_any_country_code(self, number, code, grouping):
            written = code + "".join(cut(number, grouping))[1:]
            self.check("", written, "", number)

        @settings
        @hypothesis.given(NUMBERS, st.data(), st.sampled_from([" ", "-", ".", "", " - "]), st.sampled_from(BEFORE))
        def test_any_words(self, number, data, separator, before):
            written = separator.join(data.draw(st.sampled_from(WORDS[int(digit)])) for digit in number)
            self.check(before, written, "", number)

        @settings
        @hypothesis.given(NUMBERS, st.lists(st.booleans(), min_size=10, max_size=10), st.sampled_from(BEFORE))
        def test_any_mix_of_digits_and_words(self, number, spoken, before):
            digits = [WORDS[int(digit)][0] if say else digit for digit, say in zip(number, spoken, strict=True)]
            self.check(before, " ".join(digits), "", number)

        @settings
        @hypothesis.given(NUMBERS, st.data(), st.sampled_from(["", " ", "."]), st.sampled_from(GROUPINGS), st.sampled_from(AFTER))
        def test_any_look_alikes(self, number, data, separator, grouping, after):
            hypothesis.assume(sum(digit not in "01" for digit in number) >= 6)
            digits = [data.draw(st.sampled_from({"0": "0oO", "1": "1lI"}.get(digit, digit))) for digit in number]
            groups = cut(digits, grouping)
            hypothesis.assume(all(any(map(str.isdigit, group)) or len(group) == 1 for group in groups))
            self.check("", separator.join(groups), after, number)

        @settings
        @hypothesis.given(st.one_of(st.text(max_size=300), st.text("0189oOlI|. -+()đkx\u200b\u0302không chín", max_size=300)))
        def test_any_text(self, text):
            last = 0
            for match in phone.find_phones(text):
                self.assertRegex(match.e164, r"^\+84[35789][0-9]{8}$")
                self.assertTrue(last <= match.start < match.end <= len(text) and 0 < match.confidence < 1)
                last = match.end
            phone.normalize_phone(text)

        @settings
        @hypothesis.given(NUMBERS)
        def test_normalized_is_stable(self, number):
            e164 = phone.normalize_phone(number)
            self.assertEqual(e164, "+84" + number[1:])
            self.assertEqual(phone.normalize_phone(e164), e164)
            self.assertEqual([match.e164 for match in phone.find_phones(e164)], [e164])
