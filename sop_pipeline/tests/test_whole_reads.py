from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestWholeReads(TransactionCase):
    """Who may read a record of core's may read it whole: ``read()`` without names is what other apps, exports and scripts do."""

    def readers(self, model):
        """The groups that may read a model, each alone; a line without a group is for everybody."""
        lines = self.env["ir.model.access"].search([("model_id.model", "=", model), ("perm_read", "=", True)])
        everybody = self.env.ref("base.group_user") | self.env.ref("base.group_portal")
        return lines.group_id | (everybody if lines.filtered(lambda line: not line.group_id) else self.env["res.groups"])

    def person(self, group):
        """A user of one group and what comes with it."""
        if group not in self.people:
            user = new_test_user(self.env, f"reader {group.id}", groups="base.group_user")
            kinds = self.env["res.groups"].browse([self.env.ref(f"base.group_{kind}").id for kind in ("portal", "public")])
            user.group_ids = group if (group | group.all_implied_ids) & kinds else self.env.ref("base.group_user") | group
            self.people[group] = user
        return self.people[group]

    def fields_of_ours(self):
        """Fields on core's models that are read with the rights on what they lead to."""
        for name, model in self.env.registry.items():
            if name.startswith("sop.") or model._abstract:
                continue
            for field in model._fields.values():
                ours = (field._module or "").startswith("sop_")
                if ours and field.type in ("one2many", "many2many") and not field.compute and not field.bypass_search_access:
                    yield self.env[name], field

    def test_whoever_reads_a_record_reads_all_of_it(self):
        self.people, wrong, asked = {}, [], 0
        for model, field in self.fields_of_ours():
            for group in self.readers(model._name):
                user = self.person(group)
                if not model.with_user(user)._has_field_access(field, "read"):
                    if field.copy and model.with_user(user).has_access("create"):  # core reads what it copies
                        wrong.append(f"{model._name}.{field.name}: {group.full_name} cannot duplicate it")
                    continue
                asked += 1
                if not self.env[field.comodel_name].with_user(user).has_access("read"):
                    wrong.append(f"{model._name}.{field.name}: {group.full_name}")
        self.assertGreater(asked, 10)
        self.assertEqual(wrong, [], "these fields need groups, those that may read what they lead to")
