"""Words of a private dialect do not come back: in Odoo a vendor is a supplier, people are they, and what is sent is not "told".

Names, comments, docstrings and documents are read; words for users stand in strings, and only the worst are looked for there.
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bin"))
from check_translations import written

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {"i18n", "lib", "output", "__pycache__"}
#: In every file: word -> the plain ones
ANYWHERE = {r"\bvendors?\b": "platform, carrier, service", r"\b(?:he|him|his|himself)\b": "they, them, their"}
#: In comments and docstrings of the product
SAID = {r"\bwhoever\b": "the user who, any user", r"\bnobody\b(?! else)": "no user, unassigned, not"}
#: Names in the product's code
NAMED = re.compile(r"^_?(?:(?:\w+_)?(?:tell|told)(?:_\w+)?|\w+Told|\w+Tell|retell|untold|vendors?|nobody|whoever|him|his)$", re.I)
#: Odoo's own words, the sentences that say why, and what a computer is called by others
ODOO = re.compile(
    r"portal_vendor_category|vendor bills?|test_other_products_and_vendor_bills|Vendors / Payments|a vendor(?:\s+in Odoo)?\s+is a supplier", re.I
)


def files(*kinds, tests=True):
    """Files of ours by the end of their names: (path, text)."""
    folders = [*ROOT.glob("sop_*"), *(ROOT / name for name in ("tests", "doubles", "benchmarks", "bin", "docs"))]
    for path in sorted([*ROOT.glob("*"), *(path for folder in folders for path in folder.rglob("*"))]):
        place = path.relative_to(ROOT)
        if not path.is_file() or SKIPPED & set(place.parts) or path == Path(__file__):
            continue
        if path.suffix in kinds and (tests or "tests" not in place.parts and place.parts[0].startswith("sop_")):
            yield place, path.read_text()


def stale_words(text, words):
    """Each line with one of the words, without what Odoo itself calls so."""
    for number, line in enumerate(ODOO.sub("", text).splitlines(), 1):
        for pattern, plain in words.items():
            if re.search(pattern, line, re.I):
                yield f"{number}: {line.strip()[:100]} (say {plain})"


def spoken(text):
    """Comments and docstrings of a Python file, a line each."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (words := ast.get_docstring(node)):
            yield words
    yield from (token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT)


def names(text):
    """Names a Python file gives: variables, arguments, functions."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name


def test_no_vendor_and_no_he():
    """In code, views and documents alike, and in tests."""
    wrong = [f"{place}:{line}" for place, text in files(".py", ".js", ".xml", ".md", ".scss") for line in stale_words(text, ANYWHERE)]
    assert wrong == []


def test_comments_and_docstrings_of_the_product_are_plain():
    wrong = [f"{place}:{line}" for place, text in files(".py", tests=False) for line in stale_words("\n".join(spoken(text)), SAID)]
    assert len(wrong) <= MOST["said"], wrong


def test_names_of_the_product_are_plain():
    wrong = [f"{place}: {name}" for place, text in files(".py", tests=False) for name in names(text) if NAMED.match(name)]
    wrong += [
        f"{place}: {name}"
        for place, text in files(".js", tests=False)
        for name in re.findall(r"(?:const|let|var|this\.|function) ?(\w+)", text)
        if NAMED.match(name)
    ]
    assert len(wrong) <= MOST["named"], wrong


#: How many are left, of 79 and 24; fewer from time to time, never more
MOST = {"said": 4, "named": 0}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# the vendor is asked", "vendor"),
        ("# a vendor in Odoo is a supplier", ""),
        ("def told(he): pass", "he"),
        ("x = 1  # whoever sells", "whoever"),
        ('"""Nobody has it."""', "Nobody"),
        ("# the other helper", ""),
    ],
)
def test_a_private_word_is_found(text, found):
    wrong = [*stale_words(text, ANYWHERE), *stale_words("\n".join(spoken(text)), SAID), *filter(NAMED.match, names(text))]
    assert bool(wrong) == bool(found), wrong


def test_a_term_the_export_does_not_find_is_seen(tmp_path):
    """Within an f-string it was in English for everybody: bin/translations compares what the code marks with what is exported."""
    (tmp_path / "static" / "src").mkdir(parents=True)
    (tmp_path / "a.py").write_text("""f"{self.env._('One %(n)s', n=1)} {_('Two')}"; env._("Three" " words"); _(some)""")
    (tmp_path / "static" / "src" / "a.js").write_text("""say(_t("Four \\"words\\""), _t('Five'), not_t("Six"));""")
    assert set(written(tmp_path)) == {"One %(n)s", "Two", "Three words", 'Four "words"', "Five"}
