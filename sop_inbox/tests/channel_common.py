import json

from odoo import fields

from ..tools.outcome import Answer, Outcome, converse
from .common import InboxCommon

PAGE, PSID, OA, ZUSER = "1000001", "7000001", "1646843870823903717", "5510185758261927916"
POST = f"{PAGE}_900"


def parse(tools, body):
    """Facts of a whole body, as a platform's parser reads them."""
    return [tools.read(item) for item in tools.split(body)]


def ms(moment):
    """Milliseconds since 1970 of a naive UTC datetime."""
    return int((moment - fields.Datetime.to_datetime("1970-01-01")).total_seconds() * 1000)


class ChannelCommon(InboxCommon):
    """The shop of InboxCommon with a Facebook page and a Zalo account of team North.

    ``hear*`` is what the platform tells, ``deliver`` lets the outbox talk to a platform played by a function.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.subtract(cls.env.cr.now().replace(microsecond=0), seconds=60)
        cls.fb_app, cls.zalo_app = cls.env["sop.channel.app"].create(
            [
                {"provider": "facebook", "app_ref": "app1", "app_secret": "app_secret", "verify_token": "vt", "webhook_key": "kfb"},
                {"provider": "zalo", "app_ref": "123", "app_secret": "zs", "oa_secret": "oa_secret", "webhook_key": "kz"},
            ]
        )
        cls.page, cls.oa = cls.env["sop.channel.account"].create(
            [
                {"name": "Trang", "app_id": cls.fb_app.id, "external_id": PAGE, "access_token": "T1", "team_id": cls.north.id},
                {"name": "OA", "app_id": cls.zalo_app.id, "external_id": OA, "access_token": "Z1", "refresh_token": "R1", "team_id": cls.north.id},
            ]
        )

    # === IN ===

    def hear(self, app, body):
        """Store a body as the webhook does and apply it; returns the events."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        events = self.env["sop.channel.event"]
        before = events.search([], limit=1).id or 0
        events._store(app, app._get_service().split(raw))
        new = events.search([("id", ">", before)], order="id")
        new._apply({})
        return new

    def messenger(self, seconds=0, sender=PSID, recipient=PAGE, **parts):
        """Body of one Messenger event ``seconds`` from now (default now)."""
        at = fields.Datetime.add(self.now, seconds=seconds)
        event = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": ms(at), **parts}
        return {"object": "page", "entry": [{"id": PAGE, "time": ms(at), "messaging": [event]}]}

    def later(self):
        """Seconds from ``now`` to just after this moment: when somebody writes who has seen what was said up to here."""
        return (fields.Datetime.now() - self.now).total_seconds() + 1

    def hear_text(self, text="Chào shop", mid="m_1", seconds=0, **message):
        return self.hear(self.fb_app, self.messenger(seconds, message={"mid": mid, "text": text, **message}))

    def hear_echo(self, text, mid, seconds=0, **message):
        body = self.messenger(seconds, PAGE, PSID, message={"mid": mid, "text": text, "is_echo": True, **message})
        return self.hear(self.fb_app, body)

    def comment_body(self, verb="add", ref=f"{POST}_1", text="Còn hàng không?", seconds=0, sender="8000001", **value):
        at = ms(fields.Datetime.add(self.now, seconds=seconds)) // 1000
        value = {
            "item": "comment",
            "verb": verb,
            "comment_id": ref,
            "post_id": POST,
            "parent_id": POST,
            "message": text,
            "created_time": at,
            "from": {"id": sender, "name": "Trần Thị B"},
            **value,
        }
        return {"object": "page", "entry": [{"id": PAGE, "time": at, "changes": [{"field": "feed", "value": value}]}]}

    def hear_comment(self, *args, **kwargs):
        return self.hear(self.fb_app, self.comment_body(*args, **kwargs))

    def zalo_body(self, name="user_send_text", mid="z1", text="Chào shop", seconds=0, **parts):
        ours = name.startswith("oa_") or name in ("user_seen_message", "user_received_message")
        sender, recipient = (OA, ZUSER) if ours else (ZUSER, OA)
        return {
            "app_id": "123",
            "event_name": name,
            "sender": {"id": sender},
            "recipient": {"id": recipient},
            "message": {"msg_id": mid, "text": text},
            "timestamp": str(ms(fields.Datetime.add(self.now, seconds=seconds))),
            **parts,
        }

    def hear_zalo(self, *args, **kwargs):
        return self.hear(self.zalo_app, self.zalo_body(*args, **kwargs))

    def chat(self, account=None, kind="message"):
        """The one conversation of this kind on the account."""
        found = self.env["sop.conversation"].search([("account_id", "=", (account or self.page).id), ("kind", "=", kind)])
        self.assertEqual(len(found), 1)
        return found

    def row(self, ref):
        return self.env["sop.channel.message"].search([("external_ref", "=", ref)])

    # === OUT ===

    def deliver(self, transport, rounds=1):
        """Let the outbox talk to a platform; returns the calls it made."""
        calls, rows = [], self.env["sop.channel.message"]

        def listen(call):
            calls.append(call)
            answer = transport(call)
            return answer if isinstance(answer, Answer) else Answer(200, answer)

        for _round in range(rounds):
            claimed = rows._claim()
            talks = {row: row._open_dialogue() for row in claimed}
            outcomes = {row: talk if isinstance(talk, Outcome) else converse(talk, listen) for row, talk in talks.items()}
            rows._record(outcomes)
        return calls


class TalkCommon(ChannelCommon):
    """A customer has written on the page, and people reply."""

    def setUp(self):
        super().setUp()
        self.hear_text()
        self.talk = self.chat()

    def say_back(self, text="Dạ còn ạ", **kwargs):
        """Reply to the customer; returns the rows on their way to the platform."""
        message = self.reply(self.talk, text, **kwargs)
        return self.env["sop.channel.message"].search([("mail_message_id", "=", message.id)], order="id")
