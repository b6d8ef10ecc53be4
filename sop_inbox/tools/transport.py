"""What platforms, their media servers and carriers are asked over ``http_out``, in the words of who asks. No Odoo here."""

import math
import mimetypes
import re
import time

from .at_once import run_all
from .carrier_base import CarrierError
from .http_out import Broken, encode, exchange, fetch, read_url
from .outcome import Answer
from .outside import read_json

MEDIA_LIMIT = 25 * 1024 * 1024
MEDIA_SECONDS = 30
_ACTIVE = (
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "application/javascript",
    "text/javascript",
)


class MediaError(Exception):
    """A file could not be fetched; ``final`` when trying again is of no use."""

    def __init__(self, reason, final=False):
        super().__init__(reason)
        self.reason = reason
        self.final = final


def perform(call, trusted="", deadline=math.inf):
    """Make one ``Call`` and return its ``Answer``; never raises, and is over after ``call.timeout`` seconds.

    A request that did not leave as a whole was surely not acted on; one that left may have been.

    :param trusted: see ``http_out.exchange``
    :param deadline: ``time.monotonic()`` at which it is over all the same
    """
    until = min(deadline, time.monotonic() + call.timeout)
    try:
        reply = _request(call.method, call.url, until, call.headers, trusted, call.params, call.json, call.data, call.files)
    except (Broken, ValueError) as error:  # ValueError: what no JSON can say
        return Answer(0, broken="lost" if isinstance(error, Broken) and error.sent else "unsent")
    try:
        body = read_json(reply.content)
    except ValueError:
        body = {}
    return Answer(reply.status, body if isinstance(body, dict | list) else {})


def _request(method, url, deadline, headers, trusted, params=None, json=None, data=None, files=None):
    query, more, body = encode(params, json, data, files)
    if query:
        url += f"{'&' if '?' in url else '?'}{query}"
    return exchange(method, url, deadline, {**(headers or {}), **more}, body, trusted)


def make_send(deadline, trusted=""):
    """Return a ``send`` (see carrier_base) that gives up at ``deadline`` (``time.monotonic()``).

    :param trusted: see ``http_out.exchange``
    """

    def send(method, url, headers=None, params=None, json=None, data=None):
        try:
            reply = _request(method, url, deadline, headers, trusted, params, json, data)
            return reply.status, reply.content
        except Broken as error:
            code = {"slow": "timeout", "large": "rubbish", "rubbish": "rubbish"}.get(error.reason, "network")
            raise CarrierError(code, error.reason, sent=error.sent) from None

    return send


def ask_all(jobs, budget):
    """Run jobs of carriers at once (see ``at_once.run_all``); return dict key -> what the carrier said, or the CarrierError."""
    return {key: _error_of(result) if isinstance(result, Exception) else result for key, result in run_all(jobs, budget).items()}


def _error_of(error):
    if isinstance(error, TimeoutError):
        return CarrierError("timeout", sent=True)
    return error if isinstance(error, CarrierError) else CarrierError("rubbish", type(error).__name__)


def fetch_media(url, trusted="", limit=MEDIA_LIMIT, seconds=MEDIA_SECONDS):
    """Fetch a file of a message and return (bytes, media type).

    :param trusted: address (scheme, host and port) of a local double, which is let through
    :raise MediaError: too large, too slow, refused, gone
    """
    try:
        reply = fetch(url, time.monotonic() + seconds, trusted, limit)
    except Broken as error:
        raise MediaError(error.reason, final=error.reason in ("address", "large", "redirects")) from error
    if reply.status != 200:
        raise MediaError("gone" if reply.status in (403, 404, 410) else "unreachable", reply.status in (404, 410))
    return reply.content, _media_type(reply)


def _media_type(reply):
    kind = (reply.headers.get("Content-Type") or "").split(";")[0].strip().lower()
    return kind or mimetypes.guess_type(read_url(reply.url).path.partition("?")[0])[0] or "application/octet-stream"


def file_name(name, kind, media_type):
    """Return a name for a fetched file; what a browser would run never keeps its ending."""
    name = re.sub(r"[\x00-\x1f/\\:]+", "_", name or kind)[-120:]
    if media_type in _ACTIVE:
        return f"{name}.txt"
    ending = mimetypes.guess_extension(media_type) or ""
    return name if "." in name or not ending else f"{name}{ending}"
