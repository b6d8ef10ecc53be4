"""Two at once: what the database then says, as something Odoo replays."""

from contextlib import contextmanager

from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation


@contextmanager
def made_once(env):
    """Make something here of which there is one: when another transaction makes it right now, the request is replayed and finds it.

    :raise ConcurrencyError: then; a scheduled job, which is not replayed, has to catch it
    """
    try:
        with env.cr.savepoint(), mute_logger("odoo.sql_db"):
            yield
    except UniqueViolation as error:
        raise ConcurrencyError(env._("Somebody has done the same at this moment. Please try again.")) from error
