"""Install on a database in use disturbs nothing; uninstall leaves it as it was."""

import json
import socketserver
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from harness import Server, run_odoo


@pytest.fixture
def database():
    """A database of plain Odoo with leads of its own, not served."""
    plain = Server(template="sop_core")
    plain.create()
    yield plain
    plain.drop()


LEADS = """
SELECT lead.id, stage.id, lead.active, lead.probability::numeric(6, 2), lead.team_id, lead.user_id
  FROM crm_lead lead LEFT JOIN crm_stage stage ON stage.id = lead.stage_id ORDER BY lead.id
"""

MAKE_LEADS = """
stages = env["crm.stage"].search([])
leads = env["crm.lead"].create([{"name": f"Cũ {n}", "stage_id": stages[n % len(stages)].id, "type": "opportunity"} for n in range(12)])
leads[5].action_set_lost()
env.cr.commit()
"""


def test_install_and_uninstall_leave_a_database_as_it_was(database):
    run_odoo(database, script=MAKE_LEADS)
    before = database.sql(LEADS)
    stages = database.sql("SELECT id, name, sequence FROM crm_stage ORDER BY id")

    run_odoo(database, "-i", "sop_pipeline")
    assert database.sql(LEADS) == before, "installing moves nothing"
    assert database.sql("SELECT count(*) FROM crm_team WHERE sop_process") == [(0,)]
    assert database.sql("SELECT count(DISTINCT lead_id) FROM sop_stage_move") == [(12,)], "history starts with what was there"

    run_odoo(database, script=f'env["crm.lead"].browse({before[0][0]}).team_id.sop_process = True; env.cr.commit()')
    assert database.sql("SELECT count(*) FROM crm_lead WHERE sop_code IS NOT NULL") == [(12,)]

    run_odoo(database, "-u", "sop_pipeline")
    run_odoo(database, script='env["ir.module.module"].search([("name", "=", "sop_pipeline")]).button_immediate_uninstall()')
    after = database.sql(LEADS)
    assert [row[:3] for row in after] == [row[:3] for row in before], "every lead is back in the stage it came from"
    assert database.sql("SELECT id, name, sequence FROM crm_stage ORDER BY id") == stages
    assert database.sql("SELECT count(*) FROM information_schema.columns WHERE column_name LIKE 'sop%%'") == [(0,)]
    assert database.sql("SELECT count(*) FROM crm_tag WHERE name->>'en_US' IN ('Has phone', 'Unpaid')") == [(0,)]


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that takes everything: outside, as platforms are."""

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        reading = False
        while line := self.rfile.readline():
            if reading:
                reading = line != b".\r\n"
                answer = None if reading else b"250 taken\r\n"
            else:
                word = line[:4].upper()
                reading = word == b"DATA"
                answer = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            if answer:
                self.wfile.write(answer)
            if answer == b"221 bye\r\n":
                return


class SmsGateway(BaseHTTPRequestHandler):
    """Odoo's SMS service, which says that each message was sent."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        numbers = [number for message in asked["params"]["messages"] for number in message["numbers"]]
        body = json.dumps(
            {"jsonrpc": "2.0", "id": asked.get("id"), "result": [{"uuid": number["uuid"], "state": "success", "credit": 1} for number in numbers]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Quiet."""


@contextmanager
def serving(handler):
    """A server of this process; yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as outside:
        outside.daemon_threads = True
        threading.Thread(target=outside.serve_forever, daemon=True).start()
        yield outside.server_address[1]
        outside.shutdown()


CAMPAIGN = """
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({"name": "outside", "smtp_host": "127.0.0.1", "smtp_port": %(smtp)d, "smtp_encryption": "none"})
env["ir.config_parameter"].set_param("sms.endpoint", "http://127.0.0.1:%(sms)d")
known = env["res.partner"].create({"name": "Khách quen", "email": "quen@example.com", "phone": "0901234567"})
reader = env["res.partner"].create({"name": "Người đọc", "email": "doc@example.com"})
lead = env["crm.lead"].create({"name": "Khách mới", "type": "opportunity", "email_from": "moi@example.com"})
readers = env["mailing.list"].create({"name": "Bản tin"})
env["mailing.contact"].create([
    {"email": "doc@example.com", "list_ids": readers.ids}, {"email": "la@example.com", "list_ids": readers.ids}])
campaign = env["utm.campaign"].create({"title": "Tết"})
for model, domain, lists in (("res.partner", [("id", "=", known.id)], []), ("crm.lead", [("id", "=", lead.id)], []),
                             ("mailing.list", [], readers.ids)):
    mailing = env["mailing.mailing"].create({
        "subject": "Khuyến mãi", "body_html": "<p>Chào</p>", "body_arch": "<p>Chào</p>", "mailing_model_id": env["ir.model"]._get(model).id,
        "campaign_id": campaign.id, "mailing_domain": repr(domain), "contact_list_ids": lists, "email_from": "shop@example.com"})
    mailing.action_send_mail()
text = env["mailing.mailing"].create({
    "subject": "Tin nhắn", "mailing_type": "sms", "body_plaintext": "Chào", "mailing_model_id": env["ir.model"]._get("res.partner").id,
    "campaign_id": campaign.id, "mailing_domain": repr([("id", "=", known.id)])})
text.action_send_sms()
env.cr.commit()
env["mail.mail"].process_email_queue()
env["sms.sms"].sudo()._process_queue()
env.cr.commit()
for _run in range(2):
    env["sop.interaction"]._cron_collect()
env.cr.commit()
"""
INTERACTIONS = """
SELECT COALESCE(person.name, lead.name), kind.code, campaign.name
  FROM sop_interaction fact JOIN sop_interaction_type kind ON kind.id = fact.type_id
  LEFT JOIN res_partner person ON person.id = fact.partner_id LEFT JOIN crm_lead lead ON lead.id = fact.lead_id
  LEFT JOIN utm_campaign campaign ON campaign.id = fact.campaign_id
 WHERE fact.res_model = 'mailing.trace' ORDER BY 1, 2
"""


def test_fresh_database_gets_its_team(database):
    run_odoo(database, "-i", "sop_pipeline")
    assert database.sql("SELECT count(*) FROM crm_team WHERE sop_process") == [(1,)]

    # without the campaign apps their collectors are left out; with them each mail and SMS is an interaction, once
    run_odoo(database, script='env["sop.interaction"]._cron_collect(); env.cr.commit()')
    run_odoo(database, "-i", "mass_mailing_sms")
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serving(handler)) for name, handler in (("smtp", Mailbox), ("sms", SmsGateway))}
        run_odoo(database, script=CAMPAIGN % ports)
    assert database.sql(INTERACTIONS) == [
        ("Khách mới", "mail", "Tết"),
        ("Khách quen", "mail", "Tết"),
        ("Khách quen", "sms", "Tết"),
        ("Người đọc", "mail", "Tết"),
    ]
