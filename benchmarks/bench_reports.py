"""What the reports cost over a million moves and three million interactions, and recording a fact.

The baseline of a report is the same question asked in SQL written by hand, as somebody with psql would:
no rights, no screens. Both run in turns on the same rows, in a transaction that is rolled back.
"""

import time
from datetime import timedelta

from odoo import fields
from odoo_bench import environment, measure, row

SIZES = {"small": (100_000, 300_000), "medium": (1_000_000, 3_000_000), "large": (1_000_000, 3_000_000)}
ROUNDS = 5

FUNNEL_BY_HAND = """
    WITH step AS (
        SELECT lead_id, from_code, to_code, to_status, at, id,
               LEAD(at) OVER moves AS left_at,
               LAST_VALUE(to_status) OVER (moves ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS status,
               MAX(array_position(ARRAY['collect','evaluate','contact','convert','close'], to_code::text)) OVER
                   (moves ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS furthest
          FROM sop_stage_move WHERE merged_from IS NULL
        WINDOW moves AS (PARTITION BY lead_id ORDER BY at, id)
    ), entry AS (
        SELECT DISTINCT ON (lead_id, to_code) * FROM step WHERE from_code IS DISTINCT FROM to_code ORDER BY lead_id, to_code, at, id
    )
    SELECT to_code, COUNT(*), COUNT(*) FILTER (WHERE status = 'won'),
           COUNT(*) FILTER (WHERE furthest > array_position(ARRAY['collect','evaluate','contact','convert','close'], to_code::text)),
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY date_part('epoch', left_at - at))
      FROM entry GROUP BY to_code
"""
SUMMARY_BY_HAND = """
    SELECT to_status, from_code, COUNT(*), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY date_part('epoch', at - lead_date))
      FROM (SELECT DISTINCT ON (move.lead_id) move.*, lead.create_date AS lead_date FROM sop_stage_move move
              JOIN crm_lead lead ON lead.id = move.lead_id
             WHERE merged_from IS NULL ORDER BY move.lead_id, at DESC, move.id DESC) last
     WHERE to_status IN ('won', 'lost') GROUP BY to_status, from_code
"""
PHASES_BY_HAND = """
    SELECT furthest, orders, COUNT(*) FROM (
        SELECT partner_id, MAX(array_position(ARRAY['awareness','consideration','acquisition','experience','loyalty'], phase::text)) AS furthest,
               LEAST(COUNT(*) FILTER (WHERE is_order), 2) AS orders
          FROM sop_interaction WHERE active GROUP BY partner_id, CASE WHEN partner_id IS NULL THEN lead_id END) person
     GROUP BY furthest, orders
"""


