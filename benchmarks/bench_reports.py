"""What the reports cost over a million moves and three million interactions, and recording a fact.

The baseline of a report is the same question asked in SQL written by hand, by somebody who knows the
tables and their indexes: the same numbers, no rights, no names, no links. Both run in turns on the same rows.
"""

import time
from datetime import timedelta

from odoo import fields
from odoo_bench import environment, measure, row, vacuum

SIZES = {"small": (100_000, 300_000), "medium": (1_000_000, 3_000_000), "large": (1_000_000, 3_000_000)}
ROUNDS = 5
CODES = ("collect", "evaluate", "contact", "convert", "close")

#: One pass over the history, lead by lead along its index
FUNNEL = """
    SELECT {group} code, COUNT(entered), SUM(entries), COUNT(*) FILTER (WHERE later > entered), COUNT(entered) FILTER (WHERE status = 'won'),
           COUNT(*) FILTER (WHERE place = code AND status IN ('open', 'won')), COUNT(*) FILTER (WHERE place = code AND status = 'lost'),
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days) FILTER (WHERE gone), AVG(days) FILTER (WHERE gone)
      FROM (SELECT lead_id, {facts} FROM sop_stage_move WHERE merged_from IS NULL AND {when} GROUP BY lead_id) one
      JOIN (SELECT DISTINCT ON (lead_id) lead_id, to_code AS place, to_status AS status FROM sop_stage_move
             WHERE merged_from IS NULL AND {when} ORDER BY lead_id, at DESC, id DESC) last USING (lead_id)
      {join}
CROSS JOIN LATERAL (VALUES {stages}) step(code, entered, entries, later, days, gone)
     WHERE entered IS NOT NULL GROUP BY {group} code
"""


def funnel_by_hand(when="TRUE", group="", join=""):
    """The funnel in SQL.

    :param str when: which rows of the history count
    :param str group: what it is told apart by, with a comma; ``join``: where that comes from
    """
    facts, stages = [], []
    for number, code in enumerate(CODES):
        entry = f"FILTER (WHERE to_code = '{code}' AND from_code IS DISTINCT FROM to_code)"
        facts.append(
            f"MIN(at) {entry} AS e{number}, COUNT(*) {entry} AS n{number}, MAX(at) FILTER (WHERE to_code = '{code}') AS l{number},"
            f" SUM(date_part('epoch', at)) FILTER (WHERE from_code = '{code}' AND from_status = 'open') AS o{number},"
            f" SUM(date_part('epoch', at)) FILTER (WHERE to_code = '{code}' AND to_status = 'open') AS i{number},"
            f" COUNT(*) FILTER (WHERE from_code = '{code}' AND from_status = 'open')"
            f" - COUNT(*) FILTER (WHERE to_code = '{code}' AND to_status = 'open') AS g{number}"
        )
        later = ", ".join([f"l{place}" for place in range(number + 1, len(CODES))] or ["NULL::timestamp"])
        stages.append(f"('{code}', e{number}, n{number}, GREATEST({later}), (o{number} - i{number}) / 86400, g{number} = 0)")
    return FUNNEL.format(facts=", ".join(facts), stages=", ".join(stages), when=when, group=group, join=join)


