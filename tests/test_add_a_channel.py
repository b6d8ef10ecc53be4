"""The platform of docs/add_a_channel.md, added by its four files alone, through the real stack; and that nothing of ours names a platform."""

import hashlib
import hmac
import re
import time
from contextlib import contextmanager

import pytest
from harness import ROOT, RpcError
from shop import Shop

from doubles.base import Double

ADDONS = ROOT / "tests" / "addons"
PIGEON = ADDONS / "sop_pigeon"
PAGE = (ROOT / "docs" / "add_a_channel.md").read_text()
SECRET, TOKEN, ACCOUNT, PERSON = "pigeon-secret", "pigeon-token", "loft-1", "an-7"
#: Words by which a platform is known, and who may use them: its own files, made-up data, tests, and the list of files
PLATFORM = re.compile(r"facebook|zalo|messenger|\bmeta\b", re.I)
KINDS = (".py", ".xml", ".js", ".scss", ".csv")


class Pigeon(Double):
    """The invented platform, written from the rules at the top of the page: what breaks one is refused."""

    def sign(self, raw):
        return {"X-Pigeon-Signature": hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}

    def say(self, text="", picture=""):
        """The customer writes."""
        self.people[PERSON] = time.time()
        body = {"account": ACCOUNT, "event": "message", "id": self.new_id("p"), "time": int(time.time()), "user": PERSON, "name": "Lê An"}
        self.notify(body | {"text": text} | ({"picture": picture} if picture else {}))

    def route(self, method, path, query, form, headers):
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}
        if (method, path) == ("POST", "pictures"):
            return 200, {"picture": self.new_id("f")}
        if (method, path) != ("POST", "messages") or bool(form.get("text")) == bool(form.get("picture")) or len(form.get("text") or "") > 500:
            return 400, {}
        if time.time() - self.people.get(form.get("to"), 0) > 24 * 3600:
            return 403, {}
        ref = self.new_id("p")
        self.sent.append({**form, "id": ref})
        echo = {"account": ACCOUNT, "event": "echo", "id": ref, "time": int(time.time()), "user": form["to"], "text": form.get("text") or ""}
        self.echo({**echo, "reference": form["reference"]})
        return 200, {"id": ref}


@contextmanager
def loft():
    """A server with the addon of the page, joined to Pigeon; yields (shop, Pigeon, administrator's client)."""
    running, pigeon = Shop(), Pigeon()
    address = pigeon.start()
    try:
        running.server.start(f"--addons-path={ROOT},{ADDONS}", "-i", "sop_pigeon")
        admin = running.server.client("admin")
        secrets = {"app_ref": "coo", "app_secret": SECRET, "webhook_key": "loft", "api_url": address}
        app = admin.create("sop.channel.app", provider="pigeon", **secrets)
        admin.create("sop.channel.account", app_id=app, external_id=ACCOUNT, access_token=TOKEN)
        pigeon.hook = f"{running.server.url}/sop/webhook/pigeon/loft"
        yield running, pigeon, admin
    finally:
        running.close()
        pigeon.stop()


def heard(running, pigeon):
    """Whether all that was reported is applied, and its files are here."""
    waiting = "SELECT 1 FROM sop_channel_event WHERE state = 'new' UNION SELECT 1 FROM sop_channel_media WHERE state = 'queued' LIMIT 1"
    return not pigeon.undelivered and not running.server.sql(waiting)


