"""How many queries something takes, the same on every run."""

import re
from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests.common import get_db_name
from odoo.tools import SQL


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


@contextmanager
def statements():
    """Yield a list of what is asked of the test's database meanwhile, on any connection: the first word and the table.

    Which databases there are is asked of another one, and only where Odoo was not told its own (as in a run shared by processes).
    """
    said, execute = [], Cursor.execute

    def note(cursor, query, *args, **kwargs):
        if cursor.dbname != get_db_name():
            return execute(cursor, query, *args, **kwargs)
        text = query.code if isinstance(query, SQL) else query
        table = re.search(r'(?:FROM|INTO|UPDATE)\s+(?:%s|"?(\w+))', text)
        said.append(" ".join(filter(None, [text.split()[0], table and table[1]])))
        return execute(cursor, query, *args, **kwargs)

    with patch.object(Cursor, "execute", note):
        yield said
