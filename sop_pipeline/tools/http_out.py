"""The one way out to the network: whatever the suite asks or fetches goes through ``exchange``. No Odoo here.

- An address is read once and strictly: what two readers could read as two addresses is refused.
- Its host is looked up once, every address found must be of the open internet, and the connection goes to
  one of those very addresses; after a redirect the same again. The only exception is the scheme, host and
  port the system administrator has set for the record the call is made for (``trusted``).
- One deadline (``time.monotonic()``) ends the exchange, whatever it is at: looking the host up, connecting,
  TLS, sending, each single byte that arrives. No thread is left behind: a look-up, which nothing can
  interrupt from within, is a process of its own that is killed.
- What comes is cut off at ``limit`` bytes as it arrives, and again while it is unpacked.
- What breaks raises ``Broken``, which says whether the whole request had left by then.

It stands on http.client, which leaves the connection to its caller. requests and urllib3 read the address
and look it up again, limit each read instead of the exchange, and unpack without a limit. Proxies, cookies
and .netrc play no part: the connection is ours to the end.
"""

import contextlib
import functools
import http.client
import io
import ipaddress
import json as json_module
import re
import socket
import ssl
import subprocess
import sys
import time
import zlib
from typing import NamedTuple
from urllib.parse import quote, urlencode, urljoin

import certifi
from urllib3.filepost import encode_multipart_formdata

ANSWER_LIMIT = 2 * 1024 * 1024  # bytes; no platform and no carrier has that much to say
REDIRECTS = 3
_CHUNK = 64 * 1024
_URL_LIMIT = 8192
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE | re.ASCII)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]{0,30}:", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::([0-9]{1,5}))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_KEPT_SECONDS, _KEPT_HOSTS = 30, 500
_LOOK_UP = """
import socket, sys
for address in dict.fromkeys(item[4][0] for item in socket.getaddrinfo(sys.argv[1], None, type=socket.SOCK_STREAM)):
    print(address)
"""
_known = {}  # host -> (until when, its addresses)


class Broken(Exception):
    """An exchange that came to nothing.

    :ivar reason: address (refused) | unreachable | slow | large | rubbish | redirects
    :ivar sent: False when the other side cannot have the whole request; True when it may have acted on it
    """

    def __init__(self, reason, sent=False):
        super().__init__(reason)
        self.reason = reason
        self.sent = sent


class Target(NamedTuple):
    """An address that was read: ``host`` is a lower-case name or a number in its usual form, ``path`` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self):
        """Scheme, host and port."""
        return self[:3]

    @property
    def netloc(self):
        """Host and port as the Host header wants them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class Reply(NamedTuple):
    """What came back; ``headers`` is case-insensitive, ``url`` the address it came from."""

    status: int
    headers: object
    content: bytes
    url: str


# === ADDRESSES ===


def read_url(url):
    """Return the ``Target`` of an address.

    :raise Broken: "address" when it is not plainly http(s)://host[:port]/path
    """
    match = isinstance(url, str) and len(url) <= _URL_LIMIT and not _CONTROL.search(url) and _URL.fullmatch(url.partition("#")[0])
    place = match and len(match[2]) < 262 and _HOST.fullmatch(match[2].lower())
    if not place:
        raise Broken("address")
    scheme, path = match[1].lower(), match[3]
    try:
        port = int(place[2] or _PORTS[scheme])
        if not 0 < port < 65536:
            raise ValueError
        path = path if path.startswith("/") else f"/{path}"
        return Target(scheme, _read_host(place[1]), port, quote(path, safe="%/:=&?~+!$,;'@()*[]"))
    except ValueError:
        raise Broken("address") from None


def _read_host(text):
    """Return a host in its one form; ValueError for a number written otherwise than in four plain parts (0x7f.1, 127.1, 2130706433)."""
    if text.startswith("["):
        return str(ipaddress.IPv6Address(text[1:-1]))
    return str(ipaddress.IPv4Address(text)) if _NUMBER.fullmatch(text.rpartition(".")[2]) else text


def is_public(address):
    """Return whether an IP address (text) is public, the one a NAT64 address stands for included."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6:
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.scope_id or ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def resolve(host, seconds):
    """Return the addresses of a host name, none when it has none.

    The system's look-up cannot be interrupted, and a thread that waits for it outlives every deadline: it
    runs in a small process, which is killed.

    :raise TimeoutError: after so many seconds
    """
    command = [sys.executable, "-I", "-S", "-c", _LOOK_UP, host]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return done.stdout.decode().split() if done.returncode == 0 else []


def _look_up(host, deadline):
    """Return the addresses of a host, those of a name as they were found within the last half minute."""
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]):
        return [host]
    until, addresses = _known.get(host, (0, ()))
    if until < time.monotonic():
        addresses = resolve(host, _left(deadline))
        if len(_known) >= _KEPT_HOSTS:
            _known.clear()
        _known[host] = (time.monotonic() + _KEPT_SECONDS, addresses)
    if not addresses:
        _known.pop(host, None)
        raise Broken("unreachable")
    return addresses


# === CONNECTION ===


def _left(deadline):
    """Return the seconds left; TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def connect(address, port, seconds):
    """Return a socket connected to an IP address (never a name)."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((address, port))
        return sock
    except BaseException:
        sock.close()
        raise


@functools.cache
def tls_context():
    """Return what checks certificates: against the machine's authorities and those of certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _open(target, trusted, deadline):
    """Return a socket to one of the addresses that were checked; several share the time that is left."""
    addresses = _look_up(target.host, deadline)
    if not (trusted and read_url(trusted).origin == target.origin) and not all(map(is_public, addresses)):
        raise Broken("address")
    for more, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
        try:
            sock = connect(address, target.port, _left(deadline) / (more + 1))
            break
        except OSError:
            if not more:
                _known.pop(target.host, None)
                raise
    if target.scheme == "http":
        return sock
    sock.settimeout(_left(deadline))  # of the whole handshake
    return tls_context().wrap_socket(sock, server_hostname=target.host)


