"""Whether what meets people's words takes time in proportion to their length: patterns, and whole functions.

*Finding patterns*: in the syntax trees of the sources, so that one nobody thought of is met too. The module
``re`` is used by plain calls of its functions, with patterns made of the module's own constants. Anything else
(``from re import``, ``re`` handed on, a pattern made at run time) is refused, since nobody can try it.

*Trying*: texts of 20 000 characters, made of a pattern's own parts and of rubbish. Time is the thread's own
and the least of several runs, so that a busy machine decides nothing; what runs away is stopped.
"""

import ast
import contextlib
import importlib
import itertools
import random
import re
import signal
import time
from pathlib import Path
from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.modules.module import get_module_path

try:
    from re import _compiler as compiler
    from re import _constants as tokens
    from re import _parser as parser
except ImportError:  # before Python 3.11
    import sre_compile as compiler
    import sre_constants as tokens
    import sre_parse as parser

LENGTH = 20_000
SHORT = LENGTH // 4
SECONDS = 0.05  # a pattern over LENGTH characters
GROWTH = 8  # of a function's time from SHORT to LENGTH: 4 is linear, 16 quadratic
RUNAWAY = 10 * SECONDS
RUNS = 5
TURNS = 3  # a neighbour that takes the processor's cache spoils one measurement, not three


# === FINDING ===

#: Functions that take a pattern -> where its flags come
TAKE_PATTERN = {"compile": 1, "split": 3, "sub": 4, "subn": 4, **dict.fromkeys(("search", "match", "fullmatch", "findall", "finditer"), 2)}
HARMLESS = frozenset({"escape", "Match", "Pattern", "error", *(name for name in dir(re) if name.isupper())})
OTHER_ENGINES = frozenset({"fnmatch", "glob", "regex", "re2"})


class Found(NamedTuple):
    """A pattern and where it stands."""

    place: str
    pattern: re.Pattern


class _Refused(Exception):
    pass


def find_patterns(source, place, load):
    """Return (patterns, refusals) of one source.

    :param str place: its name in what is returned
    :param load: function that returns the names of its module (a dict); called when there is a pattern
    """
    tree = ast.parse(source)
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    names, found, refused = set(), [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or "re" for alias in node.names if alias.name == "re"}
    for node in ast.walk(tree):
        try:
            _check_import(node)
            if isinstance(node, ast.Name) and node.id in names and (pattern := _pattern_at(node, parents, load)):
                found.append(Found(f"{place}:{node.lineno}", pattern))
        except _Refused as error:
            refused.append(f"{place}:{node.lineno}: {error}")
    return found, refused


def _check_import(node):
    whole = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else whole
    if (isinstance(node, ast.ImportFrom) and node.module == "re") or OTHER_ENGINES & {module.split(".")[0] for module in modules}:
        raise _Refused("patterns are run by `import re` and re.function(...) alone")


def _pattern_at(node, parents, load):
    """Return the pattern that a use of ``re`` runs, None when it runs none."""
    attribute = parents[id(node)]
    if not isinstance(attribute, ast.Attribute):
        raise _Refused("`re` is handed on")
    if attribute.attr in HARMLESS:
        return None
    call = parents[id(attribute)]
    if not isinstance(call, ast.Call) or call.func is not attribute or attribute.attr not in TAKE_PATTERN or not call.args:
        raise _Refused("`re` is used otherwise than as re.function(pattern, ...)")
    at = TAKE_PATTERN[attribute.attr]
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"] or call.args[at : at + 1]
    scope = dict(load())
    try:
        parts = [compile(ast.Expression(part), "<pattern>", "eval") for part in (call.args[0], *flags)]
        pattern, *flags = [eval(part, scope) for part in parts]  # pylint: disable=eval-used; what the source itself says
        return re.compile(pattern, *flags)
    except Exception as error:
        raise _Refused(f"made at run time, so nobody can try it ({error})")


def sources(addon):
    """Return the sources of an addon, but for its tests and demo data, which meet nobody's words."""
    root = Path(get_module_path(addon))
    return [path for path in sorted(root.rglob("*.py")) if not {"tests", "demo", "__pycache__"} & set(path.relative_to(root).parts)]


