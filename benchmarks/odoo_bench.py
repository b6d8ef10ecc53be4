"""Timing and counting on Odoo databases, shared by the benchmarks."""

import statistics
import time
from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry


@contextmanager
def environment(database, commit=False, **context):
    """An environment of the superuser; what is done in it is rolled back unless ``commit``."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, context)
        if not commit:
            cr.rollback()


def measure(env, run):
    """Run once on a cold ORM cache; the whole work, flush included.

    :return: (milliseconds, number of queries)
    """
    env.flush_all()
    env.invalidate_all()
    queries, start = env.cr.sql_log_count, time.perf_counter()
    run()
    env.flush_all()
    return (time.perf_counter() - start) * 1000, env.cr.sql_log_count - queries


def row(name, count, unit, values, baseline, note=""):
    """One row of the table: median and 95th percentile against the median of the baseline."""
    p50, base = statistics.median(values), statistics.median(baseline)
    ordered = sorted(values)
    return {
        "name": name, "n": count, "unit": unit, "p50": p50, "p95": ordered[min(len(ordered) - 1, int(len(ordered) * .95))],
        "baseline": base, "ratio": p50 / base if base else None, "note": note,
    }