#: Only the leads that moved in the period are counted through
FUNNEL_OF_PERIOD = (
    funnel_by_hand("lead_id IN (SELECT lead_id FROM sop_stage_move WHERE {period})")
    + """;
    SELECT to_code, to_status, COUNT(*) FROM (
        SELECT DISTINCT ON (lead_id) to_code, to_status FROM sop_stage_move WHERE merged_from IS NULL ORDER BY lead_id, at DESC, id DESC) last
     GROUP BY to_code, to_status"""
)
SUMMARY = """
    SELECT to_status, CASE to_status WHEN 'lost' THEN to_code END, CASE to_status WHEN 'lost' THEN lost_reason_id END, COUNT(*), AVG(days),
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days)
      FROM (SELECT last.*, date_part('epoch', at - lead.create_date) / 86400 AS days, lead.lost_reason_id
              FROM (SELECT DISTINCT ON (lead_id) lead_id, to_code, to_status, at FROM sop_stage_move
                     WHERE merged_from IS NULL ORDER BY lead_id, at DESC, id DESC) last
              JOIN crm_lead lead ON lead.id = last.lead_id
             WHERE to_status IN ('won', 'lost') AND {period}) closed
     GROUP BY 1, 2, 3
"""
PHASES = """
    SELECT furthest, orders, COUNT(*), SUM(a), SUM(b), SUM(c), SUM(d), SUM(e) FROM (
        SELECT MAX(array_position(ARRAY['awareness','consideration','acquisition','experience','loyalty'], phase::text)) AS furthest,
               LEAST(COUNT(*) FILTER (WHERE is_order), 2) AS orders, COUNT(*) FILTER (WHERE phase = 'awareness') AS a,
               COUNT(*) FILTER (WHERE phase = 'consideration') AS b, COUNT(*) FILTER (WHERE phase = 'acquisition') AS c,
               COUNT(*) FILTER (WHERE phase = 'experience') AS d, COUNT(*) FILTER (WHERE phase = 'loyalty') AS e
          FROM sop_interaction WHERE active IS TRUE AND partner_id IS NOT NULL AND {period} GROUP BY partner_id
         UNION ALL
        SELECT MAX(array_position(ARRAY['awareness','consideration','acquisition','experience','loyalty'], phase::text)),
               LEAST(COUNT(*) FILTER (WHERE is_order), 2), COUNT(*) FILTER (WHERE phase = 'awareness'),
               COUNT(*) FILTER (WHERE phase = 'consideration'), COUNT(*) FILTER (WHERE phase = 'acquisition'),
               COUNT(*) FILTER (WHERE phase = 'experience'), COUNT(*) FILTER (WHERE phase = 'loyalty')
          FROM sop_interaction WHERE active IS TRUE AND partner_id IS NULL AND {period} GROUP BY lead_id) person
     GROUP BY furthest, orders
"""
CALIBRATION = """
    SELECT {key}, call.interest, COUNT(DISTINCT lead.id), COUNT(DISTINCT lead.id) FILTER (WHERE lead.won_status = 'won')
      FROM sop_call call JOIN crm_lead lead ON lead.id = call.lead_id {join}
     WHERE call.interest IS NOT NULL AND lead.won_status IN ('won', 'lost') GROUP BY 1, 2
"""
SALES = """
    SELECT date_order::date, COUNT(*), SUM(amount_total) FROM sale_order WHERE state = 'sale' AND {period} GROUP BY 1;
    SELECT source_id, COUNT(*), COUNT(*) FILTER (WHERE won_status = 'won') FROM crm_lead WHERE {created} GROUP BY 1;
    SELECT sop_phase, COUNT(*) FROM res_partner WHERE sop_phase IS NOT NULL GROUP BY 1;
    SELECT COUNT(*) FROM crm_lead WHERE active AND won_status = 'pending' AND sop_code IN ('evaluate', 'contact', 'convert') AND NOT EXISTS (
        SELECT FROM mail_activity WHERE res_model = 'crm.lead' AND res_id = crm_lead.id AND active)
"""


