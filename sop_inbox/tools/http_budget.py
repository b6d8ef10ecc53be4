"""HTTP calls that never take longer than they are given, several at once. No ORM."""

import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

import requests

from .carrier_base import CarrierError

MAX_BODY = 1_000_000  # bytes; no carrier has that much to say


def make_send(deadline):
    """Return a ``send`` (see carrier_base) that gives up at ``deadline`` (``time.monotonic()``), drip-fed answers included."""

    def send(method, url, headers=None, params=None, json=None):
        left = deadline - time.monotonic()
        if left <= 0:
            raise CarrierError("timeout")
        try:
            with requests.request(
                method, url, headers=headers, params=params, json=json, timeout=left, stream=True, allow_redirects=False
            ) as response:
                return response.status_code, _read(response, deadline)
        except requests.Timeout:
            raise CarrierError("timeout") from None
        except requests.RequestException as error:
            raise CarrierError("network", type(error).__name__) from None

    return send


def _read(response, deadline):
    body = b""
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > MAX_BODY:
            raise CarrierError("rubbish", "too long")
        if time.monotonic() > deadline:
            raise CarrierError("timeout")
    return body


def run_all(jobs, budget):
    """Run ``job(send)`` of every key at once and wait for all, ``budget`` seconds at most.

    :param jobs: dict key -> function of ``send``; it must touch nothing but its arguments
    :return: dict key -> what the job returned, or the CarrierError that stopped it
    """
    deadline = time.monotonic() + budget
    results = {key: _start(job, deadline) for key, job in jobs.items()}
    return {key: _wait(result, deadline) for key, result in results.items()}


def _start(job, deadline):
    """A thread of its own for each: one that hangs is left behind and ends by its own timeout, blocking nobody."""
    future = Future()

    def work():
        try:
            future.set_result(job(make_send(deadline)))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True, name="sop-carrier").start()
    return future


def _wait(future, deadline):
    try:
        return future.result(max(0, deadline - time.monotonic()))
    except CarrierError as error:
        return error
    except FutureTimeout:
        return CarrierError("timeout")
    except Exception as error:
        return CarrierError("rubbish", type(error).__name__)
