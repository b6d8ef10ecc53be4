"""What sop_pipeline costs plain crm: create, write and move leads, open the kanban.

The baseline is the same Odoo without the suite, measured in turns in the same run, both over the
leads (and history) of a shop in use. The history is one more row for each lead that moves; its
statement is taken out of the ratio, as the target says (1.15 times plain crm plus the rows' own
insert). The note tells the ratio with no more taken out than a bare INSERT of the same rows would
cost. Of all rounds the quicker half is reported.
"""

import statistics
import time
from contextlib import contextmanager
from itertools import chain
from unittest.mock import patch

from odoo_bench import environment, measure, quick_half, row, vacuum

LEADS = 1000
ROUNDS = {"small": 6, "medium": 16, "large": 30}
BEFORE = {"small": 10_000, "medium": 100_000, "large": 100_000}


def values(team):
    return [
        {"name": f"Lead {number}", "contact_name": f"Khách {number}", "phone": f"09{number:08d}", "team_id": team.id, "type": "opportunity"}
        for number in range(LEADS)
    ]


def team_and_stages(env, suite):
    team = env["crm.team"].search([("use_opportunities", "=", True)], limit=1)
    return team, env["crm.stage"].search([("sop_code", "!=", False)] if suite else [], order="sequence, id")


def populate(database, suite, count):
    """``count`` leads of one team with their history, committed and vacuumed."""
    with environment(database, commit=True) as env:
        team, stages = team_and_stages(env, suite)
        columns = ", sop_code, sop_status" if suite else ""
        codes = (
            (
                ", (ARRAY['collect','evaluate','contact','convert'])[1 + n %% 4]"
                ", (ARRAY['collect.new','evaluate.pending',NULL,'convert.negotiating'])[1 + n %% 4]"
            )
            if suite
            else ""
        )
        env.cr.execute(
            f"INSERT INTO crm_lead (name, type, active, team_id, stage_id, priority, probability, won_status, create_date{columns})"
            f" SELECT 'Lead ' || n, 'opportunity', TRUE, %s, (%s::int[])[1 + n %% 4], '0', 10, 'pending', now() - n * interval '1 minute'{codes}"
            " FROM generate_series(1, %s) n",
            [team.id, stages.ids[:4], count],
        )
        if suite:
            env["sop.stage.move"]._backfill()
    vacuum(database)


def once(database, suite):
    """Create, write and move a thousand leads, then roll back.

    :return: dict of step -> (milliseconds, queries, milliseconds of the history's statement, of a bare INSERT of its rows)
    """
    with environment(database, tracking_disable=True, mail_create_nosubscribe=True) as env:
        team, stages = team_and_stages(env, suite)
        leads = env["crm.lead"].browse()

        def create():
            nonlocal leads
            leads = env["crm.lead"].create(values(team))

        steps = {
            "create": create,
            "write": lambda: leads.write({"priority": "2", "referred": "bench"}),
            "move": lambda: leads.write({"stage_id": stages[1].id}),
        }
        result = {}
        for name, step in steps.items():
            with history_time(env, suite) as history:
                spent, queries = measure(env, step)
            result[name] = (spent, queries, sum(history), insert_rows(env) if history else 0)
        return result


@contextmanager
def history_time(env, suite):
    """A list that takes the milliseconds of each statement that writes history."""
    spent = []
    if not suite:
        yield spent
        return
    model = type(env["sop.stage.move"])
    append = model._append

    def timed(*args, **kwargs):
        start = time.perf_counter()
        append(*args, **kwargs)
        spent.append((time.perf_counter() - start) * 1000)

    with patch.object(model, "_append", timed):
        yield spent


def insert_rows(env):
    """Milliseconds of inserting a thousand rows of history by plain SQL, indexes included."""
    start = time.perf_counter()
    env.cr.execute(
        "INSERT INTO sop_stage_move (lead_id, team_id, user_id, company_id, from_stage_id, to_stage_id, from_code, to_code, from_status, to_status,"
        " at, seconds, cause, merged_from, create_uid, create_date)"
        " SELECT lead_id, team_id, user_id, company_id, from_stage_id, to_stage_id, from_code, to_code,"
        " from_status, to_status, at, seconds, cause, -1, create_uid, create_date FROM sop_stage_move ORDER BY id DESC LIMIT %s",
        [LEADS],
    )
    return (time.perf_counter() - start) * 1000


def kanban(database, suite):
    """Milliseconds and queries of opening the kanban of the team with all those leads."""
    with environment(database) as env:
        team, _stages = team_and_stages(env, suite)
        lead = env["crm.lead"].with_context(default_team_id=team.id)
        names = ["name", "stage_id", "tag_ids", "user_id", "partner_id", "priority", "activity_state"] + (
            ["sop_interest", "sop_status", "sop_to_rate", "sop_waiting_code"] if suite else []
        )
        specification = {name: {} for name in names}

        def read():
            lead.web_read_group(
                [("type", "=", "opportunity"), ("team_id", "=", team.id)],
                ["stage_id"],
                ["expected_revenue:sum"],
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=80,
            )

        read()
        return [measure(env, read) for _round in range(5)]


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    count = BEFORE[scale]
    populate(plain, False, count), populate(suite, True, count)
    turns = [(kanban(suite, True), kanban(plain, False)) for _turn in range(3)]
    opened, opened_plain = (list(chain(*runs)) for runs in zip(*turns, strict=True))
    once(plain, False), once(suite, True)  # warm both
    measured = [(once(plain, False), once(suite, True)) for _round in range(ROUNDS[scale])]
    rows = []
    for step in ("create", "write", "move"):
        theirs = quick_half(plain_run[step][0] for plain_run, _suite in measured)
        ours, bare = (quick_half(suite_run[step][0] - suite_run[step][taken] for _plain, suite_run in measured) for taken in (2, 3))
        history, insert = (statistics.median(suite_run[step][taken] for _plain, suite_run in measured) for taken in (2, 3))
        note = f"{measured[0][1][step][1]} queries against {measured[0][0][step][1]}"
        if history:
            note += f"; {history:.0f} ms of history taken out (a bare INSERT: {insert:.0f} ms, ratio {statistics.median(bare) / statistics.median(theirs):.2f})"
        rows.append(row(f"{step} {LEADS} leads", LEADS, "ms", ours, theirs, note))
    for place, unit in ((1, "queries"), (0, "ms")):
        rows.append(row(f"kanban, {unit}", count, unit, *(quick_half(one[place] for one in runs) for runs in (opened, opened_plain))))
    return rows
