"""Columns in plain words: what they hold stays."""

from odoo.tools import sql

RENAMED = {
    "sop_channel_message": {"lane": "queue_key", "nonce": "client_ref", "hidden_told_at": "hidden_reported_at"},
    "sop_conversation": {"twin_id": "related_conversation_id"},
    "sop_identity": {"follow_told_at": "follow_reported_at"},
}
#: Names in views that are in the database already: a view that is loaded is checked together with those that extend it
IN_VIEWS = {"is_unplugged": "is_disconnected"}
INDEXES = ("sop_channel_message_lane_idx", "sop_channel_message_nonce_unique", "sop_channel_message__nonce_index", "sop_conversation__twin_id_index")


def migrate(cr, version):
    for table, names in RENAMED.items():
        model = table.replace("_", ".")
        for old, new in names.items():
            if sql.column_exists(cr, table, old) and not sql.column_exists(cr, table, new):
                sql.rename_column(cr, table, old, new)
                cr.execute("UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", [new, model, old])
                cr.execute(
                    "UPDATE ir_model_data SET name = %s WHERE module = 'sop_inbox' AND model = 'ir.model.fields' AND name = %s",
                    [f"field_{table}__{new}", f"field_{table}__{old}"],
                )
    for index in INDEXES:
        sql.drop_index(cr, index, "")  # the new ones are made with the fields
    for old, new in IN_VIEWS.items():
        cr.execute(
            "UPDATE ir_ui_view SET arch_db = replace(arch_db::text, %(old)s, %(new)s)::jsonb WHERE strpos(arch_db::text, %(old)s) > 0",
            {"old": old, "new": new},
        )
