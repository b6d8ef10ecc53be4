"""The doors of the suite: every method a client may call. Who may, and what rubbish they answer.

A door is a method without a leading underscore that a class of ours defines, on a model of ours or of
core's, and that core does not keep private (``@api.private``). Each addon tells about its own doors in

- ``doors.csv``: one line a door. ``owner`` is the person the door is made for, whose call must succeed;
  or ``nobody``. Then who else may: ``y`` works (or says in words why not now), ``n`` is refused, ``e`` answers
  with nothing, where the owner is answered with something, ``t`` works and is told what is a secret to others.
- a test class on :class:`DoorsCase` with the people, the records and plausible arguments.

A door missing in the file, or a line without its door, fails the test.
"""

import csv
import inspect
import json
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tools import mute_logger

ADDONS = ("sop_pipeline", "sop_contact_requests", "sop_inbox")
NOBODY = "nobody"
ROLES = ("public", "portal buyer", "portal seller", "internal", "other team", "other company")

ROW_NAMES = ("code", "label", "interest")

DEEP = []
for _level in range(60):
    DEEP = [DEEP]
#: What a client may send in place of anything
RUBBISH = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    -(2**63),
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "1",
    "²",
    "٣",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 20_000,
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    [1, 2],
    [None],
    ["x"],
    [[1], [2]],
    [True],
    [2**63],
    ["&"],
    [("x", "=", 1)],
    {},
    {"x": 1},
    {"id": "x"},
    [{}],
    DEEP,
)
#: The same, inside of something: what differs there
RUBBISH_INSIDE = (None, True, -1, 2**63, float("nan"), "", "x", "\x00", "\ud800", [], [1], [[1]], {}, {"x": 1}, DEEP)
#: What a client may send in place of the ids of records; what cannot even be gone through, core's own ``browse`` refuses
RUBBISH_IDS = ([0], [-1], [2**31 - 1], [2**31], [2**63], [10**30], ["x"], ["1"], [1.5], [None], [True], [[1]], [{}], ["\x00"], "x", {"x": 1})


def is_ours(cls):
    """Whether a class may define doors of ours: some mixins only narrow core's create and write, wherever they are inherited."""
    ours = cls.__module__.startswith(tuple(f"odoo.addons.{addon}." for addon in ADDONS))
    return ours and not cls.__module__.endswith((".sop_guard_mixin", ".sop_request_words_mixin"))


def addon_of(cls):
    return cls.__module__.split(".")[2]


def brought_by(cls, name, ours):
    """The addons by which a model has what a class defines: those whose classes inherit it as a mixin, else its own."""
    users = [addon_of(other) for other in ours if other._name == name != cls._name and cls._name in other._inherit]
    return users or [addon_of(cls)]


def find_doors(env, addon):
    """The doors an addon answers for: those of its own models, and those it is the first of ours to define on core's.

    A mixin is no model to call: its doors are those of the models that inherit it.

    :return: dict "model.method" -> the method
    """
    doors = {}
    for name, model in env.registry.items():
        if model._abstract and (model._inherit_children or name.endswith(".mixin")):
            continue
        ours = [cls for cls in model.mro() if is_ours(cls)]
        for method in sorted({key for cls in ours for key, value in vars(cls).items() if is_public(key, value)}):
            definers = [addon for cls in ours if method in vars(cls) for addon in brought_by(cls, name, ours)]
            home = model._original_module if model._original_module in ADDONS else min(definers, key=ADDONS.index)
            if home == addon and not is_private(model, method):
                doors[f"{name}.{method}"] = getattr(model, method)
    return doors


def is_public(name, value):
    return not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, (classmethod, staticmethod)))


def is_private(model, method):
    """As core tells it when it is called."""
    return any(getattr(getattr(cls, method, None), "_api_private", False) for cls in model.mro())


def is_of_model(method):
    """Whether a client sends no ids along."""
    return getattr(method, "_api_model", False)


def is_cores(model, method):
    """Whether a class that is not ours defines the method too: what it says to rubbish is core's matter."""
    return any(method in vars(cls) for cls in model.mro() if not is_ours(cls))


def is_empty(value):
    """Whether an answer tells nothing: empty, or only empty things inside, beside the names of a report's rows."""
    if isinstance(value, Mapping):
        return all(is_empty(part) for name, part in value.items() if name not in ROW_NAMES)
    if isinstance(value, (list, tuple)):
        return all(map(is_empty, value))
    return not value


def spoil(value, rubbish=RUBBISH):
    """Each copy of a plausible value in which one thing, at any depth, is rubbish."""
    yield from rubbish
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, part in items:
        for spoiled in spoil(part, RUBBISH_INSIDE):
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[key] = spoiled
            yield copy


