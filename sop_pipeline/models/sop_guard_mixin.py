from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..tools.signals import received, send


class SopGuardMixin(models.AbstractModel):
    """What a client may store: links are checked, and what is a proof is written by methods alone.

    A view that hides a field, or ``readonly=True``, does not stop a client that calls ``create`` or ``write``
    over the network. A model that inherits from this one declares, by extending two methods,

    - :meth:`_sop_links`: relational fields whose target the caller must be allowed to use;
    - :meth:`_sop_kept`: fields that only code of ours writes.

    Checked on every way a record is stored: create, write, import, copy, merge, x2many commands of
    another model, ``default_*`` in the context. The values that code with ``sudo()`` stores are trusted, a default
    in its context is not: that is the client's word. Code that runs as the user and has to write a kept field
    says so with :meth:`_sop_keeping`.
    """

    _name = "sop.guard.mixin"
    _description = "Checked Links and Kept Fields"

    @api.model
    def _sop_links(self):
        """Return the links to check: dict of field name -> ``"read"`` or ``"write"``.

        ``"write"`` where the link acts on its target, or lets others act on it. Hook: extend with super().
        """
        return {}

    @api.model
    def _sop_kept(self):
        """Return the set of fields that only code of ours writes. Hook: extend with super()."""
        return set()

    def _sop_keeping(self, *models):
        """Return the same records, whose kept fields may be written. For code of ours that runs as the user.

        :param models: names of the models whose kept fields may be written, other than these records' own.
            Only values made by us may reach them: what a client sent is let through as well
        """
        return send(self, sop_keeping=frozenset(models or {self._name}))

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse kept fields and check links; see core for the contract.

        :raise AccessError: a kept field has a value, or a link leads where the caller may not go
        :raise UserError: a link leads to another company
        """
        kept, links = self._sop_kept(), self._sop_links()
        if self.env.su:
            ours = {name for name in kept | links.keys() if name.startswith("sop_") or self._name.startswith("sop.")}
            return super(SopGuardMixin, self._sop_without_defaults(ours)).create(vals_list).with_env(self.env)
        if self._sop_may_keep():
            records = super().create(vals_list)
        else:
            vals_list = [self._sop_without_kept(vals, kept) for vals in vals_list]
            records = super(SopGuardMixin, self._sop_without_defaults(kept)).create(vals_list).with_env(self.env)
        for name, mode in links.items():
            records._sop_check_link(name, mode, records._sop_targets(name))
        return records

    def write(self, vals):
        """Refuse kept fields and check the links that are new; see core for the contract. Errors as in create."""
        if self.env.su:
            return super().write(vals)
        if (kept := self._sop_kept() & vals.keys()) and not self._sop_may_keep():
            self._sop_refuse_kept(kept)
        links = {name: mode for name, mode in self._sop_links().items() if name in vals}
        before = {name: self._sop_targets(name) for name in links}
        result = super().write(vals)
        for name, mode in links.items():
            self._sop_check_link(name, mode, self._sop_targets(name) - before[name])
        return result

    def _sop_may_keep(self):
        """Whether code of ours says that it writes kept fields of this model."""
        keeping = received(self.env, "sop_keeping")
        return keeping is True or self._name in (keeping or ())

    def _sop_without_defaults(self, names):
        """Return the same records without ``default_*`` values in the context for these fields."""
        keys = {f"default_{name}" for name in names} & self.env.context.keys()
        if not keys:
            return self
        context = {key: value for key, value in self.env.context.items() if key not in keys}
        return self.with_context(context)  # pylint: disable=context-overridden

    def _sop_without_kept(self, vals, kept):
        """Return values without empty kept fields, which say nothing; refuse those that say something."""
        sent = kept & vals.keys()
        if filled := {name for name in sent if vals[name]}:
            self._sop_refuse_kept(filled)
        return {name: value for name, value in vals.items() if name not in sent} if sent else vals

    def _sop_refuse_kept(self, names):
        """:raise AccessError: naming the fields by their labels"""
        labels = sorted(self._fields[name]._description_string(self.env) for name in names)
        raise AccessError(
            self.env._("These fields are filled by the application itself and cannot be written: %(fields)s.", fields=", ".join(labels))
        )

    def _sop_targets(self, name):
        """Return what a link leads to now, whatever the caller may see of it, in the caller's environment."""
        targets = self.sudo()[name]  # sudo: only to ask for the rights on them
        return targets.with_env(self.env)

    def _sop_check_link(self, name, mode, targets):
        """Check that the caller may use these targets of a link, and that companies agree. Batch.

        :raise AccessError: from the target's own rules
        :raise UserError: naming the field and the companies
        """
        if not targets:
            return
        targets.check_access(mode)
        if "company_id" not in self._fields or "company_id" not in targets._fields:
            return
        for record in self.sudo():  # sudo: companies of records whose rights were checked
            for company in (record[name] & targets.sudo()).company_id:
                if record.company_id and company != record.company_id:
                    raise UserError(
                        self.env._(
                            "%(field)s belongs to company %(other)s, but this record to %(company)s.",
                            field=self._fields[name]._description_string(self.env),
                            other=company.name,
                            company=record.company_id.name,
                        )
                    )
