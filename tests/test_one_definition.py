"""A field or method of a model is defined in one place of a room, and a group of users in one of an addon; another room may add what only it knows.

And a file is named after its model, so that who looks for a model finds its files.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(ROOT.glob("sop_*"))
#: Files that are not named after their first model, and why
OTHER_NAMES = {
    "base_partner_merge.py": "core's own name of the file of base.partner.merge.automatic.wizard",
}


def model_of(owner):
    """Name of the model a class makes or extends; "" of one that does neither."""
    names = {}
    for line in owner.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name) and line.targets[0].id in ("_name", "_inherit"):
            value = ast.literal_eval(line.value)
            names[line.targets[0].id] = value if isinstance(value, str) else value[0]
    return names.get("_name") or names.get("_inherit") or ""


def model_classes(text):
    """Classes of a Python file that make or extend models: (class, model)."""
    for owner in ast.walk(ast.parse(text)):
        if isinstance(owner, ast.ClassDef) and (model := model_of(owner)):
            yield owner, model


def program_files():
    """Python files of the addons that are no tests: (addon, path)."""
    return [(addon, path) for addon in ADDONS for path in sorted(addon.rglob("*.py")) if "tests" not in path.parts]


def fields_of(text):
    """Fields a Python file defines: (model, field)."""
    for owner, model in model_classes(text):
        for line in owner.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call) and ast.unparse(line.value.func).startswith("fields."):
                yield model, line.targets[0].id


def methods_of(text):
    """Methods a Python file defines: (model, method)."""
    for owner, model in model_classes(text):
        for line in owner.body:
            if isinstance(line, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield model, line.name


def is_named_after(name, text):
    """Whether a file is called like its first model, alone or with a word for the part of it; so is one that has no model."""
    first = next((model.replace(".", "_") for _owner, model in model_classes(text)), None)
    stem = name.removesuffix(".py")
    return first is None or stem == first or stem.startswith(f"{first}_")


def twice(places):
    return {name: files for name, files in places.items() if len(files) > 1}


def test_each_field_has_one_definition():
    found = defaultdict(list)
    for addon, path in program_files():
        for model, field in fields_of(path.read_text()):
            found[addon.name, path.parent.name, model, field].append(path.name)
    assert len(found) > 500
    assert twice(found) == {}


def test_each_method_has_one_definition():
    """A method that is extended with super() within its own room would depend on the order of imports.

    Its one definition calls the steps of the other files by name. The rooms of an addon stand in an order, and a later one may extend.
    """
    found = defaultdict(list)
    for addon, path in program_files():
        for model, method in methods_of(path.read_text()):
            found[addon.name, path.parent.name, model, method].append(path.name)
    assert len(found) > 1500
    assert twice(found) == {}


def test_each_file_is_named_after_its_model():
    wrong = {path.name for _addon, path in program_files() if not is_named_after(path.name, path.read_text())}
    assert wrong == set(OTHER_NAMES)


def test_each_group_has_one_definition():
    found = defaultdict(list)
    for addon in ADDONS:
        for path in addon.rglob("*.xml"):
            for name in re.findall(r'<record id="(\w+)" model="res\.groups"', path.read_text()):
                found[name].append(path.name)
    assert found
    assert twice(found) == {}


def test_a_second_definition_is_found():
    text = """
class One(models.Model):
    _name = "x"
    kind = fields.Char()

class Two(models.Model):
    _inherit = "x"
    kind = fields.Char(required=True)
"""
    assert list(fields_of(text)) == [("x", "kind")] * 2


def test_a_second_method_is_found():
    text = """
class One(models.Model):
    _name = "x"
    _inherit = ["y", "z"]

    def write(self, vals):
        def write(): ...

class Two(models.Model):
    _inherit = "x"

    def write(self, vals): ...
"""
    assert list(methods_of(text)) == [("x", "write")] * 2


def test_a_wrong_name_is_found():
    text = """
class One(models.Model):
    _inherit = ["x.y"]

class Two(models.Model):
    _name = "z"
"""
    assert is_named_after("x_y.py", text)
    assert is_named_after("x_y_part.py", text)
    assert not is_named_after("x_yz.py", text)
    assert not is_named_after("z.py", text)
    assert is_named_after("words.py", "class One: ...")