class DoorsCase:
    """Mix into a TransactionCase of the addon that sets, in ``setUpClass``:

    - ``people``: dict of each role and each owner named in the file -> ``res.users``
    - ``records``: dict of model -> the record (or ids) its doors are tried on
    - ``calls``: dict of door -> positional arguments, or a dict of named ones; () where left out
    - ``targets``: dict of door -> records, where it is not the model's
    - ``loose``: doors whose named values have nothing to do with each other: rubbish is sent in one at a time
    - ``secrets``: texts that nobody else may be told, in an answer or in the words of a refusal
    """

    addon = None
    calls = targets = {}
    secrets = loose = ()

    @classmethod
    def read_table(cls):
        """:return: dict of door -> its line"""
        path = Path(inspect.getfile(cls)).with_name("doors.csv")
        with path.open(encoding="utf-8", newline="") as file:
            return {row["door"]: row for row in csv.DictReader(file)}

    # === ONE CALL ===

    @contextmanager
    def undone(self):
        """Whatever happens inside has not happened afterwards."""
        with self.env.cr.savepoint() as savepoint:
            try:
                yield
            finally:
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def call_door(self, door, user, ids, args=(), kwargs=None):
        """Call as core does for a client; all that would be written is written.

        :return: ("y", answer) or ("e", answer); ("n", error) where it was refused; ("y", error) where words were said
        """
        model, method = door.rpartition(".")[::2]
        # a replayed request begins anew: what the environment of the test knows does not help
        env = self.env(user=user.id, su=False, context={})
        args = list(args) if is_of_model(getattr(type(env[model]), method)) else [ids, *args]
        try:
            answer = call_kw(env[model], method, args, {**(kwargs or {}), "context": {"lang": "en_US"}})
            self.env.flush_all()
        except AccessError as error:
            return "n", error
        except UserError as error:
            return "y", error
        json.dumps(answer, default=str)
        return ("e" if is_empty(answer) and answer is not None and not isinstance(answer, bool) else "y"), answer

    def ids_of(self, door):
        records = self.targets.get(door, self.records.get(door.rpartition(".")[0]))
        return records.ids if isinstance(records, BaseModel) else records or []

    def arguments_of(self, door):
        given = self.calls.get(door, ())
        return ((), given) if isinstance(given, dict) else (given, {})

    # === TESTS ===

    def test_every_door_is_in_the_table(self):
        found, told = set(find_doors(self.env, self.addon)), set(self.read_table())
        self.assertEqual(found - told, set(), "doors that doors.csv does not know: who may go through?")
        self.assertEqual(told - found, set(), "lines of doors.csv without a door")

    def test_who_may_go_through(self):
        wrong = []
        for door, line in self.read_table().items():
            for role in ("owner", *ROLES):
                person, expected = (line["owner"], "y") if role == "owner" else (role, line[role])
                if person != NOBODY and (news := self.look_through(door, role, person, expected)):
                    wrong.append(f"{door} | {role} ({person}): {news}"[:300])
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def look_through(self, door, role, person, expected):
        """:return: what is not as the table has it, or None"""
        args, kwargs = self.arguments_of(door)
        with self.undone(), mute_logger("odoo"):
            try:
                got, answer = self.call_door(door, self.people[person], self.ids_of(door), args, kwargs)
            except Exception as error:
                got, answer = "broken", error
        if role != "owner" and any(secret in f"{answer!r} {answer}" for secret in self.secrets):
            got = "t"
        if got != expected or (role == "owner" and isinstance(answer, Exception)):
            return f"expected {expected}, got {got}: {answer!r}"
        return None

    def test_rubbish_gets_a_sentence(self):
        """Whatever a client sends in place of an argument, or of the ids: an answer, or a sentence. Core's own methods are core's."""
        broken = {}
        table = self.read_table()
        for door, method in find_doors(self.env, self.addon).items():
            model, name = door.rpartition(".")[::2]
            if is_cores(type(self.env[model]), name):
                continue
            user = self.people.get(table[door]["owner"]) or self.people["admin"]
            for ids, args, kwargs in self.spoiled_calls(door, method):
                with self.undone(), mute_logger("odoo"):
                    try:
                        self.call_door(door, user, ids, args, kwargs)
                    except Exception as error:
                        sent = f"{ids!r:.60} {args!r:.200} {kwargs!r:.200}"
                        broken.setdefault(f"{door}: {type(error).__name__}", f"{sent}: {str(error)[:150]}")
        self.assertFalse(broken, "\n" + "\n".join(f"{door} {sent}" for door, sent in sorted(broken.items())))

    def spoiled_calls(self, door, method):
        """Every call of a door in which one thing is rubbish: ids, positional arguments, named arguments."""
        args, kwargs = self.arguments_of(door)
        names = [name for name in inspect.signature(method).parameters if name != "self"]
        kwargs = dict(zip(names, args, strict=False)) | kwargs
        ids = self.ids_of(door)
        if not is_of_model(method):
            for rubbish in RUBBISH_IDS:
                yield rubbish, (), kwargs
        for name in names:
            value = kwargs.get(name)
            for alone in [{key: value[key]} for key in value] if door in self.loose else [value]:
                for spoiled in spoil(alone):
                    yield ids, (), kwargs | {name: spoiled}