class _Line:
    """A socket as http.client uses one; each of its turns ends at the deadline. Closed by who opened it."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline = sock, deadline

    def sendall(self, data):
        """Send everything, piece by piece."""
        rest = memoryview(data)
        while rest:
            self.sock.settimeout(_left(self.deadline))
            rest = rest[self.sock.send(rest[:_CHUNK]) :]

    def makefile(self, *_args):
        """Return a reader."""
        return io.BufferedReader(_Reader(self.sock, self.deadline))

    def close(self):
        """Nothing: the answer is still to be read."""


class _Reader(io.RawIOBase):
    """What arrives at a socket until the deadline."""

    def __init__(self, sock, deadline):
        self.sock, self.deadline = sock, deadline

    def readable(self):
        """It is."""
        return True

    def readinto(self, buffer):
        """Wait for the next bytes."""
        self.sock.settimeout(_left(self.deadline))
        return self.sock.recv_into(buffer)


# === EXCHANGE ===


def exchange(method, url, deadline, headers=None, body=None, trusted="", limit=ANSWER_LIMIT):
    """Send one request and return the ``Reply``; redirects are not followed, their body is not read.

    :param deadline: ``time.monotonic()`` at which it is over
    :param headers: dict; empty values are left out
    :param trusted: address whose scheme, host and port may be anywhere: what the system administrator has set
        for the record this is done for, never what came from outside
    :param limit: most bytes of the answer
    :raise Broken: see there; nothing else
    """
    sent = False
    try:
        target = read_url(url)
        with contextlib.closing(_open(target, trusted, deadline)) as sock:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.auto_open, connection.sock = 0, _Line(sock, deadline)
            # one that has refused early has closed its ear, and may have said why
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, target.path, body, _headers(target, headers))
                sent = True
            response = connection.getresponse()
            content = b"" if 300 <= response.status < 400 else _read(response, limit)
            return Reply(response.status, response.headers, content, url)
    except Broken as error:
        raise Broken(error.reason, sent) from None
    except TimeoutError:
        raise Broken("slow", sent) from None
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a token with letters no header can carry, say
        raise Broken("unreachable", sent) from error


def _headers(target, headers):
    ours = {"Host": target.netloc, "User-Agent": "sop-inbox", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    return ours | {name: str(value) for name, value in (headers or {}).items() if value not in (None, False, "")}


def _read(response, limit):
    """Return the body of an answer, unpacked."""
    if (response.length or 0) > limit:
        raise Broken("large")
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise Broken("large")
    if response.length:
        raise Broken("unreachable")  # it ended before it was all there
    return _unpack(bytes(content), (response.headers.get("Content-Encoding") or "").strip().lower(), limit)


def _unpack(content, encoding, limit):
    """Return what was packed though we asked for it plain; no more than ``limit`` bytes are ever made of it."""
    if encoding in ("", "identity"):
        return content
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Broken("rubbish")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either head
    try:
        content = unpacker.decompress(content, limit + 1)
    except zlib.error:
        raise Broken("rubbish") from None
    if len(content) > limit:
        raise Broken("large")
    if not unpacker.eof:
        raise Broken("rubbish")
    return content


def fetch(url, deadline, trusted="", limit=ANSWER_LIMIT):
    """Return the ``Reply`` of a GET, at the end of a few redirects: each is checked like the first address, and carries nothing along.

    :raise Broken: see ``exchange``
    """
    for _hop in range(REDIRECTS + 1):
        reply = exchange("GET", url, deadline, trusted=trusted, limit=limit)
        location = reply.headers.get("Location")
        if reply.status not in (301, 302, 303, 307, 308) or not location:
            return reply
        try:
            location = location.encode("latin-1").decode("utf-8", "replace")
            url = location if _ABSOLUTE.match(location) else urljoin(url, location)
        except ValueError:
            raise Broken("address") from None
    raise Broken("redirects")


def encode(params=None, json=None, data=None, files=None):
    """Return (query, headers, body) of a request.

    :param files: dict field -> (name, bytes, type); the fields of ``data`` go with them
    """
    query = urlencode({name: value for name, value in (params or {}).items() if value is not None}, doseq=True)
    if files:
        body, kind = encode_multipart_formdata([*(data or {}).items(), *files.items()])
        return query, {"Content-Type": kind}, body
    if data:
        return query, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(data, doseq=True).encode()
    if json is not None:
        return query, {"Content-Type": "application/json"}, json_module.dumps(json, allow_nan=False).encode()
    return query, {}, None