def find_in(addon):
    """Return (patterns, refusals) of an addon."""
    found, refused = [], []
    root = Path(get_module_path(addon))
    for path in sources(addon):
        module = ".".join(("odoo.addons", addon, *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        patterns, refusals = find_patterns(
            path.read_text(encoding="utf-8"), str(path.relative_to(root.parent)), lambda name=module: vars(importlib.import_module(name))
        )
        found += patterns
        refused += refusals
    return found, refused


# === TIME ===


class Runaway(Exception):
    """A run took so long that it was stopped."""


def seconds_of(function, enough=0.0, runaway=RUNAWAY):
    """Return the least processor time of a few runs of a function; the first below ``enough`` will do, one above ``runaway`` is stopped."""
    best = float("inf")
    for _run in range(RUNS):
        start = time.thread_time()
        try:
            with stopped_after(runaway):
                function()
        except Runaway:
            return runaway
        best = min(best, time.thread_time() - start)
        if best < enough:
            break
    return best


@contextlib.contextmanager
def stopped_after(seconds):
    """Stop what runs away: ``re`` looks for signals while it searches.

    :raise Runaway: in it
    """

    def stop(_number, _frame):
        raise Runaway

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_string(pattern):
    """Return (string, seconds) of a string that a pattern is slow on, None when there is none."""
    for string in adversaries(pattern):
        for run in (lambda text=string: sum(1 for _match in pattern.finditer(text)), lambda text=string: pattern.fullmatch(text)):
            if (taken := seconds_of(run, SECONDS)) >= SECONDS:
                return string, taken
    return None


def text_functions(addon):
    """Return the public functions of an addon's tools that take a text: "module.function"."""
    found = set()
    for path in (Path(get_module_path(addon)) / "tools").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and "text" in {arg.arg for arg in node.args.args}:
                found.add(f"{path.stem}.{node.name}")
    return found


class LinearMixin:
    """For test cases about functions that meet people's words."""

    def assertAllLinear(self, addon, table):
        """Every function of the addon's tools that takes a text stands in a table, and what stands there is linear.

        :param table: dict "module.function" -> the function of a text, or why it meets no words
        """
        self.assertLessEqual(text_functions(addon), table.keys())
        for name, function in table.items():
            if not isinstance(function, str):
                with self.subTest(function=name):
                    self.assertLinear(function, refusal=(ValueError, UserError))

    def assertLinear(self, function, texts=None, refusal=()):
        """A function of a text takes at most in proportion longer for longer ones, whatever rubbish they are.

        :param refusal: exceptions by which it refuses a text
        """

        def run(text):
            with contextlib.suppress(refusal):
                function(text)

        for text in texts or rubbish():
            for _turn in range(TURNS):  # what is not linear fails in all of them
                short = seconds_of(lambda text=text: run(text[:SHORT]), runaway=5)
                limit = max(SECONDS, GROWTH * short)
                taken = seconds_of(lambda text=text: run(text), limit, runaway=10)
                if taken < limit:
                    break
            self.assertLess(taken, limit, f"{LENGTH} characters like {text[:40]!r}, {short:.3f} s for {SHORT}")


# === STRINGS ===

BLANKS = (" ", "\n", "\t", "0", "9", "a", "A", ".", ",", "-", "(", "{", "{{", "[", "<", "&", "'", '"', "é", "ひ", "\u200d", "\0")
RUBBISH = (
    "0 ",
    "0.",
    "9s",
    "a ",
    "a.",
    "{{ ",
    "{{a",
    "}} ",
    "(0",
    "x2 ",
    "A1 ",
    "+84",
    "09 0",
    "0912345678 ",
    "0912.345.678,",
    "a,b;",
    "\r\n",
    "http://a",
    "http://a.vn/?b=c ",
    "a@b.c",
    "mã ",
    "khong ",
    "không chín không ",
    "</",
    "<a>",
    "&lt;",
    "\u0301",
)
TAILS = ("\0", "}", "0", " ")


def rubbish(length=LENGTH):
    """Return texts of rubbish that know nothing of any pattern."""
    chance = random.Random(7)
    mixed = ["".join(chance.choices([*BLANKS, *RUBBISH], k=length)) for _turn in range(3)]
    return [text[:length] for text in [*(unit * length for unit in (*BLANKS, *RUBBISH)), *mixed]]


def adversaries(pattern, length=LENGTH):
    """Return strings against a pattern: its parts repeated, each of its repeats pumped after what leads there, near misses, rubbish."""
    sampler = _Sampler(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    wholes, pumps, letters = sampler.wholes(), sampler.pumps(), sampler.letters
    parts = list(dict.fromkeys(part for part in [*wholes, *(whole[:-1] for whole in wholes), *(whole[1:] for whole in wholes), *letters] if part))
    units = list(dict.fromkeys([*letters[:12], *parts[:12], " ", "0", "a"]))
    leads = list(dict.fromkeys(lead for lead, _unit in pumps))[:12]
    chance = random.Random(3)
    strings = [
        *(part * length for part in parts[:40]),
        *(lead + unit * length for lead, unit in pumps),
        *(lead + unit * length for lead in leads for unit in units[:8]),
        *((one + other) * length for one, other in itertools.islice(itertools.permutations(units, 2), 60)),
        *("".join(chance.choices(units, k=length)) for _turn in range(3)),
    ]
    missed = [string[: length - 1] + TAILS[number % len(TAILS)] for number, string in enumerate(strings)]
    return list(dict.fromkeys([*missed, *rubbish(length)]))


class _Sampler:
    """Words that a parsed pattern takes (nearly: what looks around is not minded), and its letters."""

    REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

    def __init__(self, tree):
        self.tree = tree
        self.letters = list(dict.fromkeys(filter(None, self._letters(tree))))

    def wholes(self):
        """Return a few strings the pattern takes."""
        return list(dict.fromkeys(filter(None, (self._sample(self.tree, turn) for turn in range(6)))))

    def pumps(self):
        """Return (what leads to a repeat, what it repeats) for each repeat."""
        return list(dict.fromkeys(self._pumps(self.tree, "")))

    def _pumps(self, tree, lead):
        for operator, value in tree:
            if str(operator) in self.REPEATS:
                yield from ((lead, unit) for turn in range(3) if (unit := self._sample(value[2], turn)))
            for inner in self._inner(operator, value):
                yield from self._pumps(inner, lead)
            lead += self._sample([(operator, value)], 0)

    def _letters(self, tree):
        for operator, value in tree:
            if str(operator) in ("LITERAL", "IN", "NOT_LITERAL", "ANY"):
                yield self._sample([(operator, value)], 0)
            for inner in self._inner(operator, value):
                yield from self._letters(inner)

    def _inner(self, operator, value):
        """Return the parts of one part of a pattern."""
        name = str(operator)
        if name in self.REPEATS:
            return [value[2]]
        return {
            "SUBPATTERN": lambda: [value[-1]],
            "BRANCH": lambda: value[1],
            "ASSERT": lambda: [value[1]],
            "ASSERT_NOT": lambda: [value[1]],
            "ATOMIC_GROUP": lambda: [value],
        }.get(name, list)()

    def _sample(self, tree, turn):
        """Return a string that a part takes; ``turn`` chooses among alternatives."""
        return "".join(self._sample_part(str(operator), value, turn) for operator, value in tree)

    def _sample_part(self, name, value, turn):
        if name == "LITERAL":
            return chr(value)
        if name == "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        if name == "ANY":
            return "a"
        if name == "IN":
            return self._member(value, turn)
        if name == "BRANCH":
            return self._sample(value[1][turn % len(value[1])], turn)
        if name in self.REPEATS:
            low, high, inner = value
            return self._sample(inner, turn) * max(low, min(high, 1 + turn % 3))
        return "".join(self._sample(inner, turn) for inner in self._inner(name, value)) if name in ("SUBPATTERN", "ATOMIC_GROUP") else ""

    @staticmethod
    def _member(items, turn):
        """Return a character of a set."""
        fits = compiler.compile(parser.SubPattern(parser.State(), [(tokens.IN, items)])).fullmatch
        own = [chr(value if str(operator) == "LITERAL" else value[0]) for operator, value in items if str(operator) in ("LITERAL", "RANGE")]
        fitting = [char for char in dict.fromkeys([*own, *" 0a.A-_\n\t,;:é{}()[]\"'<>/\\~"]) if fits(char)]
        return fitting[turn % len(fitting)] if fitting else ""
