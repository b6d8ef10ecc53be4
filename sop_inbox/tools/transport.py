"""HTTP to vendors and their media servers. No Odoo here."""

import ipaddress
import mimetypes
import re
import socket
import time
from urllib.parse import urljoin, urlsplit

import requests

from .outcome import Answer

MEDIA_LIMIT = 25 * 1024 * 1024
MEDIA_SECONDS = 30
REDIRECTS = 3
_CHUNK = 64 * 1024
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


def perform(call):
    """Make one ``Call`` and return its ``Answer``; never raises.

    A connection that was never made is told apart from one that broke afterwards.
    """
    try:
        response = requests.request(
            call.method,
            call.url,
            params=call.params or None,
            headers=call.headers or None,
            json=call.json,
            data=call.data,
            files=call.files,
            timeout=(5, call.timeout),
            allow_redirects=False,
        )
        try:
            body = response.json()
        except ValueError:
            body = {}
        return Answer(response.status_code, body if isinstance(body, (dict, list)) else {})
    except requests.RequestException as error:
        return Answer(0, broken="unsent" if _unsent(error) else "lost")
    except ValueError:  # a token with letters no header can carry, say
        return Answer(0, broken="unsent")


def _unsent(error):
    """Tell whether the vendor cannot have seen the request: no address, no connection."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return True
    text = repr(error)
    return isinstance(error, requests.ConnectionError) and ("NewConnectionError" in text or "NameResolutionError" in text)


def is_public_host(host, port, resolve=socket.getaddrinfo):
    """Tell whether every address of ``host`` is one of the open internet."""
    try:
        found = {item[4][0] for item in resolve(host, port, proto=socket.IPPROTO_TCP)}
        return bool(found) and all(ipaddress.ip_address(address.split("%")[0]).is_global for address in found)
    except (OSError, ValueError):
        return False


def fetch_media(url, trusted="", limit=MEDIA_LIMIT, seconds=MEDIA_SECONDS):
    """Fetch a file of a message and return (bytes, media type).

    Only http(s) from addresses of the open internet, followed through few redirects, each checked.

    :param trusted: address (scheme, host and port) of a local double, which is let through
    :raise MediaError: too large, too slow, refused, gone
    """
    deadline = time.monotonic() + seconds
    for _hop in range(REDIRECTS + 1):
        _check_address(url, trusted)
        try:
            with requests.get(url, stream=True, timeout=(5, 10), allow_redirects=False) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                return _read(response, limit, deadline), _media_type(response, url)
        except requests.RequestException as error:
            raise MediaError("unreachable") from error
    raise MediaError("redirects", final=True)


def _check_address(url, trusted):
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MediaError("address", final=True)
    if trusted and urlsplit(trusted)[:2] == parts[:2]:
        return
    if not is_public_host(parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]):
        raise MediaError("address", final=True)


def _read(response, limit, deadline):
    if response.status_code != 200:
        raise MediaError("gone" if response.status_code in (403, 404, 410) else "unreachable", response.status_code in (404, 410))
    if int(response.headers.get("Content-Length") or 0) > limit:
        raise MediaError("large", final=True)
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise MediaError("large", final=True)
        if time.monotonic() > deadline:
            raise MediaError("slow")
    return bytes(content)


def _media_type(response, url):
    kind = (response.headers.get("Content-Type") or "").split(";")[0].strip().lower()
    return kind or mimetypes.guess_type(urlsplit(url).path)[0] or "application/octet-stream"


def file_name(name, kind, media_type):
    """Return a name for a fetched file; what a browser would run never keeps its ending."""
    name = re.sub(r"[\x00-\x1f/\\:]+", "_", name or kind)[-120:]
    if media_type in _ACTIVE:
        return f"{name}.txt"
    ending = mimetypes.guess_extension(media_type) or ""
    return name if "." in name or not ending else f"{name}{ending}"