def test_the_invented_platform_runs_through_the_real_stack():
    """Signed webhook in, conversation, words and picture out, echo, and a closed window's refusal."""
    with loft() as (running, pigeon, admin):
        jobs = ("sop_channel_event_cron_apply", "sop_channel_media_cron_fetch", "sop_channel_message_cron_send")
        assert pigeon.post(b"{}") == 200
        pigeon.sign = lambda raw: {"X-Pigeon-Signature": "0"}
        assert pigeon.post(b'{"forged": true}') == 403
        del pigeon.sign

        pigeon.say("Shop ơi, còn áo xanh không?")
        pigeon.say(picture=f"{pigeon.url}/media/ao.png")
        running.wait(lambda: heard(running, pigeon), 60, *jobs)
        [chat] = admin.call("sop.conversation", "search_read", [["provider", "=", "pigeon"]], ["name", "channel_id", "unread_count", "is_unanswered"])
        assert (chat["name"], chat["unread_count"], chat["is_unanswered"]) == ("Lê An", 2, True)
        channel = chat["channel_id"][0]
        assert running.server.sql("SELECT mimetype FROM ir_attachment WHERE res_model = 'discuss.channel' AND res_id = %s", channel) == [
            ("image/png",)
        ]

        def reply(body="", **values):
            post = {"body": body, "message_type": "comment", "subtype_xmlid": "mail.mt_comment", **values}
            return admin.post("/mail/message/post", thread_model="discuss.channel", thread_id=channel, post_data=post)

        picture = admin.create("ir.attachment", name="xanh.png", datas="iVBORw0KGgo=", mimetype="image/png", res_model="mail.compose.message")
        reply("Dạ còn ạ " * 80, attachment_ids=[picture])
        sent = f"SELECT part, state, external_ref FROM sop_channel_message WHERE direction = 'out' AND conversation_id = {chat['id']} ORDER BY id"
        running.wait(lambda: {state for _part, state, _ref in running.server.sql(sent)} == {"sent"} and heard(running, pigeon), 60, *jobs)
        parts, _states, refs = zip(*running.server.sql(sent), strict=True)
        assert parts == ("text", "text", "file"), "longer words go in pieces"
        assert list(refs) == [message["id"] for message in pigeon.sent], "the echoes found their rows: nothing is there twice"
        assert pigeon.sent[2]["picture"]
        [messages] = running.server.sql(
            "SELECT count(*) FROM mail_message WHERE model = 'discuss.channel' AND res_id = %s AND sop_side = 'out'", channel
        )
        assert messages == (1,)

        running.server.sql("UPDATE sop_conversation SET last_inbound_at = last_inbound_at - interval '25 hours' WHERE id = %s", chat["id"])
        with pytest.raises(RpcError, match="Pigeon.*24"):
            reply("Còn hàng ạ")
        assert len(pigeon.sent) == 3
        panel = admin.call("sop.conversation", "get_panel", [chat["id"]])
        assert not panel["window"]["open"]
        assert not running.server.errors()


def test_the_pages_code_is_the_fixtures():
    """Who types what the page shows has the addon that runs above: at most four files."""
    shown = dict(re.findall(r"^`sop_pigeon/([\w.]+)`[^\n]*\n\n```python\n(.*?)^```", PAGE, re.S | re.M))
    files = {path.name: path.read_text() for path in PIGEON.iterdir() if path.is_file()}
    assert shown == files
    assert len(files) <= 4
    assert {path.name for path in PIGEON.iterdir()} - files.keys() <= {"__pycache__"}


def test_the_page_names_every_hook():
    """All that a platform may answer stands in the page's table."""
    source = (ROOT / "sop_inbox/models/channel/sop_provider.py").read_text()
    hooks = set(re.findall(r"    @api\.private\n    def (\w+)\(", source)) | set(re.findall(r"^    (_[a-z_]+) = ", source, re.M))
    hooks -= {"_name", "_description", "_is_remote"}
    named = set(re.findall(r"^\| `(\w+)", PAGE.partition("## The whole contract")[2], re.M))
    assert hooks == named


def table_of_kinds():
    """The page's table of kinds: dict of kinds -> names that it says stand in their data."""
    [table] = re.findall(r"^\| Kind .*?\n\n", PAGE, re.S | re.M)
    rows = [line.strip("|").split("|") for line in table.strip().splitlines()[2:]]
    return {tuple(re.findall(r"`(\w+)`", row[0])): set(re.findall(r"`(\w+)`", row[2].partition("`data`:")[2])) for row in rows}


def test_the_page_names_every_kind_of_fact():
    """All that can be applied stands in the page's table of kinds, and nothing else."""
    appliers = [(ROOT / f"sop_inbox/models/inbound/{name}.py").read_text() for name in ("sop_channel_applier", "sop_comment_applier")]
    kinds = set(re.findall(r"def _apply_(\w+)\(self, account, fact\)", "\n".join(appliers)))
    named = {kind for kinds in table_of_kinds() for kind in kinds}
    assert named - {"unknown"} == kinds


def test_the_page_names_all_that_may_stand_in_the_data():
    """What else a parser returns is refused; a comment's names stand in the code the page points to."""
    known = {}
    [source] = re.findall(r"^_SAID = .*?^}", (ROOT / "sop_inbox/tools/facts.py").read_text(), re.S | re.M)
    exec(source, known)
    table = table_of_kinds()
    table["echo",] |= table.pop(("message",))
    for kinds, names in table.items():
        if kinds not in (("comment",), ("unknown",)):
            assert names == set().union(*(known["DATA"][kind] for kind in kinds)), kinds


def test_nothing_outside_a_platforms_own_files_names_it():
    """Facebook's and Zalo's files are known by their names, or stand in the package of platforms."""
    wrong = []
    for path in sorted((ROOT / "sop_inbox").rglob("*")):
        place = path.relative_to(ROOT / "sop_inbox")
        if path.suffix not in KINDS or PLATFORM.search(path.name) or {"tests", "demo", "i18n", "lib"} & set(place.parts):
            continue
        if place.parts[:2] == ("models", "platform"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if PLATFORM.search(line) and not (place.name == "__manifest__.py" and re.fullmatch(r'\s+"views/\w+_views\.xml",', line)):
                wrong.append(f"{place}:{number}: {line.strip()[:120]}")
    assert wrong == []
