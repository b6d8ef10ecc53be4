"""The rooms of the models stand in one order: none imports, or names a model of, one that comes after it."""

import ast
import inspect
import re
from pathlib import Path

from odoo.tests import BaseCase, TransactionCase, tagged

TESTS = Path(__file__).parent
MODELS = TESTS.parent / "models"
#: What an import of ours looks like in ``models/__init__.py`` and in a room
ROOM = re.compile(r"^from \. import (\w+)$", re.M)
#: Rooms beside each other: what each may use, of those before it
MAY_USE = {
    "channel": set(),
    "conversation": {"channel"},
    "outbound": {"channel", "conversation"},
    "inbound": {"channel", "conversation", "outbound"},
    "platform": {"channel", "conversation", "outbound", "inbound"},
    "order": {"channel", "conversation", "outbound"},
    "carrier": {"conversation", "order"},
    "live": {"channel", "conversation", "outbound", "inbound", "order"},
    "conversion": {"channel", "conversation", "outbound", "inbound", "order", "carrier"},
    "personal": {"channel", "conversation", "outbound", "inbound", "platform", "order", "carrier", "live", "conversion"},
}

#: Lines of a script for the browser
MOST_LINES = 200
#: Methods of ours that a model may have at run time, all files of all three addons together
MOST_METHODS = 119


def room_imports(path):
    """Rooms a file imports from, relative (``..inbound.x``) or by its whole name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = "." * node.level + node.module
            found = re.match(r"(?:\.\.|odoo\.addons\.sop_inbox\.models\.)(\w+)", whole)
            if found and not whole.startswith("..."):
                yield found[1]


def models_made(path):
    """Names of the models a file makes (not those it extends)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_name" and isinstance(node.value, ast.Constant):
            yield node.value.value


@tagged("post_install", "-at_install")
class TestRooms(BaseCase):
    def test_every_room_is_known_and_in_order(self):
        rooms = ROOM.findall((MODELS / "__init__.py").read_text())
        self.assertEqual(rooms, list(MAY_USE))
        self.assertEqual({path.name for path in MODELS.iterdir() if path.is_dir() and path.name != "__pycache__"}, set(rooms))
        self.assertEqual([path.name for path in MODELS.glob("*.py")], ["__init__.py"], "every model has a room")

    def test_every_test_is_imported_and_in_the_folder_of_a_room(self):
        """Odoo runs the modules that ``tests/__init__.py`` has, a room's by ``import *``; a file that is not imported would silently never run."""
        found = [f"{path.parent.name if path.parent != TESTS else ''}.{path.stem}" for path in TESTS.rglob("test_*.py")]
        init = (TESTS / "__init__.py").read_text()
        self.assertEqual(re.findall(r"^from \.(\w+) import \*$", init, re.M), [room for room in MAY_USE if (TESTS / room).is_dir()])
        named = [
            f"{room}.{name}"
            for room in ("", *MAY_USE)
            for name in re.findall(r"^from \. import (test_\w+)$", (TESTS / room / "__init__.py").read_text(), re.M)
        ]
        self.assertCountEqual(named, found)
        self.assertEqual({path.name for path in TESTS.iterdir() if path.is_dir() and path.name != "__pycache__"}, set(MAY_USE))

    def test_no_room_imports_one_it_may_not_use(self):
        wrong = [
            f"{path.relative_to(MODELS)} imports {other}"
            for room, allowed in MAY_USE.items()
            for path in (MODELS / room).glob("*.py")
            for other in room_imports(path)
            if other in MAY_USE and other not in allowed | {room}
        ]
        self.assertEqual(wrong, [])

    def test_no_script_does_everything(self):
        """A file of a component or a hook is read at one go; what grows beyond has a part that can be one of its own."""
        sizes = {str(path): len(path.read_text().splitlines()) for path in TESTS.parent.parent.glob("sop_*/static/src/**/*.js")}
        self.assertGreater(len(sizes), 50, "nothing was counted")
        self.assertEqual({path: size for path, size in sizes.items() if size > MOST_LINES}, {})

    def test_no_room_names_a_model_made_in_one_it_may_not_use(self):
        home = {}
        for room in MAY_USE:
            for path in (MODELS / room).glob("*.py"):
                for model in models_made(path):
                    if model.startswith("sop."):
                        home.setdefault(model, room)
        wrong = []
        for room, allowed in MAY_USE.items():
            for path in (MODELS / room).glob("*.py"):
                named = set(re.findall(r"""["'](sop\.[a-z_.]+)["']""", path.read_text()))
                wrong += [
                    f"{path.relative_to(MODELS)} names {model} of {home[model]}"
                    for model in sorted(named & home.keys())
                    if home[model] not in allowed | {room}
                ]
        self.assertEqual(wrong, [])


@tagged("post_install", "-at_install")
class TestSize(TransactionCase):
    def test_no_model_does_everything(self):
        """What grows beyond this has a side that can be a model of its own, as ``sop.conversation.part.mixin`` says."""
        sizes = {
            name: len({key for cls in model.mro() if cls.__module__.startswith("odoo.addons.sop_") for key in vars(cls) if is_method(cls, key)})
            for name, model in self.env.registry.items()
            if model._original_module == "sop_inbox"
        }
        self.assertGreater(sizes["sop.conversation"], 50, "nothing was counted")
        self.assertEqual({name: size for name, size in sizes.items() if size > MOST_METHODS}, {})


def is_method(cls, name):
    value = vars(cls)[name]
    return inspect.isfunction(value) or isinstance(value, (classmethod, staticmethod, property))
