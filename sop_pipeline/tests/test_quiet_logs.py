import ast
import json
import logging

import psycopg2
from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.tests import HttpCase, TransactionCase, tagged

from ..tools import quiet_logs
from ..tools.exchange import sign
from ..tools.phone import find_phones
from .linear import sources
from .logs import LogsMixin
from .test_exchange import ExchangeCommon

NUMBER, NAME, TOKEN = "0987555222", "Nguyễn Thị Kín", "WyJidXllciIsWyJhYmMiXSwwXQ.0f9e8d7c6b5a"
#: What a line of ours may tell besides constants and the ids of records, and why
TELLABLE = {
    "attempts": "a count",
    "REPLAYS": "a constant of ours",
    "row_id": "the id of a record",
    "error.code": "the word by which we tell refusals apart",
    "outcome.reason": "a word of a platform's code for what did not go",
    "ward.province_code": "a code of the public list of provinces",
    "vals.get('tracking_ref')": "a waybill that nothing else has kept",
    "row['code']": "the code of a type of interaction, which is ours",
    "done.stdout.decode()[:200]": "the code by which Zalo refuses to renew a token",
}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestQuietLogs(LogsMixin, TransactionCase):
    """The log says where something went wrong, and nothing of whom it was about."""

    def logged(self, write):
        with self.log() as log:
            write(logging.getLogger("odoo.addons.sop_test"))
        return log[0]

    def test_addresses(self):
        for address, kept in (
            (f"/sop/my-request/{TOKEN}", "/sop/my-request…"),
            (f"/vi/sop/my-request/{TOKEN}?x=1", "/vi/sop/my-request…"),
            ("/sop/webhook/facebook/Zt5-uv?hub.verify_token=abc", "/sop/webhook…"),
            ("/sop/call-event/K3y_x", "/sop/call-event…"),
            (f"/sop/call-event/{NUMBER}", "/sop/call-event…"),
            ("/sop/contact-request/12", "/sop/contact-request/12"),
            ("/sop/contact-request/12?fragment=1", "/sop/contact-request/12…"),
            ("/my/contact-requests?search=Nguyễn\u00a0Thị", "/my/contact-requests…"),
            ("/my/contact-requests/7/note", "/my/contact-requests/7/note"),
            ("/shop?search=áo", "/shop?search=áo"),
            ("/sop_inbox/static/x.js?y", "/sop_inbox/static/x.js?y"),
        ):
            self.assertEqual(quiet_logs.short_address(f"GET {address} HTTP/1.1"), f"GET {kept} HTTP/1.1")
            self.assertIn(f"path '{kept}", self.logged(lambda logger, path=address: logger.warning("CSRF failed on path '%s", path)))

    def test_refused_statements(self):
        self.env.cr.execute("CREATE TEMP TABLE sop_quiet (phone varchar, name varchar, CONSTRAINT sop_quiet_once UNIQUE (phone))")
        insert = "INSERT INTO sop_quiet VALUES (%s, %s)"
        values = [NUMBER, f"{NAME}' O''x\\"]
        self.env.cr.execute(insert, values)
        with self.log() as log, self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute(insert, values)
        self.assertUntold(log[0], NUMBER, NAME)
        self.assertIn("INSERT INTO sop_quiet VALUES ('…'", log[0])
        self.assertIn("UniqueViolation sop_quiet_once", log[0])

    def test_what_a_person_was_told(self):
        def write(logger):
            try:
                find_phones(UserError)  # through our code
            except TypeError as error:
                logger.warning(UserError(f"{NAME} {NUMBER}").with_traceback(error.__traceback__))

        log = self.logged(write)
        self.assertUntold(log, NAME, NUMBER)
        self.assertIn("UserError at sop_pipeline/tools/phone.py:", log)

    def test_errors_of_ours_with_their_causes(self):
        def write(logger):
            try:
                try:
                    raise KeyError(NUMBER)
                except KeyError:
                    find_phones(3)
            except TypeError as error:
                logger.exception("broken")
                logger.warning("again", exc_info=error)

        log = self.logged(write)
        self.assertUntold(log, NUMBER, "A text is expected, not int")
        self.assertIn("TypeError", log)
        self.assertIn("KeyError", log)
        self.assertIn("in _as_text", log)

    def test_errors_of_others_keep_their_words(self):
        def write(logger):
            try:
                json.loads("{")
            except ValueError as error:
                logger.warning("x", exc_info=error.with_traceback(error.__traceback__.tb_next))

        self.assertIn("Expecting property name", self.logged(write))

    def test_ordinary_lines_stay(self):
        self.assertIn("3 of 4 done in {'a': 1}", self.logged(lambda logger: logger.info("%s of %s done in %s", 3, 4, {"a": 1})))
        self.assertIn("named x", self.logged(lambda logger: logger.info("named %(name)s", {"name": "x"})))
        self.assertIn("bad query: x", self.logged(lambda logger: logger.info("bad query: x")))

    def test_the_server_s_handlers_are_quiet(self):
        handler = logging.NullHandler()
        logging.getLogger().addHandler(handler)
        try:
            quiet_logs.install()
            quiet_logs.install()
        finally:
            logging.getLogger().removeHandler(handler)
        self.assertEqual([type(known) for known in handler.filters], [quiet_logs.Quiet])

    def test_every_line_of_ours(self):
        """Constants and ids of records; whatever else is told has its reason above."""
        addons = self.env["ir.module.module"].search([("state", "=", "installed"), ("name", "=like", "sop\\_%")]).mapped("name")
        told = set()
        for path in [path for addon in addons for path in sources(addon) if "cli" not in path.parts]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    self.assertNotEqual(node.func.id, "print", path)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "_logger":
                    told |= {(path.name, ast.unparse(arg)) for arg in node.args if not self.is_tellable(arg)}
        self.assertEqual({(name, words) for name, words in told if words not in TELLABLE}, set())
        self.assertEqual({words for _name, words in told}, set(TELLABLE), "a reason is for something that is told")

    @staticmethod
    def is_tellable(arg):
        kind = isinstance(arg, ast.Attribute) and ast.unparse(arg).startswith("type(") and arg.attr == "__name__"
        return isinstance(arg, ast.Constant) or kind or (isinstance(arg, ast.Attribute) and arg.attr in ("id", "ids", "_name"))

    def test_sources_are_found(self):
        self.assertIn(f"{get_module_path('sop_pipeline')}/tools/phone.py", [str(path) for path in sources("sop_pipeline")])


@tagged("post_install", "-at_install", "sop_pipeline")
class TestExchangeLog(LogsMixin, ExchangeCommon, HttpCase):
    """What an exchange reports leaves no number, name or key in the log."""

    def send(self, body, signature, key=None):
        self.url_open(f"/sop/call-event/{key or self.exchange.key}", data=body, headers={"X-Sop-Signature": signature})

    def test_log(self):
        events = [{"call_id": "Cuộc-1", "direction": "in", "from": NUMBER, "customer_name": NAME}, [NUMBER], {"call_id": NUMBER * 50}]
        with self.log() as log:
            for event in events:
                body = json.dumps(event).encode()
                self.send(body, sign(self.exchange.secret, body))
            self.send(json.dumps({"call_id": NUMBER}).encode(), "wrong")
            self.send(NUMBER.encode(), "wrong", key=f"{NUMBER}-none")
        self.assertIn("/sop/call-event…", log[0])
        self.assertUntold(log[0], NUMBER, NUMBER[1:], NAME, self.exchange.key, self.exchange.secret, "Cuộc-1")
