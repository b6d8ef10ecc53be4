"""Install on a database in use disturbs nothing; uninstall leaves it as it was."""

import os
import subprocess

import pytest
from harness import HOME, ROOT, Server


@pytest.fixture
def database():
    """A database of plain Odoo with leads of its own, not served."""
    plain = Server(template="sop_core")
    plain.create()
    yield plain
    plain.drop()


def odoo(database, *arguments, script=None):
    """Run the Odoo command to its end.

    :return: what it printed
    """
    command = ["shell"] if script else []
    done = subprocess.run(
        [os.environ.get("SOP_PYTHON", HOME / "venv/bin/python"), "-m", "odoo", *command, f"--addons-path={ROOT}", f"--data-dir={HOME / 'data'}",
         "-d", database.database, "--no-http", "--log-level=warn", "--max-cron-threads=0", *arguments],
        input=script, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "ERROR" not in done.stderr, done.stderr[-4000:]
    return done.stdout


LEADS = """
SELECT lead.id, stage.id, lead.active, lead.probability::numeric(6, 2), lead.team_id, lead.user_id
  FROM crm_lead lead LEFT JOIN crm_stage stage ON stage.id = lead.stage_id ORDER BY lead.id
"""

MAKE_LEADS = """
stages = env["crm.stage"].search([])
leads = env["crm.lead"].create([{"name": f"Cũ {n}", "stage_id": stages[n % len(stages)].id, "type": "opportunity"} for n in range(12)])
leads[5].action_set_lost()
env.cr.commit()
"""


def test_install_and_uninstall_leave_a_database_as_it_was(database):
    odoo(database, script=MAKE_LEADS)
    before = database.sql(LEADS)
    stages = database.sql("SELECT id, name, sequence FROM crm_stage ORDER BY id")

    odoo(database, "-i", "sop_pipeline", "--stop-after-init")
    assert database.sql(LEADS) == before, "installing moves nothing"
    assert database.sql("SELECT count(*) FROM crm_team WHERE sop_process") == [(0,)]
    assert database.sql("SELECT count(DISTINCT lead_id) FROM sop_stage_move") == [(12,)], "history starts with what was there"

    odoo(database, script=f'env["crm.lead"].browse({before[0][0]}).team_id.sop_process = True; env.cr.commit()')
    assert database.sql("SELECT count(*) FROM crm_lead WHERE sop_code IS NOT NULL") == [(12,)]

    odoo(database, "-u", "sop_pipeline", "--stop-after-init")
    odoo(database, script='env["ir.module.module"].search([("name", "=", "sop_pipeline")]).button_immediate_uninstall()')
    after = database.sql(LEADS)
    assert [row[:3] for row in after] == [row[:3] for row in before], "every lead is back in the stage it came from"
    assert database.sql("SELECT id, name, sequence FROM crm_stage ORDER BY id") == stages
    assert database.sql("SELECT count(*) FROM information_schema.columns WHERE column_name LIKE 'sop%%'") == [(0,)]
    assert database.sql("SELECT count(*) FROM crm_tag WHERE name->>'en_US' IN ('Has phone', 'Unpaid')") == [(0,)]


def test_fresh_database_gets_its_team(database):
    odoo(database, "-i", "sop_pipeline", "--stop-after-init")
    assert database.sql("SELECT count(*) FROM crm_team WHERE sop_process") == [(1,)]
