"""The one way out to the network, against servers that do their worst. No database."""

import ast
import contextlib
import datetime
import ipaddress
import ssl
import tempfile
import threading
import time
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote, urlsplit

import psutil
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..tools import http_out, transport
from ..tools.at_once import run_all
from ..tools.carrier_base import CarrierError
from ..tools.outcome import Answer, Call
from .rough_server import RoughServer

SECONDS = 1.5  # of an exchange here
MARGIN = 3  # of a machine that does other things too
PUBLIC, ELSEWHERE = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class NetworkCase(BaseCase):
    """A rough server, and one that nobody may ever reach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rough, cls.private = RoughServer(), RoughServer()
        cls.addClassCleanup(cls.rough.close)
        cls.addClassCleanup(cls.private.close)

    def setUp(self):
        super().setUp()
        http_out._known.clear()
        self.addCleanup(http_out._known.clear)
        self.rough.asked.clear()

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.private.met, 0, "somebody was at the door of the private server")

    @contextlib.contextmanager
    def internet(self, names, port=None):
        """Play the internet: dict name -> what one look-up after the other finds (the last one stays); every address is the rough server.

        Yields the list of addresses that were connected to.
        """
        found, connected, really = {name: list(answers) for name, answers in names.items()}, [], http_out.connect

        def resolve(name, _seconds):
            return found[name].pop(0) if len(found[name]) > 1 else found[name][0]

        def connect(address, _port, seconds):
            connected.append(address)
            return really("127.0.0.1", port or self.rough.port, seconds)

        with patch.object(http_out, "resolve", resolve), patch.object(http_out, "connect", connect):
            yield connected

    def refused(self, url, trusted=""):
        """The address is refused for a call and for a file, at once, whatever it would lead to."""
        started = time.monotonic()
        self.assertEqual(transport.perform(Call("GET", url), trusted), Answer(0, broken="unsent"))
        with self.assertRaises(transport.MediaError) as caught:
            transport.fetch_media(url, trusted)
        self.assertEqual((caught.exception.reason, caught.exception.final), ("address", True), url)
        with self.assertRaises(CarrierError) as caught:
            transport.make_send(time.monotonic() + 20, trusted)("GET", url)
        self.assertEqual((caught.exception.code, caught.exception.in_doubt), ("network", False), url)
        self.assertLess(time.monotonic() - started, MARGIN)


# modules that open a connection, or start a program that may
CLOSED = {"requests", "urllib3", "http.client", "socket", "ssl", "socketserver", "aiohttp", "httpx", "httplib2", "pycurl", "ftplib", "smtplib"}
CLOSED |= {"poplib", "imaplib", "telnetlib"}
CLOSED |= {"nntplib", "xmlrpc", "zeep", "suds", "asyncio", "websocket", "websockets", "paramiko", "subprocess", "pty", "dns"}
CLOSED |= {"urllib.request", "urllib.robotparser", "gevent.socket", "odoo.addons.iap", "os.system", "os.popen", "os.posix_spawn", "os.execv"}
# what may all the same; the renewal of a token starts a process that goes through http_out itself
OPEN = {"sop_pipeline/tools/http_out.py": {"http.client", "socket", "ssl", "subprocess", "urllib3"}}
OPEN |= {"sop_inbox/models/platform/sop_provider_zalo.py": {"subprocess"}}


def ways_out(source):
    """Return the closed modules a source text uses: imported, by name in a string given to an import, or as a member."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names |= {f"{node.value.id}.{node.attr}"} & CLOSED
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("import_module", "__import__"):
            names |= {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    return {closed for closed in CLOSED for name in names if f"{name}.".startswith(f"{closed}.")}


@tagged("post_install", "-at_install")
class TestOneWay(BaseCase):
    """Nothing else of the suite opens a connection."""

    def test_nobody_goes_past_it(self):
        root = Path(__file__).parents[2]
        files = [path for addon in ("sop_pipeline", "sop_contact_requests", "sop_inbox") for path in (root / addon).rglob("*.py")]
        found = {}
        for path in files:
            name = path.relative_to(root).as_posix()
            if "/tests/" not in name:
                found[name] = ways_out(path.read_text())
        self.assertGreater(len(found), 200)
        self.assertEqual({name: ways for name, ways in found.items() if ways}, OPEN)

    def test_it_would_be_seen(self):
        for source in (
            "import requests", "import requests as r", "from requests.sessions import Session", "import http.client", "from http import client",
            "from urllib import request", "import urllib.request as u", "from urllib.request import urlopen",
            "import urllib\nurllib.request.urlopen(1)", "def f():\n    import socket", "__import__('socket')",
            "importlib.import_module('urllib3.util')", "import os\nos.system('x')",
            "from os import popen", "from odoo.addons.iap.tools import iap_tools",
        ):  # fmt: skip
            self.assertTrue(ways_out(source), source)
        for source in ("from urllib.parse import quote", "import urllib.parse", "from odoo import http", "from odoo.http import request"):
            self.assertFalse(ways_out(source), source)


@tagged("post_install", "-at_install")
class TestAddresses(NetworkCase):
    """Which addresses are gone to."""

    def test_what_two_readers_read_differently(self):
        port = self.private.port
        for url in (
            f"http://127.0.0.1:{port}\\@1.1.1.1/x",
            f"http://127.0.0.1:{port}/\\@1.1.1.1/x",
            f"http:\\\\127.0.0.1:{port}/",
            f"http://1.1.1.1@127.0.0.1:{port}/",
            f"http://1.1.1.1:80@127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}@1.1.1.1/",
            f"http://1.1.1.1 @127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}:80/",
            f"http://127.0.0.1:{port}\t/",
            f"http://127.0.0.1:{port}/\r\nHost: 1.1.1.1",
            f"http://127.0.0.1:{port}/\x00",
            f" http://127.0.0.1:{port}/",
            f"http:///127.0.0.1:{port}/",
            f"http:127.0.0.1:{port}/",
            f"//127.0.0.1:{port}/",
            f"http://127.0.0.1%00.example:{port}/",
            f"http://%31%32%37.0.0.1:{port}/",
            f"http://[127.0.0.1]:{port}/",
            f"http://[::1:{port}/",
            "http://1.1.1.1:99999/",
            "http://1.1.1.1:0/",
            "http://1.1.1.1:/",
            "http://1.1.1.1:８０/",
            "http://" + "a" * 300,
            "http://a/" + "b" * 9000,
            "http://a..example/",
            "http://a.example./",
            "http://\ud800/",
            "http://a/\ud800",
            "httpſ://1.1.1.1/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ):
            with self.subTest(url=url):
                self.refused(url)
        for thing in (None, False, 5, [], b"http://1.1.1.1/"):
            with self.assertRaises(transport.MediaError, msg=thing) as caught:
                transport.fetch_media(thing)
            self.assertTrue(caught.exception.final)

    def test_other_ways_to_write_a_number(self):
        port = self.private.port
        for host in (
            "127.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "127.0.0.0x1",
            "127.0.0.1.", "127.0.0.01", "127.0.0.256", "127.0.0", "0", "0x", "0.0.0.0", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "ⓛocalhost",
            "localhoſt", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::1%25lo]", "[::1%lo]",
            "[fe80::1%25eth0]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[v1.a]",
        ):  # fmt: skip
            with self.subTest(host=host):
                self.refused(f"http://{host}:{port}/ok")

    def test_which_numbers_are_public(self):
        for address in ("8.8.8.8", "1.1.1.1", PUBLIC, ELSEWHERE, "2606:4700:4700::1111", "64:ff9b::808:808"):
            self.assertTrue(http_out.is_public(address), address)
        for address in (
            "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1",
            "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "::", "::1", "::ffff:8.8.8.8", "::8.8.8.8",
            "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "2606:4700:4700::1111%eth0", "fec0::1", "ff02::1", "2001:db8::1", "2002:808:808::1",
            "2001:0:1::1", "64:ff9b::a00:1", "64:ff9b:1::808:808", "100::1", "localhost", "", "8.8.8", "08.8.8.8",
        ):  # fmt: skip
            self.assertFalse(http_out.is_public(address), address)

    def test_what_is_read(self):
        for url, target in (
            ("http://a.example", ("http", "a.example", 80, "/")),
            ("HTTPS://Cdn.Example:8443/a b?q=ạ#f", ("https", "cdn.example", 8443, "/a%20b?q=%E1%BA%A1")),
            ("https://a.example?x=%20", ("https", "a.example", 443, "/?x=%20")),
            ("http://1.2.3.4:80/@x:y", ("http", "1.2.3.4", 80, "/@x:y")),
            ("http://[2606:4700:0:0::1111]/", ("http", "2606:4700::1111", 80, "/")),
            ("http://xn--cng-8ma.example/", ("http", "xn--cng-8ma.example", 80, "/")),
        ):
            self.assertEqual(http_out.read_url(url), target)

    @given(
        st.lists(
            st.sampled_from(
                ["http://", "https://", "127.0.0.1", "1.1.1.1", "a.example", "::1", "[", "]", "[::1]", ":", "80", "@", "\\", "/", "?", "#", "%",
                 "%40", ".", "..", "0x7f", "\t", "\n", " ", "。", "x", "é", "&", ";", "//"]
            ),
            max_size=9,
        ).map("".join)
        | st.text(max_size=30).map("http://{}".format)
    )  # fmt: skip
    def test_other_readers_agree(self, url):
        """What is accepted is one and the same host and port for the two readers most used."""
        try:
            target = http_out.read_url(url)
        except http_out.Broken as broken:
            self.assertEqual(broken.reason, "address")
            return
        prepared = requests.Request("GET", url).prepare().url
        for parts in (urlsplit(url), urlsplit(prepared)):
            host = parts.hostname
            with contextlib.suppress(ValueError):
                host = str(ipaddress.ip_address(host))
            self.assertEqual((parts.scheme, host, parts.port or {"http": 80, "https": 443}[parts.scheme]), target.origin)

    def test_every_address_must_be_public(self):
        for addresses in ([PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"], ["::ffff:127.0.0.1"], ["fe80::1%eth0"], ["10.0.0.1"]):
            http_out._known.clear()
            with self.internet({"a.example": [addresses]}) as connected:
                self.refused("http://a.example/ok")
                self.assertEqual(connected, [])

    def test_goes_to_the_very_address_that_was_checked(self):
        """A name that is another one's at the second look-up is not looked up twice; later it is checked again."""
        with self.internet({"a.example": [[PUBLIC], ["127.0.0.1"]]}, self.rough.port) as connected:
            for _time in range(3):
                self.assertEqual(transport.perform(Call("GET", "http://a.example/ok")).body, {"a": 1})
            self.assertEqual(connected, [PUBLIC] * 3)
            self.assertIn("\r\nHost: a.example\r\n", self.rough.asked[0])
            http_out._known["a.example"] = (0, [PUBLIC])
            self.refused("http://a.example/ok")
            self.assertEqual(len(connected), 3)

    def test_another_address_is_tried_when_one_is_dead(self):
        really = http_out.connect

        def connect(address, port, seconds):
            if address == ELSEWHERE:
                raise TimeoutError
            return really("127.0.0.1", self.rough.port, seconds)

        with self.internet({"a.example": [[ELSEWHERE, PUBLIC]]}), patch.object(http_out, "connect", connect):
            self.assertEqual(transport.perform(Call("GET", "http://a.example/ok")).status, 200)

    def test_only_the_very_place_the_administrator_has_set(self):
        """Scheme, host and port; for this call only."""
        here = f"http://127.0.0.1:{self.private.port}"
        for trusted in (
            "", self.rough.url, "http://127.0.0.1", f"https://127.0.0.1:{self.private.port}", f"http://localhost:{self.private.port}",
            f"http://127.0.0.2:{self.private.port}", "no address", f"{here}@x", f"{here}\\",
        ):  # fmt: skip
            with self.subTest(trusted=trusted):
                self.refused(f"{here}/ok", trusted)
        self.assertEqual(transport.perform(Call("GET", f"{self.rough.url}/ok"), f"{self.rough.url}/v25.0/").body, {"a": 1})
        with patch.object(http_out, "resolve", return_value=["127.0.0.1"]):
            by_name = f"http://double.example:{self.rough.port}"
            self.assertEqual(transport.perform(Call("GET", f"{by_name}/ok"), by_name).body, {"a": 1})
            self.refused(f"{by_name}/ok")

    def test_redirects(self):
        """Each is checked like the first address; none carries anything along, and a call follows none."""
        for url in (
            f"{self.private.url}/ok", f"//127.0.0.1:{self.private.port}/ok", f"http://127.0.0.1:{self.private.port}\\@1.1.1.1/",
            f"http://1.1.1.1@127.0.0.1:{self.private.port}/", "file:///etc/passwd", "gopher://1.1.1.1/", "http://inside.example/ok", "http://[",
            "http:///x", "javascript:1",
        ):  # fmt: skip
            with self.subTest(url=url), self.internet({"inside.example": [["10.0.0.1"]], "a.example": [[PUBLIC]]}) as connected:
                for start, trusted in ((f"http://127.0.0.1:{self.rough.port}", self.rough.url), ("http://a.example", "")):
                    with self.assertRaises(transport.MediaError) as caught:
                        transport.fetch_media(f"{start}/to?{quote(url)}", trusted)
                    self.assertEqual((caught.exception.reason, caught.exception.final), ("address", True))
                self.assertEqual(connected, ["127.0.0.1", PUBLIC])
        with self.assertRaises(transport.MediaError) as caught:
            transport.fetch_media(f"{self.rough.url}/round", self.rough.url)
        self.assertEqual((caught.exception.reason, caught.exception.final), ("redirects", True))
        self.rough.asked.clear()
        with self.internet({"a.example": [[PUBLIC]], "b.example": [[ELSEWHERE]]}) as connected:
            self.assertEqual(transport.fetch_media("http://a.example/to?//b.example/ok"), (b'{"a": 1}', "application/json"))
            self.assertEqual(connected, [PUBLIC, ELSEWHERE])
            self.assertNotRegex(self.rough.asked[1].lower(), "cookie|authorization|referer|token")
            call = Call("POST", "http://a.example/to?http://b.example/ok", headers={"access_token": "T1"}, json={})
            self.assertEqual((transport.perform(call).status, connected[2:]), (302, [PUBLIC]), "the token stays where it belongs")


@tagged("post_install", "-at_install")
class TestDeadlines(NetworkCase):
    """Every exchange ends in time, with the right outcome."""

    def timed(self, function, *args, **kwargs):
        started = time.monotonic()
        try:
            return function(*args, **kwargs)
        finally:
            self.assertLess(time.monotonic() - started, SECONDS + MARGIN, args)

    def call(self, path, **kwargs):
        """What becomes of a call to the rough server."""
        call = Call(**{"method": "POST", "url": f"{self.rough.url}/{path}", "json": {}, "timeout": SECONDS, **kwargs})
        return self.timed(transport.perform, call, self.rough.url)

    def test_what_a_rough_server_does(self):
        """Path -> what becomes of a call, of a file (25 kB at most), of a carrier's answer."""
        for path, broken, reason, code in (
            ("drip_head", "lost", "slow", "timeout"),
            ("drip_body", "lost", "large", "timeout"),
            ("drip_chunks", "lost", "slow", "timeout"),
            ("drip_chunk_size", "lost", "slow", "timeout"),
            ("silent", "lost", "slow", "timeout"),
            ("hangs_up", "lost", "unreachable", "network"),
            ("huge", "lost", "large", "rubbish"),
            ("endless", "lost", "large", "rubbish"),
            ("endless_plain", "lost", "large", "rubbish"),
            ("endless_continue", "lost", "slow", "timeout"),
            ("many_headers", "lost", "unreachable", "network"),
            ("cut", "lost", "unreachable", "network"),
            ("cut_chunk", "lost", "unreachable", "network"),
            ("garbage", "lost", "unreachable", "network"),
            ("bomb", "lost", "large", "rubbish"),
            ("packed_twice", "lost", "rubbish", "rubbish"),
            ("packed_wrong", "lost", "rubbish", "rubbish"),
            ("packed_cut", "lost", "rubbish", "rubbish"),
        ):
            with self.subTest(path=path):
                self.assertEqual(self.call(path), Answer(0, broken=broken))
                url = f"{self.rough.url}/{path}"
                with self.assertRaises(transport.MediaError) as caught:
                    self.timed(transport.fetch_media, url, self.rough.url, limit=25_000, seconds=SECONDS)
                self.assertEqual((caught.exception.reason, caught.exception.final), (reason, reason == "large"))
                with self.assertRaises(CarrierError) as caught:
                    self.timed(transport.make_send(time.monotonic() + SECONDS, self.rough.url), "GET", url)
                self.assertEqual((caught.exception.code, caught.exception.in_doubt), (code, True))

    def test_what_is_well_is_taken(self):
        self.assertEqual([self.call(path).body for path in ("ok", "gzip")], [{"a": 1}] * 2)
        self.assertEqual([self.call(path) for path in ("odd_length", "deep")], [Answer(200, {})] * 2, "no JSON, and JSON nobody can hold")

    def test_a_file_drips_within_its_size(self):
        with self.assertRaises(transport.MediaError) as caught:
            self.timed(transport.fetch_media, f"{self.rough.url}/drip_body", self.rough.url, seconds=SECONDS)
        self.assertEqual((caught.exception.reason, caught.exception.final), ("slow", False))

    def test_the_deadline_is_for_all_redirects_together(self):
        with self.assertRaisesRegex(transport.MediaError, "slow"):
            self.timed(transport.fetch_media, f"{self.rough.url}/to?/drip_head", self.rough.url, seconds=SECONDS)

    def test_not_sent_as_a_whole_is_surely_not_done(self):
        """Neither who cannot be reached nor who does not take all of it has done anything; who has all of it may have."""
        large = {"files": {"file": ("a.bin", bytes(20_000_000), "application/octet-stream")}, "json": None}
        self.assertEqual(self.call("silent", **large), Answer(0, broken="unsent"))
        self.assertEqual(self.call("silent"), Answer(0, broken="lost"))
        self.assertEqual(self.call("refuses_early", **large), Answer(413, {}), "it said so before it had all of it")
        with contextlib.closing(RoughServer()) as gone:
            pass
        answer = self.timed(transport.perform, Call("POST", f"{gone.url}/ok", json={}), gone.url)
        self.assertEqual(answer, Answer(0, broken="unsent"))
        for broken in ({"json": {"a": float("nan")}}, {"headers": {"access_token": "T\r\nX: y"}}, {"headers": {"access_token": "T\u200b"}}):
            self.assertEqual(self.call("ok", **broken), Answer(0, broken="unsent"))

    def test_nobody_answers_the_connection(self):
        """Its backlog full, a listener takes no more: the share of the time is over, and nothing was sent."""

        def connect(_address, _port, seconds):
            time.sleep(seconds)
            raise TimeoutError

        with self.internet({"a.example": [[PUBLIC, ELSEWHERE]]}), patch.object(http_out, "connect", connect):
            answer = self.timed(transport.perform, Call("POST", "http://a.example/ok", json={}, timeout=SECONDS))
        self.assertEqual(answer, Answer(0, broken="unsent"))

    def test_a_look_up_that_hangs(self):
        """It is killed; no process and no thread is left."""
        with patch.object(http_out, "_LOOK_UP", "import time; time.sleep(60)"):
            answer = self.timed(transport.perform, Call("POST", "http://a.example/ok", json={}, timeout=SECONDS))
        self.assertEqual(answer, Answer(0, broken="unsent"))
        self.assertFalse(psutil.Process().children())
        with patch.object(http_out, "_LOOK_UP", "raise SystemExit(1)"):
            self.assertEqual(transport.perform(Call("GET", "http://a.example/ok")), Answer(0, broken="unsent"))

    def test_names_are_looked_up(self):
        """For real, and refused for real: this machine's own name for itself."""
        self.assertTrue({"127.0.0.1", "::1"} & set(http_out.resolve("localhost", 60)))
        self.assertEqual(http_out.resolve("a" * 64, 60), [])
        self.assertEqual(transport.perform(Call("GET", f"http://localhost:{self.private.port}/ok")), Answer(0, broken="unsent"))

    def test_several_at_once(self):
        """Each ends in time, the slow ones hold up nobody, and no thread outlives its deadline."""
        jobs = {
            path: lambda deadline, path=path: transport.perform(Call("GET", f"{self.rough.url}/{path}"), self.rough.url, deadline)
            for path in ("ok", "drip_head", "drip_body", "silent")
        }
        jobs |= {"breaks": lambda deadline: 1 / 0, "sleeps": lambda deadline: time.sleep(SECONDS + 2)}
        found = self.timed(run_all, jobs, SECONDS)
        self.assertEqual(found["ok"], Answer(200, {"a": 1}))
        self.assertEqual({found[path].broken for path in ("drip_head", "drip_body", "silent")}, {"lost"})
        self.assertEqual((type(found["breaks"]), type(found["sleeps"])), (ZeroDivisionError, TimeoutError))
        for thread in threading.enumerate():
            if thread.name == "sop-http":
                thread.join(2 + MARGIN)  # the one that sleeps is none of ours: it keeps to no deadline
                self.assertFalse(thread.is_alive(), "it outlives its deadline")


@tagged("post_install", "-at_install")
class TestCertificates(NetworkCase):
    """TLS is spoken with the name that was asked for, and its certificate is checked, before anything is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pem = cls.certificate("a.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name)
        cls.secure = RoughServer(context)
        cls.addClassCleanup(cls.secure.close)
        cls.ours = ssl.create_default_context(cadata=pem[pem.index(b"-----BEGIN CERT") :].decode())

    @classmethod
    def certificate(cls, name):
        """Return key and certificate of a name, signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        built = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(key, hashes.SHA256())
        )  # fmt: skip
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return secret + built.public_bytes(serialization.Encoding.PEM)

    def setUp(self):
        super().setUp()
        self.secure.asked.clear()
        self.secure.names.clear()

    def ask(self, name, port=None):
        with self.internet({name: [[PUBLIC]]}, port or self.secure.port):
            started = time.monotonic()
            answer = transport.perform(Call("POST", f"https://{name}/ok", json={}, timeout=SECONDS))
            self.assertLess(time.monotonic() - started, SECONDS + MARGIN)
            return answer

    def test_the_name_counts(self):
        with patch.object(http_out, "tls_context", return_value=self.ours):
            self.assertEqual(self.ask("a.example"), Answer(200, {"a": 1}))
            self.assertEqual((self.secure.names, len(self.secure.asked)), (["a.example"], 1))
            self.assertEqual(self.ask("b.example"), Answer(0, broken="unsent"), "another one's certificate")
        self.assertEqual(self.ask("a.example"), Answer(0, broken="unsent"), "nobody vouches for it")
        self.assertEqual(len(self.secure.asked), 1, "nothing was said to who is not who they should be")

    def test_a_handshake_that_hangs(self):
        self.assertEqual(self.ask("a.example", self.rough.port), Answer(0, broken="unsent"))

    def test_slow_behind_tls(self):
        with patch.object(http_out, "tls_context", return_value=self.ours), self.internet({"a.example": [[PUBLIC]]}, self.secure.port):
            for path in ("drip_head", "drip_body", "silent"):
                started = time.monotonic()
                answer = transport.perform(Call("POST", f"https://a.example/{path}", json={}, timeout=SECONDS))
                self.assertLess(time.monotonic() - started, SECONDS + MARGIN)
                self.assertEqual(answer, Answer(0, broken="lost"))