def fill(env, moves, interactions):
    """Leads with four moves on average over a year, a rated call each, and interactions of as many customers as leads."""
    team = env["crm.team"].search([("sop_process", "=", True)], limit=1)
    leads = moves // 4
    env.cr.execute(
        "INSERT INTO crm_lead (name, type, active, team_id, user_id, company_id, priority, probability, won_status, create_date)"
        " SELECT 'Bench ' || n, 'opportunity', TRUE, %s, 2, %s, '0', 10, 'pending', now() AT TIME ZONE 'UTC' - interval '1 day' * (n %% 365)"
        " FROM generate_series(1, %s) n",
        [team.id, env.company.id, leads],
    )
    env.cr.execute("""
          WITH ladder AS (SELECT *, row_number() OVER (ORDER BY sequence) AS place FROM crm_stage WHERE sop_code IS NOT NULL)
        INSERT INTO sop_stage_move (lead_id, team_id, user_id, company_id, from_stage_id, from_code, from_status, to_stage_id, to_code,
                                    to_status, at, seconds, cause, create_uid, create_date)
        SELECT lead.id, lead.team_id, 2, lead.company_id, before.id, before.sop_code, CASE WHEN k > 1 THEN 'open' END, after.id, after.sop_code,
               CASE WHEN k = 5 THEN 'won' WHEN k = 4 AND lead.id % 7 = 0 THEN 'lost' ELSE 'open' END,
               date_trunc('second', lead.create_date + (k - 1) * interval '2 days' * (1 + lead.id % 5)), 86400, 'manual', 1, now()
          FROM crm_lead lead CROSS JOIN generate_series(1, 5) k
          JOIN ladder after ON after.place = k
     LEFT JOIN ladder before ON before.place = k - 1
         WHERE lead.name LIKE 'Bench %' AND (k < 4 OR (k = 4 AND lead.id % 3 < 2) OR (k = 5 AND lead.id % 3 = 0))
      ORDER BY lead.create_date + (k - 1) * interval '2 days' * (1 + lead.id % 5)""")
    env.cr.execute("""
        UPDATE crm_lead SET stage_id = to_stage_id, sop_code = to_code, active = to_status <> 'lost',
               won_status = CASE to_status WHEN 'open' THEN 'pending' ELSE to_status END
          FROM (SELECT DISTINCT ON (lead_id) * FROM sop_stage_move ORDER BY lead_id, at DESC, id DESC) last
         WHERE last.lead_id = crm_lead.id AND crm_lead.name LIKE 'Bench %'""")
    env.cr.execute("""
        INSERT INTO sop_call (lead_id, user_id, team_id, company_id, state, interest, rated_at, started_at, direction, source, create_date)
        SELECT id, 2, team_id, company_id, 'answered', (ARRAY['interested', 'thinking', 'not_interested'])[1 + id % 3], create_date,
               create_date, 'out', 'button', now()
          FROM crm_lead WHERE name LIKE 'Bench %'""")
    env.cr.execute(
        "INSERT INTO res_partner (name, active, create_date, write_date, type, autopost_bills) SELECT 'Bench ' || n, TRUE, now(), now(),"
        " 'contact', 'ask' FROM generate_series(1, %s) n",
        [interactions // 12],
    )
    env.cr.execute(
        """
        INSERT INTO sop_interaction (type_id, phase, is_order, partner_id, company_id, at, active, create_uid, create_date)
        SELECT kind.id, kind.phase, kind.is_order, person.id, %s, now() AT TIME ZONE 'UTC' - interval '1 hour' * (person.id %% 8000), TRUE, 1, now()
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM res_partner WHERE name LIKE 'Bench %%') person
          CROSS JOIN generate_series(1, 12) k
          JOIN (SELECT *, row_number() OVER (ORDER BY sequence) AS place FROM sop_interaction_type) kind
            ON kind.place = 1 + (person.place + k * 7) %% (1 + person.place %% 31)""",
        [env.company.id],
    )


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
    """Each report as the administrator opens it, with their rights."""
    env = env(user=env.ref("base.user_admin"))
    report, dashboard, phases = env["sop.pipeline.report"], env["sop.dashboard"], env["sop.interaction"].get_phase_funnel
    today = fields.Date.today()
    first, past = fields.Date.to_string(today - timedelta(days=30)), fields.Date.to_string(today - timedelta(days=90))
    month = f"at >= timestamp '{first}' - interval '7 hours'"
    then = f"at < timestamp '{past}' + interval '17 hours'"
    calibration = ";".join(CALIBRATION.format(key=key, join="") for key in ("call.user_id", "NULL"))
    week = {
        "group": "date_trunc('week', create_date AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh'),",
        "join": "JOIN crm_lead lead ON lead.id = one.lead_id",
    }
    page = ";".join(
        (
            FUNNEL_OF_PERIOD.format(period=month),
            SUMMARY.format(period=month),
            SALES.format(period=month.replace("at", "date_order", 1), created=month.replace("at", "create_date", 1)),
        )
    )
    whole_funnel_page = ";".join((funnel_by_hand(), SUMMARY.format(period="TRUE"), PHASES.format(period="TRUE"), calibration))
    cases = [
        ("funnel of stages, now", moves, lambda: report.get_funnel(), funnel_by_hand(), ""),
        ("funnel of stages, last 30 days", moves, lambda: report.get_funnel(date_from=first), FUNNEL_OF_PERIOD.format(period=month), ""),
        ("funnel of stages, as of 90 days ago", moves, lambda: report.get_funnel(as_of=past), funnel_by_hand(then), ""),
        ("funnel of stages, by week", moves, lambda: report.get_funnel_by("week"), funnel_by_hand(**week), ""),
        (
            "pivot of stages",
            moves,
            lambda: report.formatted_read_group([], ["code"], ["__count", "to_next:avg", "won:avg", "days:avg"]),
            funnel_by_hand(),
            "",
        ),
        ("success and time to close", moves, lambda: report.get_summary(), SUMMARY.format(period="TRUE"), ""),
        ("calibration by person", moves // 4, lambda: report.get_calibration(), calibration, ""),
        ("funnel of phases, now", interactions, lambda: phases(), PHASES.format(period="TRUE"), ""),
        ("funnel of phases, last 30 days", interactions, lambda: phases(date_from=first), PHASES.format(period=month), ""),
        ("dashboard, whole page, month", moves, lambda: dashboard.get_data(None, "month"), page, "baseline: its statements one after the other"),
        ("funnel page, now", moves, lambda: dashboard.get_funnel_page(), whole_funnel_page, "baseline: its statements one after the other"),
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
            " SELECT type_id, phase, is_order, partner_id, at, active, 'copy', res_id FROM sop_interaction ORDER BY id DESC LIMIT 1000"
        )
        theirs.append((time.perf_counter() - start) * 1000)
    return row("record 1000 facts", 1000, "ms", ours, theirs, f"{queries} queries; baseline: a plain INSERT, no phase derived")


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    moves, interactions = SIZES[scale]
    with environment(suite) as env:
        fill(env, moves, interactions)
        env.cr.commit()
        # indexes alone answer only for settled pages
        vacuum(suite, "crm_lead", "sop_stage_move", "sop_call", "res_partner", "sop_interaction")
        return [*report_rows(env, moves, interactions), record_row(env)]
