import ast
import json
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged

from ..tools.outside import read_json
from .doors import ADDONS

#: Who reads JSON in another way, and what of
OTHERS = {
    "sop_pipeline/tools/bank_feeds.py": "a body as it was signed; what is kept of it goes through storable",
    "sop_pipeline/tools/phone.py": "a file of ours",
    "sop_pipeline/tools/wards.py": "a file of ours",
    "sop_pipeline/models/sop_exchange.py": "kept as a text, whose halves of surrogate pairs are refused; and our column",
    "sop_inbox/tools/address_text.py": "a file of ours",
    "sop_inbox/tools/address_units.py": "a file of ours",
    "sop_inbox/models/inbound/sop_channel_event.py": "our column",
    "sop_inbox/models/outbound/sop_channel_message.py": "our column",
    "sop_contact_requests/tools/stamp.py": "our own words, signed by us",
}


def calls_of(addon, *names):
    """Yield (file, call) of every call of a function or method with one of these names in an addon's code."""
    root = Path(get_module_path(addon))
    for path in sorted(root.rglob("*.py")):
        place = f"{addon}/{path.relative_to(root)}"
        if "/tests/" in place or "/migrations/" in place:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
                yield place, node


@tagged("post_install", "-at_install", "sop_pipeline")
class TestOutside(TransactionCase):
    """What comes from outside can be kept, whatever it is."""

    def test_what_cannot_be_kept_goes(self):
        self.assertEqual(read_json(rb'{"a\u0000":["x\ud800y",1.5,true,null,"\ud83d\ude00"]}'), {"a": ["xy", 1.5, True, None, "😀"]})
        self.assertEqual(read_json('{"lat": 1e999, "long": [-Infinity, NaN, 2.5]}'), {"lat": None, "long": [None, None, 2.5]})
        for raw in ("[" * 101 + "]" * 101, "[" * 900 + "]" * 900, "[" * 10**5, "", "{", b"\xff"):
            with self.assertRaises(ValueError, msg=raw[:20]):
                read_json(raw)

    def test_the_database_keeps_it(self):
        for value, kept in (({"a\x00": "\x00\ud800 b"}, {"a": " b"}), (["\udfff"], [""]), ([1e308], [10**308])):
            self.env.cr.execute("SELECT %s::jsonb", [json.dumps(read_json(json.dumps(value)))])
            self.assertEqual(self.env.cr.fetchone()[0], kept)

    def test_nobody_reads_it_another_way(self):
        found = {place for addon in ADDONS for place, call in calls_of(addon, "loads") if "tools/outside.py" not in place}
        self.assertEqual(found, set(OTHERS))

    def test_what_is_compared_in_constant_time_is_bytes(self):
        """A text with one letter that is no ASCII breaks such a comparison."""
        for addon in ADDONS:
            for place, call in calls_of(addon, "compare_digest", "consteq"):
                words = [ast.unparse(part) for part in call.args]
                texts = [word for word in words if ".encode(" not in word]
                if place.endswith(("tools/stamp.py", "tools/exchange.py")):  # ASCII was checked; bytes by name
                    continue
                self.assertFalse(texts, place)
