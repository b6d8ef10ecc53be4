"""What the end-to-end tests stand on: a really started server, its clients, and a browser.

The server is a process of its own on a free port, over a clone of the demo template that
bin/test made; nothing of Odoo is imported here.
"""

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg2
import requests
from playwright.sync_api import TimeoutError as Timeout

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("SOP_HOME", ROOT / ".sop"))
#: What is promised in seconds is measured and printed; a machine that does other things too gets so many times more before a test fails
PATIENCE = 5
TEMPLATE = os.environ.get("SOP_TEMPLATE", "sop_demo")
OUTPUT = ROOT / "tests" / "output"
#: How Odoo is started: by its command file, see bin/environment.sh
ODOO = [os.environ.get("SOP_PYTHON", str(HOME / "venv/bin/python")), str(HOME / "odoo-bin")]

JOB = "sop.test.job"
#: What the job of a test does: it counts its runs, and the first hangs
HANG_ONCE = f"""
count = env['ir.config_parameter'].search([('key', '=', '{JOB}')])
count.write({{'value': str(int(count.value) + 1)}})
env.cr.commit()
if count.value == '1':
    time.sleep(600)
"""

#: A click on tel: hands over to the telephone, which a headless browser has not
NO_DIALLER = """
window.dialled = [];
const click = HTMLAnchorElement.prototype.click;
HTMLAnchorElement.prototype.click = function () {
    if (this.href.startsWith("tel:")) {
        window.dialled.push(this.href);
    } else {
        click.call(this);
    }
};
"""


