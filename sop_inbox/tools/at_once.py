"""Several jobs at once, none of which holds up the caller. No Odoo here."""

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

GRACE = 0.5  # seconds a job has to report that its deadline has ended it


def run_all(jobs, seconds):
    """Run ``job(deadline)`` of every key at once and wait for all, no longer than so many seconds and a moment.

    Each has a thread of its own that holds up no other: a job that keeps to its deadline ends with it, and the
    end of the server does not wait for it.

    :param jobs: dict key -> function of the deadline; it must touch nothing but its arguments
    :return: dict key -> what the job returned, or the exception that stopped it
    """
    deadline = time.monotonic() + seconds
    results = {key: _start(job, deadline) for key, job in jobs.items()}
    return {key: _wait(result, deadline) for key, result in results.items()}


def _start(job, deadline):
    future = Future()

    def work():
        try:
            future.set_result(job(deadline))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True, name="sop-http").start()
    return future


def _wait(future, deadline):
    try:
        return future.result(max(0, deadline + GRACE - time.monotonic()))
    except FutureTimeout:
        return TimeoutError()
    except Exception as error:
        return error
