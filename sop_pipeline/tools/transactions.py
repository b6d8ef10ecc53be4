"""Two at once: what the database then says, as something that is done again."""

import logging
import random
import time
from contextlib import contextmanager
from functools import wraps

from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure, UniqueViolation

_logger = logging.getLogger(__name__)

#: Errors with which PostgreSQL says that another transaction got in the way: the same work, done again, may succeed
CONFLICTS = (ConcurrencyError, SerializationFailure, DeadlockDetected, LockNotAvailable)
REPLAYS = 10


@contextmanager
def made_once(env, flush=True):
    """Make something here of which there is one: when another transaction makes it right now, the request is replayed and finds it.

    :param bool flush: whether what waits to be written is written before; not needed where nothing of it frees the place of
        what is made
    :raise ConcurrencyError: then; a scheduled job, which is not replayed, has to catch it, and to roll back
    """
    try:
        with env.cr.savepoint(flush=flush), mute_logger("odoo.sql_db"):
            yield
    except UniqueViolation as error:
        raise ConcurrencyError(env._("Somebody has done the same at this moment. Please try again.")) from error


def in_own_transaction(env, work):
    """Do ``work`` on a fresh snapshot and commit it, replayed when another transaction got in its way.

    Only where nothing open may be rolled back any more, for it commits what is open first: in a scheduled job, and after the commit
    of a request (``_queue_wake_committed``).

    :param work: function without arguments that does nothing but what a rollback undoes
    :return: what ``work`` returned; None when others were in the way each time: what was to be done still waits
    """
    cron = env["ir.cron"]

    def alone():
        cron._commit_progress()
        result = work()
        env.flush_all()
        cron._commit_progress()
        return result

    # unique: the same row was made elsewhere meanwhile, and is found the next time
    return _replay(env, alone, (*CONFLICTS, UniqueViolation))


def replayed(job):
    """Have the method of a scheduled job done again when another transaction got in its way; core does that with a request, and fails a job.

    For a method that may begin anew at any time: what it has committed on the way it does not do twice. The last of it is committed by core.

    :return: what the method returned; None when others were in the way each time: what was to be done still waits
    """

    @wraps(job)
    def replay(self, *args, **kwargs):
        def work():
            result = job(self, *args, **kwargs)
            self.env.flush_all()
            return result

        return _replay(self.env, work, CONFLICTS)

    return replay


def _replay(env, work, conflicts):
    """Do ``work``, and roll back and do it again after a short pause where one of ``conflicts`` says that another transaction got in its way."""
    for attempt in range(REPLAYS):
        try:
            return work()
        except conflicts as error:
            env.cr.rollback()
            last = error
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    _logger.warning("given up after %s replays, it waits for the next run: %s", REPLAYS, type(last).__name__)
    return None
