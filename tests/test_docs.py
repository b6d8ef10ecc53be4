"""What the documents name exists: files, links, commands and their options, tests, models, methods, settings, rows.

The documents are read as text and nothing of Odoo is needed. ``test_a_stale_reference_is_found`` shows that each kind of reference
is really looked up.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(path.parent for path in ROOT.glob("*/__manifest__.py"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(addon / "README.md" for addon in ADDONS)])
#: What the documents may name of the code below a folder of it
SOURCES = ("sop_*/**/*.py", "sop_*/**/*.xml", "sop_*/**/*.js", "bin/*", "tests/*.py", "benchmarks/*.py", "doubles/*.py", "conftest.py", ".ci/run")

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]+)?\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"```(?:\w*)\n(.*?)```", re.S)
TEST = re.compile(r"(?:([\w/]+\.py)?::)?\b(test_\w+)\b(?!\.py|/)")
PATH = re.compile(r"(?<![\w./:<*-])(?:\.\./)*[\w.-]+(?:/[\w.*{},<>-]+)+/?|(?<![\w./:*-])[\w-]+\.(?:py|xml|js|scss|csv|md|json|sh|txt|toml|cfg)\b")
COMMAND = re.compile(r"(?<![\w/])bin/[\w-]+")
MODEL = re.compile(r"(?<![\w.])sop(?:\.[a-z_]+)+(?![\w<(])")
METHOD = re.compile(r"(?<![\w.])_?[a-z]\w*_\w+(?=\()|\._\w+(?![\w<])")
SETTING = re.compile(r"(?<![\w.])sop_[a-z]+\.(?!py\b|js\b|xml\b)[a-z]\w+(?![\w.(/])")
ROW = re.compile(r"\brows? ((?:[A-Z]\d+(?:-[A-Z]?\d+)?(?:, | and )?)+)")
#: Addresses and names of others that look like paths
FOREIGN = re.compile(r"^(?:web|mail|im_livechat|addons|odoo|master-data|my|sop|etc|dev|HMAC|SOP|UTC)(?:/|$)|^/|\*\*|^(?:odoo\.conf)$")


@cache
def sources():
    found = {path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()} - {Path(__file__)}
    return {path: path.read_text(errors="ignore") for path in found}


@cache
def names():
    """Everything defined in Python: classes, functions, and names assigned in a class or a module."""
    found = set()
    for path, text in sources().items():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    found.add(node.name)
    return found


@cache
def models():
    """Models of ours, by the ``_name`` of their classes; packages of `tools` count as their dotted names do."""
    return {model for path, text in sources().items() if path.suffix == ".py" for model in re.findall(r'^\s+_name = "([\w.]+)"', text, re.M)} | {
        "sop.carrier.<type>",
        "sop.provider.<name>",
    }


@cache
def places_of_tests():
    """Names of test functions and of test files without ``.py``, each with the file it is in."""
    found = {}
    for path, text in sources().items():
        if path.name.startswith("test_") and path.suffix == ".py":
            found.setdefault(path.stem, set()).add(path)
            for name in re.findall(r"^\s*def (test_\w+)", text, re.M):
                found.setdefault(name, set()).add(path)
    return found


@cache
def rows():
    return set(re.findall(r"^\| ([A-Z]\d+)\+? \|", (ROOT / "docs/features.md").read_text(), re.M))


def exists(name, document):
    """Whether a path is there: from the document, the top, an addon or a folder that the documents shorten."""
    wanted = re.sub(r"\{[^}]*\}|<[^>]*>", "*", name).rstrip("/.,")
    places = [document.parent, ROOT, *ADDONS, *(addon / "tools" for addon in ADDONS), ROOT / "tests"]
    places += [folder for addon in ADDONS for folder in (addon / "tests", *(addon / "tests").glob("*/"))]
    places += [addon / "models" for addon in ADDONS] + [addon / "report" for addon in ADDONS]
    if "*" not in wanted:
        return any((place / wanted).exists() for place in places)
    if wanted.startswith("../"):
        return any(document.parent.resolve().glob(wanted))
    return any(next(place.glob(wanted), None) for place in places)


def options_of(command):
    return (ROOT / command).read_text(errors="ignore")


def stale_paths(text, document):
    for match in LINK.finditer(text):
        if not (document.parent / match[1]).exists():
            yield f"link {match[1]}"
    for code in CODE.findall(text):
        for path in PATH.findall(re.sub(r"https?://\S+", "", code)):
            first = path.split("/")[0]
            if FOREIGN.search(path) or ("/" in path and not any((place / first).exists() for place in (ROOT, document.parent, *ADDONS))):
                continue
            if not exists(path, document):
                yield f"path {path}"


def stale_commands(text, document):
    for code in [*CODE.findall(text), *FENCE.findall(text)]:
        for line in code.splitlines():
            for command in COMMAND.findall(line):
                if not (ROOT / command).is_file():
                    yield f"command {command}"
            called = COMMAND.match(line.strip())
            if called and called[0] in ("bin/run", "bin/lint", "bin/bench", "bin/simulate") and (ROOT / called[0]).is_file():
                known = options_of(called[0]) + (ROOT / "benchmarks/run.py").read_text()
                for option in re.findall(r"(?<=\s)--[a-z-]+", line.split("#")[0]):
                    if option not in known and option not in ("--help", "--proxy-mode"):
                        yield f"option {called[0]} {option}"


def stale_names(text, document):
    for code in CODE.findall(text):
        for model in MODEL.findall(code):
            if model not in models() and not any(known.startswith(model + ".") for known in models()):
                stem, _, last = model.rpartition(".")
                if not (stem in models() and (last in names() or any(f"{last} = fields." in source for source in sources().values()))):
                    yield f"model {model}"
        for method in METHOD.findall(code):
            if method.lstrip(".") not in names():
                yield f"method {method.lstrip('.')}"
        for setting in SETTING.findall(code):
            addon, _, last = setting.partition(".")
            if not (ROOT / addon / last).exists() and not any(last in source for source in sources().values()):
                yield f"setting {setting}"


def stale_tests(text, document):
    for code in CODE.findall(text):
        for file, name in TEST.findall(code):
            places = places_of_tests().get(name, ())
            if not any(str(place).endswith(f"/{file}" if file else "") for place in places):
                yield f"test {file}::{name}" if file else f"test {name}"


def stale_rows(text, document):
    for found in ROW.findall(text):
        for first, last in re.findall(r"([A-Z]\d+)(?:-[A-Z]?(\d+))?", found):
            for number in range(int(first[1:]), int(last or first[1:]) + 1):
                if first[0] + str(number) not in rows():
                    yield f"row {first[0]}{number}"


KINDS = (stale_paths, stale_commands, stale_names, stale_tests, stale_rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_exists(document):
    text = document.read_text()
    assert [stale for kind in KINDS for stale in kind(text, document)] == []


def test_rows_and_documents_named_in_the_code_exist():
    wrong = []
    for path, text in sources().items():
        wrong += [f"{path.relative_to(ROOT)}: {stale}" for stale in stale_rows(text, path)]
        wrong += [f"{path.relative_to(ROOT)}: {name}" for name in re.findall(r"\bdocs/\w+\.md\b", text) if not (ROOT / name).exists()]
    assert wrong == []


def test_every_feature_has_its_place_and_its_tests():
    lines = [line.split(" | ") for line in (ROOT / "docs/features.md").read_text().splitlines() if re.match(r"\| [A-Z]\d", line)]
    assert len(lines) >= 64
    assert [line[0] for line in lines if len(line) != 4 or "`" not in line[2] or not TEST.search(line[3])] == []
    assert len(rows()) == len(lines), "a row's name, which code and documents refer to, stands twice"


@pytest.mark.parametrize(
    ("text", "stale"),
    [
        ("see [there](docs/no_such.md)", "link docs/no_such.md"),
        ("`docs/no_such.md`", "path docs/no_such.md"),
        ("`tools/no_such.py`", "path tools/no_such.py"),
        ("`no_such.py`", "path no_such.py"),
        ("```\nbin/no-such --port 1\n```", "command bin/no-such"),
        ("```\nbin/run --no-such\n```", "option bin/run --no-such"),
        ("`sop.no.such`", "model sop.no.such"),
        ("`sop.conversation._no_such(x)`", "method _no_such"),
        ("`sop_inbox.no_such_days`", "setting sop_inbox.no_such_days"),
        ("`test_calls.py::test_no_such`", "test test_calls.py::test_no_such"),
        ("`test_calls.py::test_source_example`", "test test_calls.py::test_source_example"),
        ("rows P1-P99", "row P99"),
    ],
)
def test_a_stale_reference_is_found(text, stale):
    assert stale in [found for kind in KINDS for found in kind(text, ROOT / "README.md")]


def test_true_references_are_let_through():
    text = "[a](docs/features.md) `sop_inbox/models` `tools/phone.py` `sop.call` `test_calls.py::test_no_phone` `bin/run --port 8070` rows P2-P6"
    assert [found for kind in KINDS for found in kind(text, ROOT / "README.md")] == []


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_the_page_of_the_store(addon):
    """What the Odoo Apps store asks for: real pictures, no scripts, no links to other sites, a cover of 2:1."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    folder = addon / "static" / "description"
    page = (folder / "index.html").read_text()
    shown = set(re.findall(r'src="([^"]+)"', page))
    assert not re.search(r"//[^/]*\.(example|test|invalid|localhost)\b", manifest.get("website", "")), "a website that does not exist"
    assert [name for name in manifest["images"] if not (addon / name).exists()] == []
    with Image.open(addon / manifest["images"][0]) as cover:
        assert cover.width == 2 * cover.height
    assert {path.name for path in folder.iterdir()} == {"icon.png", "icon.svg", "index.html", "banner.png"} | shown
    assert len(shown) >= 3
    assert re.findall(r"<(?:script|iframe|link|form|base|meta)\b|\son\w+=|javascript:|https?://|href=", page) == []
    assert max(path.stat().st_size for path in folder.iterdir()) < 150_000