def free_port():
    """A TCP port nobody listens on right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def administer(statement):
    """Run a statement that needs no transaction (CREATE, DROP DATABASE)."""
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def run_odoo(database, *arguments, addons=ROOT, script=None):
    """Run the Odoo command over a database to its end; what it logs must be no error, and where it installs no warning of a view or model.

    :param Server database: not served meanwhile
    :param script: Python for Odoo's shell
    :return: what it printed
    """
    done = subprocess.run(
        [
            *ODOO,
            *(["shell"] if script else []),
            f"--addons-path={addons}",
            f"--data-dir={HOME / 'data'}",
            f"--database={database.database}",
            "--no-http",
            "--log-level=warn",
            "--max-cron-threads=0",
            *([] if script else ["--stop-after-init"]),
            *arguments,
        ],
        input=script,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "ERROR" not in done.stderr and "CRITICAL" not in done.stderr, done.stderr[-4000:]
    if addons == ROOT and "-i" in arguments:
        assert not re.search(r"WARNING .* odoo\.addons\.base\.models\.ir_(ui_view|model)", done.stderr), done.stderr[-4000:]
    return done.stdout


class Server:
    """An Odoo server of this suite over a database of its own."""

    numbers = itertools.count(1)

    def __init__(self, template=TEMPLATE, workers=0):
        self.database = f"{template}_e2e{next(self.numbers)}{os.environ.get('PYTEST_XDIST_WORKER', '')}"
        self.template = template
        self.workers = workers
        self.process = None
        self.log = OUTPUT / f"{self.database}.log"

    def create(self):
        """Clone the template, database and filestore; core's own jobs, which would all begin at the start, wait for tomorrow."""
        self.drop()
        self.log.unlink(missing_ok=True)
        administer(f'CREATE DATABASE "{self.database}" TEMPLATE "{self.template}"')
        shutil.copytree(HOME / "data" / "filestore" / self.template, HOME / "data" / "filestore" / self.database)
        self.sql(
            """UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'
                WHERE id NOT IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module LIKE 'sop%%')"""
        )

    def drop(self):
        administer(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
        shutil.rmtree(HOME / "data" / "filestore" / self.database, ignore_errors=True)

    def start(self, *options):
        """Start the process and wait until it answers.

        :param options: further options of the Odoo command
        :raise RuntimeError: when it does not answer within two minutes, with the end of its log
        """
        self.port, self.live_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        OUTPUT.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *ODOO,
                    f"--addons-path={ROOT}",
                    f"--data-dir={HOME / 'data'}",
                    "-d",
                    self.database,
                    f"--db-filter=^{self.database}$",
                    f"--http-port={self.port}",
                    f"--gevent-port={self.live_port}",
                    "--http-interface=127.0.0.1",
                    f"--workers={self.workers}",
                    "--log-level=info",
                    "--db_maxconn=150",
                    *options,
                ],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.url}/web/health", timeout=5).ok:
                    return self
            except requests.RequestException:  # not up yet, or slow while the registry loads
                time.sleep(0.2)
            if self.process.poll() is not None:
                break
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self):
        """End the server and its workers in order."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self):
        """Kill the server at once, as a power cut would."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def connect(self):
        """A database connection of its own, for what no client may see."""
        return psycopg2.connect(dbname=self.database)

    def sql(self, query, *parameters):
        """Rows of a query, committed."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def ref(self, xmlid):
        """Id of the record with this external id."""
        [(res_id,)] = self.sql("SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s", *xmlid.split("."))
        return res_id

    def client(self, login, password=None):
        return Client(self, login, password or login)

    def operators_online(self):
        """Everybody of the live chat is there, whatever page was left a moment ago: without them no session opens."""
        self.sql(
            """INSERT INTO mail_presence (user_id, status, last_poll, last_presence)
               SELECT user_id, 'online', now() AT TIME ZONE 'UTC' + interval '1 hour', now() AT TIME ZONE 'UTC' + interval '1 hour'
                 FROM im_livechat_channel_im_user WHERE channel_id = %s
                   ON CONFLICT (user_id) WHERE user_id IS NOT NULL DO UPDATE
                  SET status = EXCLUDED.status, last_poll = EXCLUDED.last_poll, last_presence = EXCLUDED.last_presence""",
            self.ref("im_livechat.im_livechat_channel_data"),
        )

    def errors(self):
        """Lines of the log that tell of an error nobody should have caused.

        Without those two at once must make: the second is replayed, and Odoo logs the first try as a bad query. Core replays one thing
        not: a closing websocket's note that its reader has left, which the presence of their other page overtakes.
        """
        lines = self.log.read_text(errors="replace").splitlines()
        at_once = ("odoo.sql_db: bad query", "odoo.addons.bus.websocket: could not serialize access")
        return [line for line in lines if re.search(r" (ERROR|CRITICAL) ", line) and not any(words in line for words in at_once)]


class RpcError(Exception):
    """What the server answered instead of a result."""

    def __init__(self, error):
        self.name = error.get("data", {}).get("name", "")
        super().__init__(error.get("data", {}).get("message") or error.get("message"))


class Client:
    """A logged-in session over JSON-RPC, as a script or the web client holds one."""

    def __init__(self, server, login, password):
        self.url = server.url
        self.session = requests.Session()
        answer = self.post("/web/session/authenticate", db=server.database, login=login, password=password)
        self.uid = answer["uid"]
        self.context = answer["user_context"]  # as the web client does: language and time zone

    def post(self, path, **params):
        """Call a JSON-RPC route.

        :raise RpcError: with the server's message
        """
        response = self.session.post(f"{self.url}{path}", json={"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}, timeout=120)
        response.raise_for_status()
        answer = response.json()
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model."""
        kwargs.setdefault("context", self.context)
        return self.post(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=list(args), kwargs=kwargs)

    def create(self, model, **values):
        return self.call(model, "create", [values])[0]

    def read(self, model, record_id, *names):
        """One record's fields; many2one as [id, name]."""
        return self.call(model, "read", [record_id], list(names))[0]

    def search(self, model, *domain, **kwargs):
        return self.call(model, "search", list(domain), **kwargs)


def run_code(server, code):
    """Run a server action with this code as the administrator.

    :return: the server's words when it refuses; "ended" when the request has ended without an answer
    """
    for tries_left in range(4, -1, -1):
        try:
            client = server.client("admin")
            [model] = client.search("ir.model", ["model", "=", "res.partner"])
            action = client.create("ir.actions.server", name="Test", model_id=model, state="code", code=code)
            break
        except requests.RequestException:  # a job that met its limit just now has ended this, too
            if not tries_left:
                raise
            wait_for_answer(server)
    try:
        return client.call("ir.actions.server", "run", [action])
    except RpcError as error:
        return str(error)
    except requests.RequestException:
        return "ended"