def fill(env, moves, interactions):
    """Leads with four moves on average over a year, and interactions of as many customers as leads."""
    team = env["crm.team"].search([("sop_process", "=", True)], limit=1)
    leads = moves // 4
    env.cr.execute(
        "INSERT INTO crm_lead (name, type, active, team_id, user_id, company_id, priority, probability, won_status, create_date)"
        " SELECT 'Bench ' || n, 'opportunity', TRUE, %s, 2, %s, '0', 10, 'pending', now() AT TIME ZONE 'UTC' - interval '1 day' * (n %% 365)"
        " FROM generate_series(1, %s) n", [team.id, env.company.id, leads])
    env.cr.execute("""
          WITH ladder AS (SELECT *, row_number() OVER (ORDER BY sequence) AS place FROM crm_stage WHERE sop_code IS NOT NULL)
        INSERT INTO sop_stage_move (lead_id, team_id, user_id, company_id, from_stage_id, from_code, from_status, to_stage_id, to_code,
                                    to_status, at, seconds, cause, create_uid, create_date)
        SELECT lead.id, lead.team_id, 2, lead.company_id, before.id, before.sop_code, CASE WHEN k > 1 THEN 'open' END, after.id, after.sop_code,
               CASE WHEN k = 5 THEN 'won' WHEN k = 4 AND lead.id % 7 = 0 THEN 'lost' ELSE 'open' END,
               lead.create_date + (k - 1) * interval '2 days' * (1 + lead.id % 5), 86400, 'manual', 1, now()
          FROM crm_lead lead CROSS JOIN generate_series(1, 5) k
          JOIN ladder after ON after.place = k
     LEFT JOIN ladder before ON before.place = k - 1
         WHERE lead.name LIKE 'Bench %' AND (k < 4 OR (k = 4 AND lead.id % 3 < 2) OR (k = 5 AND lead.id % 3 = 0))
      ORDER BY lead.create_date + (k - 1) * interval '2 days' * (1 + lead.id % 5)""")
    env.cr.execute(
        "INSERT INTO res_partner (name, active, create_date, write_date, type, autopost_bills) SELECT 'Bench ' || n, TRUE, now(), now(),"
        " 'contact', 'ask' FROM generate_series(1, %s) n", [interactions // 12])
    env.cr.execute("""
        INSERT INTO sop_interaction (type_id, phase, is_order, partner_id, at, active, create_uid, create_date)
        SELECT kind.id, kind.phase, kind.is_order, person.id, now() AT TIME ZONE 'UTC' - interval '1 hour' * (person.id % 8000), TRUE, 1, now()
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM res_partner WHERE name LIKE 'Bench %') person
          CROSS JOIN generate_series(1, 12) k
          JOIN (SELECT *, row_number() OVER (ORDER BY sequence) AS place FROM sop_interaction_type) kind
            ON kind.place = 1 + (person.place + k * 7) % (1 + person.place % 31)""")
    for table in ("crm_lead", "sop_stage_move", "res_partner", "sop_interaction"):
        env.cr.execute(f"ANALYZE {table}")


def by_hand(env, query):
    def run():
        env.cr.execute(query)
        env.cr.fetchall()
    return run


def turns(env, ours, theirs):
    """Times of both, in turns, after one run of each to warm up."""
    ours(), theirs()
    pairs = [(measure(env, ours)[0], measure(env, theirs)[0]) for _round in range(ROUNDS)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def report_rows(env, moves, interactions):
    report, dashboard = env["sop.pipeline.report"], env["sop.dashboard"]
    today = fields.Date.to_string(fields.Date.today() - timedelta(days=90))
    cases = [
        ("funnel of stages, now", moves, lambda: report.get_funnel(), FUNNEL_BY_HAND, ""),
        ("funnel of stages, as of 90 days ago", moves, lambda: report.get_funnel(as_of=today), FUNNEL_BY_HAND, "baseline: now"),
        ("funnel by week", moves, lambda: report.get_funnel_by("week"), FUNNEL_BY_HAND, "baseline: not told apart"),
        ("pivot of stages", moves, lambda: report.formatted_read_group([], ["code"], ["__count", "to_next:avg", "won:avg", "days:avg"]),
         FUNNEL_BY_HAND, ""),
        ("success and time to close", moves, lambda: report.get_summary(), SUMMARY_BY_HAND, ""),
        ("funnel of phases", interactions, lambda: env["sop.interaction"].get_phase_funnel(), PHASES_BY_HAND, ""),
        ("dashboard, whole page", moves, lambda: dashboard.get_data(None, "month"), FUNNEL_BY_HAND + ";" + SUMMARY_BY_HAND,
         "baseline: its two largest questions alone"),
    ]
    return [row(name, count, "ms", *turns(env, ours, by_hand(env, query)), note) for name, count, ours, query, note in cases]


def record_row(env):
    """One fact, and a thousand: milliseconds against a plain INSERT, and queries."""
    record = env["sop.interaction"]._sop_record_batch
    people = env["res.partner"].search([("name", "like", "Bench ")], limit=1000)
    ours, theirs, queries = [], [], 0
    for number in range(ROUNDS):
        facts = [{"code": "gift", "partner_id": person.id, "res_model": "bench", "res_id": number * 10_000 + person.id} for person in people]
        spent, queries = measure(env, lambda facts=facts: record(facts))
        ours.append(spent)
        start = time.perf_counter()
        env.cr.execute(
            "INSERT INTO sop_interaction (type_id, phase, is_order, partner_id, at, active, res_model, res_id)"
            " SELECT type_id, phase, is_order, partner_id, at, active, 'copy', res_id FROM sop_interaction ORDER BY id DESC LIMIT 1000")
        theirs.append((time.perf_counter() - start) * 1000)
    return row("record 1000 facts", 1000, "ms", ours, theirs, f"{queries} queries; baseline: a plain INSERT, no phase derived")


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    moves, interactions = SIZES[scale]
    with environment(suite) as env:
        fill(env, moves, interactions)
        return [*report_rows(env, moves, interactions), record_row(env)]
