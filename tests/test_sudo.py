"""Where rights are set aside the reason stands beside it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ABOVE = 5  # lines above a call in which its reason may stand: it may be of several calls below each other


def without_reason(text):
    """Lines of Python that call ``sudo()`` with no comment about it on the same line or just above."""
    lines = text.splitlines()
    return [
        number
        for number, line in enumerate(lines, 1)
        if ".sudo()" in line.partition("#")[0] and not any(re.search(r"#.*\bsudo\b", above) for above in lines[max(0, number - 1 - ABOVE) : number])
    ]


def test_each_sudo_has_its_reason():
    wrong = {}
    for path in sorted(ROOT.glob("sop_*/**/*.py")):
        if not {"tests", "demo", "migrations"} & set(path.parts) and (found := without_reason(path.read_text())):
            wrong[str(path.relative_to(ROOT))] = found
    assert wrong == {}


def test_a_sudo_without_reason_is_found():
    assert without_reason("a.sudo()") == [1]
    assert without_reason("a.sudo()  # sudo: a setting") == []
    assert without_reason("# sudo: a setting\nif a:\n    a.sudo().b") == []
    assert without_reason("# sudo: a setting\n" + "\n" * ABOVE + "a.sudo()") == [ABOVE + 2]
    assert without_reason('# "a.sudo()"') == []
