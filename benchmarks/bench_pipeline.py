"""What sop_pipeline costs plain crm: create, write and move leads, open the kanban.

The baseline is the same Odoo without the suite, measured in turns in the same run. The history
is one more row for each lead that moves; the time of inserting those rows by themselves is
measured too and taken out of the ratio, as the target says (1.15 times plain crm plus the rows).
"""

import statistics
import time

from odoo_bench import environment, measure, row

LEADS = 1000
ROUNDS = {"small": 5, "medium": 9, "large": 15}
KANBAN = {"small": 10_000, "medium": 100_000, "large": 100_000}


def values(team):
    return [
        {"name": f"Lead {number}", "contact_name": f"Khách {number}", "phone": f"09{number:08d}", "team_id": team.id, "type": "opportunity"}
        for number in range(LEADS)
    ]


def once(database, suite):
    """Create, write and move a thousand leads, then roll back.

    :return: dict of step -> (milliseconds, queries, milliseconds of the history's insert)
    """
    with environment(database, tracking_disable=True, mail_create_nosubscribe=True) as env:
        team = env["crm.team"].search([("use_opportunities", "=", True)], limit=1)
        stages = env["crm.stage"].search([("sop_code", "!=", False)] if suite else [], order="sequence, id")
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
            spent, queries = measure(env, step)
            result[name] = (spent, queries, insert_rows(env) if suite and name != "write" else 0)
        return result


def insert_rows(env):
    """Milliseconds of inserting a thousand rows of history by plain SQL, indexes included."""
    start = time.perf_counter()
    env.cr.execute(
        "INSERT INTO sop_stage_move (lead_id, team_id, user_id, company_id, from_stage_id, to_stage_id, from_code, to_code, from_status, to_status,"
        " at, seconds, cause, merged_from, create_uid, create_date)"
        " SELECT lead_id, team_id, user_id, company_id, from_stage_id, to_stage_id, from_code, to_code,"
        " from_status, to_status, at, seconds, cause, -1, create_uid, create_date FROM sop_stage_move ORDER BY id DESC LIMIT %s", [LEADS])
    return (time.perf_counter() - start) * 1000


def kanban_queries(database, suite, count):
    """Queries of opening the kanban over ``count`` leads of one team."""
    with environment(database) as env:
        team = env["crm.team"].search([("use_opportunities", "=", True)], limit=1)
        stages = env["crm.stage"].search([("sop_code", "!=", False)] if suite else [], order="sequence, id")
        columns = ", sop_code" if suite else ""
        codes = ", (ARRAY['collect','evaluate','contact','convert'])[1 + n %% 4]" if suite else ""
        env.cr.execute(
            f"INSERT INTO crm_lead (name, type, active, team_id, stage_id, priority, probability, won_status, create_date{columns})"
            f" SELECT 'Lead ' || n, 'opportunity', TRUE, %s, (%s::int[])[1 + n %% 4], '0', 10, 'pending', now() - n * interval '1 minute'{codes}"
            " FROM generate_series(1, %s) n", [team.id, stages.ids[:4], count])
        lead = env["crm.lead"].with_context(default_team_id=team.id)
        names = ["name", "stage_id", "tag_ids", "user_id", "partner_id", "priority", "activity_state"] + (
            ["sop_interest", "sop_status", "sop_to_rate", "sop_waiting_code"] if suite else [])
        specification = {name: {} for name in names}

        def read():
            lead.web_read_group(
                [("type", "=", "opportunity"), ("team_id", "=", team.id)], ["stage_id"], ["expected_revenue:sum"],
                auto_unfold=True, unfold_read_specification=specification, unfold_read_default_limit=80)

        read()
        return [measure(env, read) for _round in range(5)]


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    once(plain, False), once(suite, True)  # warm both
    measured = [(once(plain, False), once(suite, True)) for _round in range(ROUNDS[scale])]
    rows = []
    for step in ("create", "write", "move"):
        ours = [suite_run[step][0] - suite_run[step][2] for _plain, suite_run in measured]
        theirs = [plain_run[step][0] for plain_run, _suite in measured]
        queries = measured[0][1][step][1], measured[0][0][step][1]
        insert = statistics.median(suite_run[step][2] for _plain, suite_run in measured)
        rows.append(row(f"{step} {LEADS} leads", LEADS, "ms", ours, theirs,
                        f"{queries[0]} queries against {queries[1]}; {insert:.0f} ms of history rows taken out"))
    count = KANBAN[scale]
    ours, theirs = kanban_queries(suite, True, count), kanban_queries(plain, False, count)
    rows.append(row("kanban, queries", count, "queries", [queries for _ms, queries in ours], [queries for _ms, queries in theirs]))
    rows.append(row("kanban, time", count, "ms", [spent for spent, _queries in ours], [spent for spent, _queries in theirs]))
    return rows
