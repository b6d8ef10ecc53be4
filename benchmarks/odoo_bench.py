"""Timing and counting on Odoo databases, shared by the benchmarks."""

import gc
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry


@contextmanager
def environment(database, commit=False, **context):
    """An environment of the superuser; what is done in it is rolled back unless ``commit``."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, context)
        if not commit:
            cr.rollback()


def vacuum(database, *tables):
    """Vacuum and analyse committed tables (default: all), as autovacuum does within minutes."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        connection.cursor().execute("VACUUM ANALYZE " + ", ".join(tables))


def measure(env, run):
    """Run once on a cold ORM cache; the whole work, flush included.

    The garbage collector waits meanwhile, as ``timeit`` has it: when it runs depends on what
    was done before, not on what is measured.

    :return: (milliseconds, number of queries)
    """
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    gc.disable()
    try:
        queries, start = env.cr.sql_log_count, time.perf_counter()
        run()
        env.flush_all()
        return (time.perf_counter() - start) * 1000, env.cr.sql_log_count - queries
    finally:
        gc.enable()


def quick_half(values):
    """The quicker half of some times: what else the machine does makes a round slower, never quicker."""
    ordered = sorted(values)
    return ordered[: (len(ordered) + 1) // 2]


def row(name, count, unit, values, baseline, note=""):
    """One row of the table: median and 95th percentile against the median of the baseline."""
    p50, base = statistics.median(values), statistics.median(baseline)
    ordered = sorted(values)
    return {
        "name": name,
        "n": count,
        "unit": unit,
        "p50": p50,
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
        "baseline": base,
        "ratio": p50 / base if base else None,
        "note": note,
    }


def storm(url, path, posts, rate):
    """Send requests on a clock, each over a connection of its own and with as little work of the sender's as can be.

    :param posts: list of (body, headers), made beforehand; a body of None is a GET
    :param rate: how many a second
    :return: milliseconds from when each was due until it was answered, so that a queue before the door counts
    """
    address, begin = url.partition("//")[2], time.perf_counter() + 0.5

    def send(number):
        due = begin + number / rate
        time.sleep(max(0, due - time.perf_counter()))
        with closing(HTTPConnection(address, timeout=60)) as connection:
            body, headers = posts[number]
            connection.request("GET" if body is None else "POST", path, body, headers)
            status = connection.getresponse().status
            assert status == 200, status
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(send, range(len(posts))))
