"""Compare an addon's exported terms with its i18n folder; part of bin/translations.

Usage: check_translations.py ADDON EXPORTED.po [--update]
"""

import ast
import contextlib
import re
import sys
from pathlib import Path

import polib


def terms(catalogue):
    return {entry.msgid: entry for entry in catalogue if entry.msgid and not entry.obsolete}


def written(place):
    """Return the terms the code of an addon marks as such. Those the export does not find, as within an f-string, nobody could translate."""
    for path in place.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("_", "_lt") and node.args:
                with contextlib.suppress(ValueError):  # a term that is no constant is the linter's matter
                    yield ast.literal_eval(node.args[0])
    for path in place.glob("static/src/**/*.js"):
        yield from (ast.literal_eval(term) for term in re.findall(r"""\b_t\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", path.read_text()))


def placeholders(text):
    return sorted(re.findall(r"%\([^)]*\)[sdf]|%[sd]|#\{[^}]*\}|\{\{[^}]*\}\}", text))


def update(exported, folder, addon):
    """Write the template and merge it into vi.po; translations of terms that are gone are dropped."""
    folder.mkdir(exist_ok=True)
    exported.metadata.pop("POT-Creation-Date", None)
    exported.metadata.pop("PO-Revision-Date", None)
    exported.sort()
    exported.save(folder / f"{addon}.pot")
    known = terms(polib.pofile(str(folder / "vi.po"))) if (folder / "vi.po").exists() else {}
    vietnamese = polib.POFile(wrapwidth=78)
    vietnamese.metadata = {**exported.metadata, "Language": "vi"}
    for entry in exported:
        translated = known[entry.msgid].msgstr if entry.msgid in known else ""
        vietnamese.append(
            polib.POEntry(msgid=entry.msgid, msgstr=translated, comment=entry.comment, occurrences=entry.occurrences, flags=entry.flags)
        )
    vietnamese.save(folder / "vi.po")


def problems(exported, folder, addon):
    """What is wrong with the addon's translations, one line each."""
    wanted, template = terms(exported), terms(polib.pofile(str(folder / f"{addon}.pot")))
    vietnamese = polib.pofile(str(folder / "vi.po"))
    have = terms(vietnamese)
    yield from (f"not in {addon}.pot: {term!r}" for term in wanted.keys() - template.keys())
    yield from (f"in the code, but not found by the export: {term!r}" for term in set(written(folder.parent)) - wanted.keys())
    yield from (f"no longer used, but in {addon}.pot: {term!r}" for term in template.keys() - wanted.keys())
    yield from (f"without Vietnamese: {term!r}" for term in wanted if term not in have or not have[term].msgstr)
    for term, entry in have.items():
        if entry.fuzzy:
            yield f"a guess (fuzzy): {term!r}"
        elif entry.msgstr and placeholders(term) != placeholders(entry.msgstr):
            yield f"placeholders differ: {term!r} / {entry.msgstr!r}"


def main():
    addon, path = sys.argv[1:3]
    exported, folder = polib.pofile(path), Path(addon) / "i18n"
    if "--update" in sys.argv:
        update(exported, folder, addon)
    found = list(problems(exported, folder, addon)) if (folder / "vi.po").exists() else ["there is no vi.po"]
    for line in found[:40]:
        print(f"{addon}: {line}", file=sys.stderr)
    if len(found) > 40:
        print(f"{addon}: ... and {len(found) - 40} more", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
