"""Which links of ours a client may store; for the tests that ask whether each of them is guarded."""

from odoo import models

RELATIONAL = ("many2one", "many2many", "reference", "many2one_reference")


def client_links(env, addon):
    """Relational fields an addon has defined that people other than the system's administrators can store a value in.

    One2many fields are not among them: what is written through one is written to the many2one behind it.

    :param str addon: technical name of the addon
    :return: set of (model, field) names
    """
    found = set()
    for model in env.registry.models.values():
        if model._abstract or not _is_writable(env, model._name):
            continue
        for name, field in model._fields.items():
            if field.type in RELATIONAL and _belongs_to(field, addon) and (field.store or field.inverse) and name not in models.MAGIC_COLUMNS:
                found.add((model._name, name))
    return found


def guarded_links(env):
    """The same pairs, of those that ``sop.guard.mixin`` checks or keeps."""
    return {
        (name, field) for name in env.registry if hasattr(env[name], "_sop_links") for field in env[name]._sop_links().keys() | env[name]._sop_kept()
    }


def _belongs_to(field, addon):
    return field._module == addon or addon in (field._modules or ()) and field.name.startswith("sop_")


def _is_writable(env, model):
    """Whether anybody but a system administrator may create or change records of a model."""
    system = env.ref("base.group_system")
    rights = env["ir.model.access"].sudo().search([("model_id.model", "=", model), "|", ("perm_write", "=", True), ("perm_create", "=", True)])
    return any(right.group_id != system for right in rights)
