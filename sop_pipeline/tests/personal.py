"""What every addon shows of its personal data: each column of text is declared, or stands in a list with the reason why not."""

from .doors import ADDONS

TEXTS = {"char", "text", "html", "json", "binary", "image", "properties", "reference"}


def columns_of(env, addon):
    """The stored fields of text an addon defines, on its own models and on core's: dict "model.field" -> whether it is declared."""
    mixin = env.registry["sop.personal.data.mixin"]
    found = {}
    for name, model in env.registry.items():
        if model._abstract or model._transient or not model._auto:
            continue
        declared = env[name]._sop_personal_fields() if issubclass(model, mixin) else {}
        for field in model._fields.values():
            homes = [module for module in field._modules if module in ADDONS] or [model._original_module]
            if field.type in TEXTS and field.store and homes[0] == addon and not field.related:
                found[f"{name}.{field.name}"] = field.name in declared
    return found


class ColumnsCase:
    """Mix into a TransactionCase that sets ``addon`` and ``impersonal``: dict "model.field" -> why nothing personal is in it."""

    addon = None
    impersonal = {}

    def test_every_column_is_declared_or_explained(self):
        found = columns_of(self.env, self.addon)
        open_ = {name for name, declared in found.items() if not declared and not self.impersonal.get(name)}
        self.assertFalse(open_, "columns of text that no declaration and no list knows: may a customer's data stand there?")
        self.assertFalse(set(self.impersonal) - {name for name, declared in found.items() if not declared}, "explained, but declared or gone")


class PersonalCase:
    """Mix into a TransactionCase that looks for a person's traces."""

    def grep(self, *signs):
        """Where one of these texts stands: "table.column" of every column of every table of the database."""
        self.env.flush_all()
        self.env.cr.execute("""
            SELECT c.table_name, c.column_name
              FROM information_schema.columns c JOIN information_schema.tables t USING (table_name, table_schema)
             WHERE t.table_type = 'BASE TABLE' AND t.table_schema = current_schema
               AND t.table_name != 'res_city'  -- the public list of wards: some bear people's names
               AND c.data_type IN ('text', 'character varying', 'jsonb', 'bytea')""")
        found = set()
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(  # names come from the catalogue of the database itself
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text ~* %s LIMIT 1', ["|".join(signs)]
            )  # pylint: disable=sql-injection
            if self.env.cr.rowcount:
                found.add(f"{table}.{column}")
        return found
