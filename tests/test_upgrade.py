"""A database of an earlier release is brought to today's: nothing is lost, counters are true, screens open."""

import shutil
import subprocess

import pytest
from harness import ROOT, Server, run_odoo

RELEASES = {"19.0.1.0.0": "efde174"}  # version -> the commit it was released from
#: Columns that an upgrade may change: what core keeps of a change, and what is derived anew
DERIVED = {"write_date", "write_uid", "message_main_attachment_id"}
#: Tables that are not data: what is left of jobs, sessions, counted differences that are added up
PASSING = {"sop_rate_limit", "sop_conversation_tally", "sop_team_adopt", "sop_team_adopt_line", "sop_order_export", "sop_picture"}
#: Tables in which an upgrade makes rows of its own -> which; those that were there are compared
GROWN = {
    "crm_tag": "tags of the demo's macros",
    "delivery_carrier": "carriers of the demo",
    "product_template": "products of the demo",
    "mail_message": "core's notes of what is new",
}

#: Columns that the upgrade to today's release changes -> why
CHANGED = {
    "sop_interaction.company_id": "interactions of shared contacts got a company",
    "utm_source.name": "the source of requests is named in the company's language",
}
#: Columns that have another name today, and hold what they held
RENAMED = {
    ("sop_channel_message", "lane"): "queue_key",
    ("sop_channel_message", "nonce"): "client_ref",
    ("sop_channel_message", "hidden_told_at"): "hidden_reported_at",
    ("sop_conversation", "twin_id"): "related_conversation_id",
    ("sop_identity", "follow_told_at"): "follow_reported_at",
}


@pytest.fixture(params=RELEASES)
def earlier(request, tmp_path):
    """The addons as they were, installed with their demo data on plain Odoo."""
    source = tmp_path / "release"
    git = ["git", "-c", "safe.directory=*", "-C", ROOT]
    subprocess.run([*git, "worktree", "add", "--detach", "--force", source, RELEASES[request.param]], check=True, capture_output=True)
    database = Server(template="sop_core")
    database.create()
    try:
        database.sql("UPDATE ir_module_module SET demo = TRUE WHERE state = 'installed'")
        run_odoo(database, "-i", "sop_pipeline,sop_contact_requests,sop_inbox", "--with-demo", addons=source)
        yield database
    finally:
        database.stop()
        database.drop()
        subprocess.run([*git, "worktree", "remove", "--force", source], check=False, capture_output=True)
        shutil.rmtree(source, ignore_errors=True)


def tables(database):
    """Ours, and those of core that we extend."""
    rows = database.sql(
        """SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (table_name LIKE 'sop\\_%%'
               OR table_name IN ('crm_lead', 'crm_team', 'crm_tag', 'crm_stage', 'sale_order', 'sale_order_line', 'res_partner',
                                 'product_template', 'discuss_channel', 'mail_message', 'mail_canned_response', 'delivery_carrier'))
            ORDER BY 1"""
    )
    return [name for (name,) in rows if name not in PASSING]


def content(database, last):
    """What each column holds: dict of (table, column) -> (rows, checksum in the order of the rows).

    :param last: dict table -> the last id that is looked at
    """
    found = {}
    for table in tables(database):
        columns = [name for (name,) in database.sql("SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY 1", table)]
        order = '"id"' if "id" in columns else ", ".join(f'"{column}"' for column in columns)
        for column in set(columns) - DERIVED:
            checksum = f'''md5(string_agg(COALESCE("{column}"::text, '~'), '|' ORDER BY {order}))'''
            query = f'SELECT count(*), {checksum} FROM "{table}" WHERE {f"id <= {last[table]}" if table in last else True}'
            [found[table, column]] = database.sql(query)
    return found


#: Pictures in the library that were not sent with a receipt: codes to pay with are no pictures to send again, all others stay
PICTURES = """SELECT p.id FROM sop_picture p JOIN ir_attachment a ON a.checksum = p.checksum AND a.id = p.attachment_id
    WHERE NOT EXISTS (SELECT 1 FROM ir_attachment o JOIN message_attachment_rel r ON r.attachment_id = o.id JOIN mail_message m ON m.id = r.message_id
        WHERE o.checksum = p.checksum AND m.sop_payload->>'type' IN ('receipt', 'quotation', 'order_cancelled'))"""


def test_upgrade_from_an_earlier_release(earlier):
    pictures = set(earlier.sql(PICTURES))
    last = {table: earlier.sql(f"SELECT max(id) FROM {table}")[0][0] for table in GROWN}
    before = content(earlier, last)
    before = {(table, RENAMED.get((table, column), column)): held for (table, column), held in before.items()}
    assert before["sop_conversation", "id"][0] > 10 and before["sop_stage_move", "id"][0] > 100, "the demo fills the models"
    run_odoo(earlier, "-u", "sop_pipeline,sop_contact_requests,sop_inbox")
    after = content(earlier, last)

    assert pictures == set(earlier.sql("SELECT id FROM sop_picture")), "pictures lost, or codes to pay with kept"
    gone = {f"{table}.{column}" for table, column in before.keys() - after.keys()}
    assert not gone, f"columns lost: {sorted(gone)}"
    changed = {f"{table}.{column}" for table, column in before if before[table, column] != after[table, column]}
    assert changed <= CHANGED.keys(), f"changed without a word: {sorted(changed - CHANGED.keys())}"
    assert {key: rows for key, (rows, _sum) in before.items()} == {key: after[key][0] for key in before}, "rows lost or doubled"

    earlier.start("--max-cron-threads=0")
    admin = earlier.client("admin")
    check_counters(earlier, admin)
    check_screens(earlier, admin)
    assert not earlier.errors()


def check_counters(database, admin):
    """Numbers on the chips are those of the rows."""
    counters = admin.call("sop.conversation", "get_counters")
    [(unread,)] = database.sql("SELECT count(*) FROM sop_conversation WHERE state = 'open' AND unread_count > 0")
    [(opened,)] = database.sql("SELECT count(*) FROM sop_conversation WHERE state = 'open'")
    assert (counters["unread"], counters["all"]) == (unread, opened)
    stages = admin.call("sop.pipeline.report", "get_funnel")
    assert [row["code"] for row in stages] == ["collect", "evaluate", "contact", "convert", "close"]


def check_screens(database, admin):
    """Every window action of ours opens: its views are read, and its first page."""
    actions = database.sql(
        """SELECT action.id FROM ir_act_window action JOIN ir_model_data data ON data.model = 'ir.actions.act_window' AND data.res_id = action.id
            WHERE data.module IN ('sop_pipeline', 'sop_contact_requests', 'sop_inbox')"""
    )
    assert len(actions) > 15
    for (action_id,) in actions:
        action = admin.post("/web/action/load", action_id=action_id)
        admin.call(action["res_model"], "get_views", views=action["views"], options={"load_filters": True, "action_id": action_id})
        if action["target"] == "current" and action["views"][0][1] in ("list", "kanban"):
            admin.call(action["res_model"], "web_search_read", domain=[], specification={"display_name": {}}, limit=5)
