"""How many queries something takes, the same on every run."""


def cold_queries(env, run):
    """Return the number of queries of ``run``, what it leaves to be flushed included; nothing is in the cache before, nothing waits to be flushed.

    What the registry keeps is warm when ``run`` ran before.
    """
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    run()
    env.flush_all()
    return env.cr.sql_log_count - before
