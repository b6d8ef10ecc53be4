"""A field of a model is defined in one place of a room, and a group of users in one of an addon; another room may add what only it knows."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDONS = sorted(ROOT.glob("sop_*"))


def model_of(owner):
    """Name of the model a class makes or extends; "" of one that does neither."""
    names = {}
    for line in owner.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name) and isinstance(line.value, ast.Constant):
            names[line.targets[0].id] = line.value.value
    return names.get("_name") or names.get("_inherit") or ""


def fields_of(text):
    """Fields a Python file defines: (model, field)."""
    for owner in ast.walk(ast.parse(text)):
        if isinstance(owner, ast.ClassDef) and (model := model_of(owner)):
            for line in owner.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Call) and ast.unparse(line.value.func).startswith("fields."):
                    yield model, line.targets[0].id


def twice(places):
    return {name: files for name, files in places.items() if len(files) > 1}


def test_each_field_has_one_definition():
    found = defaultdict(list)
    for addon in ADDONS:
        for path in addon.rglob("*.py"):
            if "tests" not in path.parts:
                for model, field in fields_of(path.read_text()):
                    found[addon.name, path.parent.name, model, field].append(path.name)
    assert len(found) > 500
    assert twice(found) == {}


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