def arm_job(database, runs=0):
    """Have one of the scheduled jobs do what HANG_ONCE says, due now."""
    database.sql("DELETE FROM ir_config_parameter WHERE key = %s", JOB)
    database.sql("INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)", JOB, str(runs))
    job = database.ref("sop_pipeline.ir_cron_next_action")
    database.sql("UPDATE ir_act_server SET code = %s WHERE id = (SELECT ir_actions_server_id FROM ir_cron WHERE id = %s)", HANG_ONCE, job)
    database.sql("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE id = %s", job)


def wait_for_job(database, runs, seconds=120):
    """Wait until the job has begun to run for the n-th time: it does once the server is up."""
    deadline = time.monotonic() + seconds
    while database.sql("SELECT 1 FROM ir_config_parameter WHERE key = %s AND value = %s", JOB, str(runs)) == []:
        assert time.monotonic() < deadline, f"the job has not begun its run {runs} in {seconds} s"
        with psycopg2.connect(dbname="postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [database.database])
        time.sleep(0.5)


def wait_for_answer(server, seconds=90):
    """Wait until a request of a person is answered."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return server.client("manager").search("sop.conversation", limit=1)
        except requests.RequestException:
            assert time.monotonic() < deadline, "the site stays down"
            time.sleep(0.5)


def wait_until(page, done, what, seconds=60):
    """Wait until ``done()`` while the page goes on: sleeping would hold up what is routed and heard here."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        page.wait_for_timeout(50)


def press(button):
    """Press a button that nothing covers, and that may be moved or drawn anew meanwhile: a mouse may press on one and let go on another."""
    button.click(trial=True)
    button.dispatch_event("click")


def open_inbox(page, server, login):
    log_in(page, server, login, "/odoo/inbox")
    page.locator(".o_inbox_record").first.wait_for()


def press_cart(page):
    """Press the cart below the chat; on a phone the tools are in one sheet."""
    if page.viewport_size["width"] < 500:
        page.locator("[name=more-actions]").click()
    page.locator("[name=sop-order]").click()


def open_livechat(page, server):
    """A visitor opens the shop's live chat."""
    for _try in range(3):
        server.operators_online()
        page.goto(f"{server.url}/shop")
        try:
            return page.locator(".o-livechat-LivechatButton").click()
        except Timeout:
            continue  # the server noticed only now that an operator of the test before has left
    raise AssertionError("the live chat is closed")


def say_in_livechat(page, words):
    """A visitor writes in the open live chat. Their page shows it before the server has it."""
    box = page.locator(".o-livechat-root .o-mail-Composer-input")
    box.fill(words)
    box.press("Enter")
    page.locator(".o-livechat-root .o-mail-Message", has_text=words).wait_for()


def ask_in_livechat(page, server, words):
    """A visitor opens the shop's live chat and writes words nobody else writes; returns the id of their conversation, which has the message."""
    query = """SELECT c.id FROM sop_conversation c JOIN mail_message m ON m.model = 'discuss.channel' AND m.res_id = c.channel_id
                WHERE position(%s in m.body) > 0 LIMIT 1"""
    open_livechat(page, server)
    say_in_livechat(page, words)
    wait_until(page, lambda: server.sql(query, words), "the visitor's message is there")
    [(conversation,)] = server.sql(query, words)
    return conversation


def log_in(page, server, login, path="/odoo", form=False):
    """Go to a page of the web client or the portal as a user; their password is their login.

    :param form: through the real form, as a person does; without it the session is taken from the server, which is quicker
    """
    if form:
        page.goto(f"{server.url}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", login)
        page.click(".oe_login_form button[type=submit]")
        page.wait_for_selector(".oe_login_form", state="detached")
        page.wait_for_load_state("load")
    else:
        cookie = server.client(login).session.cookies["session_id"]
        page.context.add_cookies([{"name": "session_id", "value": cookie, "url": server.url, "httpOnly": True}])
    page.goto(f"{server.url}{path}")
