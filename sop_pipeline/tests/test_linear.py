import re

from odoo.tests import TransactionCase, tagged

from ..tools import arguments, bank_reference, delays, exchange, known_phone, outside, phone, quiet_logs, sheet, spans, wards
from .linear import LENGTH, LinearMixin, Runaway, adversaries, find_in, find_patterns, rubbish, slow_string, stopped_after

#: Place of a pattern that is not linear -> why it meets nobody's words. Better empty.
EXEMPT = {}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestPatterns(TransactionCase):
    """Every pattern of the suite takes time in proportion to the text."""

    def test_every_pattern(self):
        addons = self.env["ir.module.module"].search([("state", "=", "installed"), ("name", "=like", "sop\\_%")]).mapped("name")
        self.assertIn("sop_pipeline", addons)
        slow, met = [], set()
        for addon in sorted(addons):
            found, refused = find_in(addon)
            self.assertEqual(refused, [])
            for place, pattern in found:
                file = place.rpartition(":")[0]
                if (file, pattern.pattern) in EXEMPT:
                    met.add((file, pattern.pattern))
                elif trouble := slow_string(pattern):
                    slow.append(f"{place}: {pattern.pattern!r} took {trouble[1]:.2f} s on {trouble[0][:40]!r}...")
        self.assertEqual(slow, [])
        self.assertEqual(met, set(EXEMPT), "an exemption is for a pattern that is there")


@tagged("post_install", "-at_install", "sop_pipeline")
class TestFinding(TransactionCase):
    """The search for patterns sees all of them, and knows the slow ones."""

    def found(self, source, **names):
        patterns, refused = find_patterns(source, "x.py", lambda: {"re": re, **names})
        return [(found.place, found.pattern.pattern) for found in patterns], refused

    def test_wherever_they_stand(self):
        source = (
            "import re\n_A = re.compile(r'a+', re.I)\n"
            "def f(x):\n    return re.sub('b', lambda m: re.escape(m[0]), x) or [re.split(rf'{PART}c', x) for x in y]\n"
            "class K:\n    def g(self, x=re.compile('d')):\n        return _A.search(x)\n"
        )
        patterns, refused = self.found(source, PART="p")
        self.assertEqual(sorted(text for _place, text in patterns), ["a+", "b", "d", "pc"])
        self.assertIn(("x.py:4", "b"), patterns)
        self.assertEqual(refused, [])

    def test_flags_belong_to_it(self):
        for source in ("re.compile('a', re.I)", "re.sub('a', '', x, 0, re.I)", "re.search('a', x, flags=re.I)", "re.split('a', x, 1, re.I)"):
            [found], _refused = find_patterns(f"import re\n{source}", "x.py", lambda: {"re": re})
            self.assertTrue(found.pattern.flags & re.I, source)

    def test_under_another_name(self):
        patterns, _refused = self.found("import re as r\nr.search('a', x)", r=re)
        self.assertEqual(patterns, [("x.py:2", "a")])

    def test_what_nobody_can_try_is_refused(self):
        for source in (
            "import re\ndef f(word): return re.search(f'a{word}', x)",
            "import re\ndef f(p): return re.compile(p)",
            "import re\nf = re.search",
            "import re\nf = functools.partial(re.sub, 'a')",
            "import re\nf(re)",
            "import re\ngetattr(re, 'search')('a', x)",
            "import re\nre.search(pattern='a', string=x)",
            "import re\nre.search('(', x)",
            "import re\nre.template('a')",
            "from re import search\nsearch('a', x)",
            "import regex",
            "from fnmatch import fnmatch",
        ):
            patterns, refused = self.found(source)
            self.assertEqual((patterns, len(refused)), ([], 1), source)

    def test_slow_ones_are_known(self):
        for pattern in (
            r"\{\{\s*([^{}]*?)\s*\}\}",
            r"\s+$",
            r"\s*,",
            r"(\w+)@",
            r"(a+)+b",
            r"(a|aa)+$",
            r"<.*?>",
            r"\d+\.\d+\Z",
            r"(?:[a-z]+\s?)+:",
            r"a.*b.*c",
            r"(?i)(x+x+)+y",
            r"[^\]]*\]",
            r"(?s)/\*.*?\*/",
            r"\w+\s*=",
            r"https?://\S+\.vn\b",
            r"(?:0|84)?(\d+[.\s]*)+x",
        ):
            self.assertTrue(slow_string(re.compile(pattern)), pattern)

    def test_linear_ones_are_let_through(self):
        for pattern in (r"\s+", r"[a-z]{1,12}x", r"\{\{([^{}]*)\}\}", r"(?<![a-z])\d{1,9}(?:[.,]\d{1,3})?", r"[,;\n]", r"a|b|cd"):
            self.assertIsNone(slow_string(re.compile(pattern)), pattern)

    def test_strings(self):
        strings = adversaries(re.compile(r"\[(\w+)\s*=(?:x|yy){2,}"))
        self.assertEqual({len(string) for string in strings}, {LENGTH})
        self.assertTrue(any(string.startswith("[" + "a" * 50) for string in strings), "a repeat is pumped after what leads to it")
        self.assertTrue(any("=" + "x" * 50 in string for string in strings), "also one within the pattern")
        self.assertEqual({len(text) for text in rubbish()}, {LENGTH})

    def test_what_runs_away_is_stopped(self):
        with self.assertRaises(Runaway), stopped_after(0.2):
            re.match(r"(a+)+b", "a" * 60)


@tagged("post_install", "-at_install", "sop_pipeline")
class TestFunctions(LinearMixin, TransactionCase):
    """Whole functions of this addon that meet people's words."""

    EVENT = ("call_id", "from", "to", "phone_number", "cause", "started_at", "created_date", "recording_url", "transaction_id")

    def test_functions(self):
        self.assertAllLinear(
            "sop_pipeline",
            {
                "phone.find_phones": phone.find_phones,
                "phone.normalize_phone": phone.normalize_phone,
                "phone.read_cell": phone.read_cell,
                "phone.spaced": phone.spaced,
                "delays.parse_delays": delays.parse_delays,
                "known_phone.find_known_phone": lambda text: known_phone.find_known_phone(text, "+84900099909"),
                "spans.replace_spans": lambda text: spans.replace_spans(text, [(at, at + 2) for at in range(0, len(text), 3)], "•"),
                "exchange.is_signed": lambda text: exchange.is_signed("secret", b"body", text),
                "arguments.clean_text": arguments.clean_text,
                "quiet_logs.short_address": quiet_logs.short_address,
                "arguments.moment": arguments.moment,
                "bank_reference.find_cut": bank_reference.find_cut,
                "bank_reference.find_references": bank_reference.find_references,
                "bank_reference.is_reference": bank_reference.is_reference,
                "outside.storable_text": outside.storable_text,
                "sheet.clean": sheet.clean,
                "wards.fold": wards.fold,
                "wards.search_phrases": wards.search_phrases,
                **{
                    f"exchange.parse {kind}": lambda text, kind=kind: exchange.parse(kind, dict.fromkeys(self.EVENT, text))
                    for kind in ("generic", "stringee", "omicall")
                },
            },
        )
