"""A shop on Facebook and Zalo: a server joined to doubles of both platforms."""

import sys
import time

import psycopg2
from harness import ROOT, Server

sys.path.insert(0, str(ROOT))
from doubles.facebook import Facebook
from doubles.zalo import Zalo

PAGE = "/sop/webhook/facebook/demo-facebook"
OA = "/sop/webhook/zalo/demo-zalo"


class Shop:
    """A server of its own over the demo shop, joined to doubles of both platforms."""

    def __init__(self, workers=0):
        self.server = Server(workers=workers)
        self.server.create()
        self.facebook, self.zalo = Facebook(seed=5), Zalo(seed=6)
        for double, xmlid in ((self.facebook, "app_facebook"), (self.zalo, "app_zalo")):
            self.server.sql("UPDATE sop_channel_app SET api_url = %s WHERE id = %s", double.start(), self.server.ref(f"sop_inbox.{xmlid}"))
        # short waits, so that a test sees in seconds what takes minutes
        for name, value in (("claim_seconds", 4), ("echo_seconds", 12)):
            self.server.sql(
                "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
                f"sop_inbox.{name}",
                str(value),
            )
        self.server.sql("UPDATE sop_channel_media SET state = 'done'")
        self.server.sql("UPDATE sop_channel_account SET token_expires_at = now() + interval '1 day' WHERE provider = 'zalo'")

    def start(self, *options):
        self.server.start(*options)
        self.facebook.hook, self.zalo.hook = self.server.url + PAGE, self.server.url + OA
        return self

    def kill(self):
        """As a power cut would: the server and all its threads, at whatever they are doing."""
        self.server.kill()

    def restart(self):
        self.kill()
        return self.start()

    def close(self):
        self.server.stop()
        self.server.drop()
        self.facebook.stop()
        self.zalo.stop()

    def wake(self, *names):
        """Have scheduled jobs run now, and what waits for a later attempt be due."""
        now = "now() at time zone 'UTC'"
        self.server.sql(f"UPDATE sop_channel_message SET next_attempt_at = {now} WHERE state = 'queued' AND next_attempt_at > {now}")
        self.server.sql("UPDATE sop_channel_account SET paused_until = NULL WHERE paused_until IS NOT NULL")
        for name in names:
            self.server.sql(
                "INSERT INTO ir_cron_trigger (cron_id, call_at) VALUES (%s, now() at time zone 'UTC')", self.server.ref(f"sop_inbox.{name}")
            )
        with psycopg2.connect(dbname="postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.server.database])

    def wait(self, done, seconds=60, *names):
        """Wait until ``done()``, waking the named jobs now and then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if done():
                return
            if names:
                self.wake(*names)
            time.sleep(1)
        raise AssertionError(f"not done after {seconds} s")

    def all_heard(self):
        """Whether Facebook has nothing more to tell and all it told is applied; in this order, for what is told meanwhile waits to be applied."""
        return not self.facebook.undelivered and not self.server.sql("SELECT 1 FROM sop_channel_event WHERE state = 'new' LIMIT 1")

    def chat(self, person, account="account_page"):
        rows = self.server.sql(
            """SELECT c.id, c.channel_id FROM sop_conversation c JOIN sop_identity i ON i.id = c.identity_id
                WHERE i.external_id = %s AND c.kind = 'message' AND c.account_id = %s""",
            person,
            self.server.ref(f"sop_inbox.{account}"),
        )
        return rows[0] if rows else None

    def chats(self, people):
        """Chats (ids of discuss.channel) of the page's customers: dict customer -> id."""
        return dict(
            self.server.sql(
                """SELECT i.external_id, c.channel_id FROM sop_conversation c JOIN sop_identity i ON i.id = c.identity_id
                    WHERE i.external_id = ANY(%s) AND c.kind = 'message' AND c.account_id = %s""",
                people,
                self.server.ref("sop_inbox.account_page"),
            )
        )
