"""Words of the screens, read in the files: an empty list says what will stand in it, and no word escapes the translation."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: What Odoo shows to people of an element; it translates these where they are written plainly
SHOWN = "title|aria-label|placeholder|alt|data-tooltip|label|string"
#: A word in quotes inside a computed one of these, or text around a value of one: neither is ever translated
COMPUTED = re.compile(rf"""\bt-att-(?:{SHOWN})="[^"]*'[A-Z][a-z]+(?:[ '])|\bt-attf-(?:{SHOWN})="[^"]*[A-Za-z]{{3,}} ?\{{\{{""")


def records(model):
    """Records of a model in the addons' data files: (file, record)."""
    for path in sorted(ROOT.glob("sop_*/*/*.xml")):
        if path.parent.name in ("views", "data", "wizard", "report"):
            for record in ElementTree.parse(path).iter("record"):
                if record.get("model") == model:
                    yield path.relative_to(ROOT), record


def test_an_empty_list_says_what_will_stand_in_it():
    """Odoo's own words there only say that a filter may be active."""
    actions = list(records("ir.actions.act_window"))
    assert len(actions) > 50
    silent = []
    for place, action in actions:
        values = {field.get("name"): field.text for field in action.iter("field")}
        if values.get("view_mode", "list,form") != "form" and "help" not in values:
            silent.append(f"{place}: {action.get('id')}")
    assert silent == []


def test_words_of_computed_attributes_are_translated():
    wrong = []
    for path in [*ROOT.glob("sop_*/static/src/**/*.xml"), *ROOT.glob("sop_*/views/*.xml")]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if COMPUTED.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("""<i t-att-title="there ? 'On duty' : 'Away'"/>""", True),
        ("""<button t-att-aria-label="'Call ' + row.name"/>""", True),
        ("""<button t-attf-aria-label="Call {{row.name}}"/>""", True),
        ("""<button t-att-aria-label="callLabel(row)"/>""", False),
        ("""<i t-att-class="there ? 'Wide' : ''" title="On duty"/>""", False),
        ("""<img t-attf-alt="{{name}}"/>""", False),
    ],
)
def test_a_word_that_escapes_is_found(line, found):
    assert bool(COMPUTED.search(line)) == found
