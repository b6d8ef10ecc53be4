"""Facebook and Zalo through the real stack: doubles over HTTP, a server that is killed, nothing lost, nothing double."""

import collections
import contextlib
import hashlib
import json
import os
import random
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests
from harness import RpcError

from doubles.facebook import Facebook

pytestmark = pytest.mark.concurrency

SIZE = int(os.environ.get("SOP_CHAOS", 1))  # times the size that fits the suite's time
SEED = int(os.environ.get("SOP_SEED", 1))  # of the storm's chances
EVENTS = 5  # of each customer in the storm


def history(double, person, number, start):
    """Bodies of what happens with one customer on the page, in the order it happened: words, second thoughts, answers, marks."""
    dice = random.Random(number)
    mids, bodies = [], []
    kinds = ("message", "message", "message", "edit", "delete", "react", "echo", "read", "comment", "hide", "change")
    for step in range(EVENTS):
        at, kind = start + number + 30 * step, kinds[dice.randrange(len(kinds))] if step else "message"
        mid = f"m-{person}-{step}"
        if kind == "message":
            mids.append(mid)
            text = f"tin {step}" + (f", 09012345{number % 90 + 10}" if dice.random() < 0.1 else "")
            bodies.append(double.messaging(person, double.page, at, message={"mid": mid, "text": text}))
        elif kind == "edit":
            edit = {"mid": dice.choice(mids), "text": f"sửa {step}", "num_edit": step}
            bodies.append(double.messaging(person, double.page, at, message_edit=edit))
        elif kind == "delete":
            bodies.append(double.messaging(person, double.page, at, message={"mid": dice.choice(mids), "is_deleted": True}))
        elif kind == "react":
            reaction = {"mid": dice.choice(mids), "action": "react", "emoji": dice.choice("❤😮👍")}
            bodies.append(double.messaging(person, double.page, at, reaction=reaction))
        elif kind == "echo":
            bodies.append(double.messaging(double.page, person, at, message={"mid": mid, "text": f"shop {step}", "is_echo": True, "app_id": "9"}))
        elif kind == "read":
            bodies.append(double.messaging(person, double.page, at, read={"watermark": int(at * 1000)}))
        else:
            bodies.append(commented(double, kind, person, dice.randrange(step + 1), step, at))
    return bodies


def commented(double, kind, person, first, step, at):
    """Body of something that happens to a customer's comment; it may have no comment ever."""
    post = f"{double.page}_storm"
    verb, number = {"comment": ("add", step), "hide": ("hide", first), "change": ("edited", first)}[kind]
    body = double.feed(verb, f"{post}_{person}x{number}", f"bình luận {step}", person, "Khách", post)
    body["entry"][0]["time"] = body["entry"][0]["changes"][0]["value"]["created_time"] = int(at)
    return body


def outcome_of(shop, people):
    """What everything came to, customer by customer, without what differs from run to run."""
    talks = shop.server.sql(
        """SELECT i.external_id, c.kind, c.unread_count, c.is_unanswered, c.preview, c.phone, c.last_inbound_at, c.last_outbound_at,
                  (SELECT array_agg(row(m.body, m.date, m.sop_side)::text ORDER BY m.date, m.body) FROM mail_message m
                    WHERE m.model = 'discuss.channel' AND m.res_id = c.channel_id AND m.sop_side IS NOT NULL)
             FROM sop_conversation c JOIN sop_identity i ON i.id = c.identity_id WHERE i.external_id = ANY(%s)""",
        people,
    )
    rows = shop.server.sql(
        """SELECT r.external_ref, r.direction, r.text, r.is_removed, r.is_hidden, r.reactions, r.state, r.at FROM sop_channel_message r
            WHERE substring(r.external_ref from '(?:^m-|_)(s[0-9]+[a-z])') = ANY(%s)""",
        people,
    )
    found = collections.defaultdict(list)
    for row in [*talks, *rows]:
        [person] = set(re.findall(r"s\d+[ab]", row[0]))
        found[person[:-1]].append(repr(row).replace(person, person[:-1]))
    return {person: sorted(lines) for person, lines in found.items()}


def status_of(url, *parts, cut=False):
    """Send bytes as they are, and with ``cut`` nothing more; return the answer's status, None when the server hung up."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=60) as line, contextlib.suppress(ConnectionError):
        with contextlib.suppress(ConnectionError):  # it may have answered before it has read all
            for part in parts:
                line.sendall(part)
            if cut:
                line.shutdown(socket.SHUT_WR)
        answer = line.recv(200)
        return int(answer.split()[1]) if answer else None


def test_bodies_in_chunks_or_cut_short(shop):
    """What is cut short, too long or in broken chunks is refused: no 500, and nothing of it is kept; whole chunks are read or refused."""
    double, url = shop.facebook, shop.facebook.hook
    errors = len(shop.server.errors())
    raw = json.dumps(double.messaging("chunks", double.page, message={"mid": "m_chunks", "text": "Alo"})).encode()

    def head(*lines):
        fixed = [f"POST {urlsplit(url).path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json", "Connection: close"]
        signed = [f"{name}: {value}" for name, value in double.sign(raw).items()]
        return "\r\n".join([*fixed, *signed, *lines, "", ""]).encode()

    chunked, chunk = head("Transfer-Encoding: chunked"), b"%x\r\n%s\r\n" % (len(raw), raw)
    statuses = {
        "cut": status_of(url, head(f"Content-Length: {len(raw)}"), raw[:-20], cut=True),
        "chunk cut": status_of(url, chunked, chunk[:-20], cut=True),
        "no last chunk": status_of(url, chunked, chunk, cut=True),
        "no number": status_of(url, chunked, b"xyz\r\n", raw, cut=True),
        "negative": status_of(url, head("Content-Length: -5"), raw),
        "no length": status_of(url, head(), raw),
        "too long": status_of(url, head("Content-Length: 999999999"), raw),
        "endless": status_of(url, chunked, *[b"100000\r\n" + b" " * 0x100000 + b"\r\n"] * 8, cut=True),
    }
    assert {name: status for name, status in statuses.items() if status and not 400 <= status < 500} == {}
    assert not shop.server.sql("SELECT 1 FROM sop_channel_event WHERE payload::text LIKE '%%m_chunks%%'")
    whole = status_of(url, chunked, chunk, b"0\r\n\r\n")
    kept = len(shop.server.sql("SELECT 1 FROM sop_channel_event WHERE payload::text LIKE '%%m_chunks%%'"))
    assert (whole, kept) in ((200, 1), (403, 0), (411, 0)), "said to be taken only when it is"
    assert len(shop.server.errors()) == errors


def test_storm_of_events_with_kills(shop):
    """Mixed events, each one to ten times in any order over 16 connections, the server killed twice: as if told once, in order."""
    dice = random.Random(SEED)
    numbers, start = range(16 * SIZE), int(time.time()) - 7200
    clean, wild = ([f"s{number}{letter}" for number in numbers] for letter in "ab")
    quiet = [history(shop.facebook, person, number, start) for number, person in enumerate(clean)]
    loud = [body for number, person in enumerate(wild) for body in history(shop.facebook, person, number, start)]
    loud = [body for body in loud for _time in range(dice.randint(1, 10))]
    dice.shuffle(loud)

    for step in range(EVENTS):  # in order: what comes next waits for what came before
        shop.facebook.notify_all([bodies[step] for bodies in quiet])
    shop.wait(shop.all_heard, 120 * SIZE, "sop_channel_event_cron_apply")

    began = time.monotonic()
    storm = threading.Thread(target=shop.facebook.notify_all, args=(loud,))
    storm.start()
    kills = 0
    while kills < 2 or (storm.is_alive() and kills < SIZE):
        time.sleep(dice.uniform(1, 4))
        shop.restart()
        kills += 1
    storm.join()
    shop.wait(shop.all_heard, 120 * SIZE, "sop_channel_event_cron_apply")
    seconds = time.monotonic() - began
    print(f"storm: {len(numbers)} customers, {len(numbers) * EVENTS} events, {len(loud)} deliveries, {kills} kills, {seconds:.0f} s")
    told, wanted = outcome_of(shop, wild), outcome_of(shop, clean)
    assert len(wanted) == len(numbers)
    for person, lines in wanted.items():
        assert told[person] == lines, "as told once, in order"
    assert not shop.server.sql("SELECT 1 FROM sop_channel_event WHERE state = 'dead'")


def test_replies_through_a_bad_line_with_kills(shop):
    """Answers and requests lost, echoes late and twice, the server killed: every reply arrives once, or waits for a person who sends it again."""
    people = [f"6{number:05d}" for number in range(10 * SIZE)]
    shop.facebook.people.update(dict.fromkeys(people, time.time()))
    shop.facebook.notify_all([shop.facebook.messaging(person, shop.facebook.page, message={"mid": f"m{person}", "text": "Alo"}) for person in people])
    shop.wait(lambda: len(shop.chats(people)) == len(people), 60 * SIZE, "sop_channel_event_cron_apply")
    began, chats = time.monotonic(), shop.chats(people)
    before = len(shop.facebook.sent)
    shop.facebook.faults.update(
        lose_request=0.1, lose_answer=0.1, error_after=0.1, rate=0.03, echo_twice=0.3, echo_late=16, echo_first=0.2, delay=0.1
    )
    # some echoes come later than they are waited for: that they have not come proves nothing
    wanted = []
    client = shop.server.client("manager")
    for turn in range(3):
        for person in people:
            text = f"trả lời {turn} cho {person}"
            wanted.append((person, text))
            client.post(
                "/mail/message/post",
                thread_model="discuss.channel",
                thread_id=chats[person],
                post_data={"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            )
        if turn < 2:
            shop.restart()
            client = shop.server.client("manager")

    def settled():
        """Every row is decided, and whatever the platform has to tell is told and applied."""
        waiting = "SELECT 1 FROM sop_channel_message WHERE state IN ('queued', 'sending', 'unknown') AND person_ref = ANY(%s) LIMIT 1"
        return not shop.server.sql(waiting, people) and shop.all_heard()

    def arrivals():
        return [(item["to"], item["text"]) for item in shop.facebook.sent[before:]]

    def rows():
        found = "SELECT person_ref, text, state, id FROM sop_channel_message WHERE direction = 'out' AND person_ref = ANY(%s)"
        return {(person, text): (state, row) for person, text, state, row in shop.server.sql(found, people)}

    jobs = ("sop_channel_message_cron_send", "sop_channel_event_cron_apply")
    try:
        shop.wait(settled, 300 * SIZE, *jobs)
    finally:
        shop.facebook.faults.update(Facebook.FAULTS)
    print(f"replies: {len(wanted)} through a bad line in {time.monotonic() - began:.0f} s")
    arrived, states = collections.Counter(arrivals()), {key: state for key, (state, _row) in rows().items()}
    assert not [key for key, count in arrived.items() if count > 1], "none sent twice"
    assert sorted(states) == sorted(wanted), "none unaccounted, none invented"
    told = {key for key, state in states.items() if state in ("sent", "delivered", "read")}
    assert told == set(arrived), "sent means sent, and the echo tells of all that arrived"
    assert len(arrived) >= 0.5 * len(wanted)
    order = collections.defaultdict(list)
    for person, text in arrivals():
        order[person].append(text)
    assert not [person for person in people if order[person] != sorted(order[person])], "the order of a conversation is kept"

    # what did not go waits for a person, who looks and sends it again: nothing is lost
    left = [row for state, row in rows().values() if state == "failed"]
    print(f"replies: {len(left)} left to a person")
    client.call("sop.channel.message", "action_retry", left)
    shop.wait(settled, 300 * SIZE, *jobs)
    assert sorted(arrivals()) == sorted(wanted), "all there, each once"


@pytest.mark.parametrize("hold", [{"before": 2}, {"after": 2}, {}], ids=["while it asks", "token used, answer under way", "just saved"])
def test_zalo_renewal_survives_a_kill(shop, hold):
    """The server dies while the one-use refresh token is swapped: the account goes on, the token was used once."""
    person = f"zalo-{hold or 'none'}"
    shop.zalo.play_say(person, "Alo shop")
    shop.wait(lambda: shop.chat(person, "account_oa"), 60, "sop_channel_event_cron_apply")
    used = len(shop.zalo.used)
    shop.zalo.play_hold(**hold)
    shop.zalo.play_expire()
    renewals = len([call for call in shop.zalo.calls if "access_token" in call[1]])
    client = shop.server.client("manager")
    client.post(
        "/mail/message/post",
        thread_model="discuss.channel",
        thread_id=shop.chat(person, "account_oa")[1],
        post_data={"body": "Dạ shop đây", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and len([call for call in shop.zalo.calls if "access_token" in call[1]]) == renewals:
        time.sleep(0.02)
    time.sleep(0.3 if hold else 0.05)
    shop.restart()

    def answered():
        """It went; or it was on the wire in the very moment of the kill, nobody knows, and a person sends it again."""
        lost = shop.server.sql(
            "SELECT id FROM sop_channel_message WHERE person_ref = %s AND state = 'failed' AND reason IN ('lost', 'interrupted')", person
        )
        arrived = [item for item in shop.zalo.sent if item["to"] == person]
        if lost and not arrived:
            shop.server.client("manager").call("sop.channel.message", "action_retry", list(lost[0]))
        return arrived

    shop.wait(answered, 60, "sop_channel_message_cron_send")
    assert (len(shop.zalo.used), shop.zalo.refused) == (used + 1, 0), "used once, never a used one"
    account = shop.server.ref("sop_inbox.account_oa")
    assert shop.server.sql("SELECT access_token, refresh_token FROM sop_channel_account WHERE id = %s", account) == [
        (shop.zalo.token, shop.zalo.refresh)
    ]
    assert [item["text"] for item in shop.zalo.sent if item["to"] == person] == ["Dạ shop đây"]


def test_pictures_names_and_posts_are_fetched(shop):
    shop.facebook.play_say("70001", "", picture=True)
    shop.facebook.play_comment("80001", "Còn hàng không, 0912345678", name="Lê Thị C")

    def there():
        files = shop.server.sql(
            """SELECT count(*) FROM message_attachment_rel a JOIN sop_channel_message r ON r.mail_message_id = a.message_id
                WHERE r.person_ref = '70001'"""
        )
        names = shop.server.sql("SELECT name FROM sop_identity WHERE external_id = '70001'")
        posts = shop.server.sql("SELECT message FROM sop_channel_post WHERE external_id = %s", f"{shop.facebook.page}_900")
        return files[0][0] and names == [("Người Mua 0001",)] and posts == [("Bài viết 900: Váy hoa mới về",)]

    shop.wait(there, 60, "sop_channel_event_cron_apply", "sop_channel_media_cron_fetch")
    hidden = [comment for comment in shop.facebook.comments.values() if comment["from"] == "80001"]
    kept = """SELECT c.has_phone, c.phone, r.is_hidden FROM sop_channel_message r JOIN sop_conversation c ON c.id = r.conversation_id
               WHERE r.person_ref = '80001' AND r.direction = 'in'"""
    shop.wait(lambda: shop.server.sql(kept) == [(True, "+84912345678", True)], 60, "sop_channel_message_cron_send")
    assert hidden[0]["hidden"], "hidden on the platform"


def test_conversions_are_told_once_and_with_consent(shop):
    """Over HTTP to the end: cart and purchase of who agreed, once; nothing of who took it back or whose order was cancelled."""
    client = shop.server.client("manager")
    [product] = client.search("product.product", ["list_price", ">", 0], ["type", "=", "consu"], limit=1)
    people = {"agreed": "310001", "withdrew": "310002", "cancelled": "310003"}
    orders = {}
    for name, person in people.items():
        shop.facebook.play_say(person, f"Mua 1 cái, 09870000{person[-2:]}")
        shop.wait(lambda: shop.chat(person), 60, "sop_channel_event_cron_apply")  # noqa: B023
        conversation = shop.chat(person)[0]
        partner = client.call("sop.conversation", "action_create_partner", [conversation])
        client.call("res.partner", "write", [partner], {"sop_tracking_consent": name == "withdrew"})
        if name == "withdrew":
            client.call("res.partner", "write", [partner], {"sop_tracking_consent": False})
        values = {"lines": [{"product_id": product, "qty": 1}], "confirm": True}
        orders[name] = client.call("sop.conversation", "action_create_order", [conversation], values)
        if name == "cancelled":
            client.call("sale.order", "action_cancel", [orders[name]], context=client.context | {"disable_cancel_warning": True})
        if name != "withdrew":
            client.call("res.partner", "write", [partner], {"sop_tracking_consent": True})

    def told(person):
        events = list(shop.facebook.events.values())
        return sorted(event["event_name"] for event in events if event["user_data"].get("page_scoped_user_id") == person)

    shop.wait(lambda: told(people["agreed"]) == ["AddToCart", "Purchase"], 60, "sop_conversion_event_cron_send")
    [purchase] = [event for event in shop.facebook.events.values() if event["event_id"].endswith(f"-{orders['agreed']}-purchase")]
    assert purchase["user_data"]["ph"] == [hashlib.sha256(b"84987000001").hexdigest()]
    assert purchase["custom_data"]["value"] == client.read("sale.order", orders["agreed"], "amount_total")["amount_total"]
    states = "SELECT kind, state FROM sop_conversion_event WHERE order_id = %s ORDER BY kind"
    shop.wait(lambda: shop.server.sql(states, orders["agreed"]) == [("add_to_cart", "sent"), ("purchase", "sent")], 60)
    posts = shop.facebook.event_posts
    # whatever is woken once more: what is told is told, the others stay as they are
    ran, cron = "SELECT lastcall FROM ir_cron WHERE id = %s", shop.server.ref("sop_inbox.sop_conversion_event_cron_send")
    for _run in range(2):  # the first may have been under way
        before = shop.server.sql(ran, cron)
        shop.wait(lambda: shop.server.sql(ran, cron) != before, 60, "sop_conversion_event_cron_send")  # noqa: B023
    assert (told(people["withdrew"]), told(people["cancelled"]), shop.facebook.event_posts) == ([], [], posts)
    assert {state for _kind, state in shop.server.sql(states, orders["cancelled"])} <= {"cancelled", "skipped"}
    assert {state for _kind, state in shop.server.sql(states, orders["withdrew"])} == {"queued"}


def test_secrets_stay_with_the_system(shop):
    """No role but the administrator's reads a secret, by whatever way."""
    account = shop.server.ref("sop_inbox.account_page")
    app = shop.server.ref("sop_inbox.app_facebook")
    for login in ("manager", "sales"):
        client = shop.server.client(login)
        for model, record, name in (
            ("sop.channel.account", account, "access_token"),
            ("sop.channel.app", app, "app_secret"),
            ("sop.channel.app", app, "webhook_key"),
        ):
            for method, arguments in (
                ("read", [[record], [name]]),
                ("search_read", [[[name, "!=", False]], [name]]),
                ("export_data", [[record], [name]]),
            ):
                with pytest.raises(RpcError):
                    client.call(model, method, *arguments)
    with pytest.raises(RpcError):
        shop.server.client("seller").call("sop.channel.message", "search_read", [], ["text"])


def test_accept_is_quick_while_a_worker_is_busy(shop):
    """Not above a second, whatever the worker does. Of three rounds one must show it: a machine that stands still proves nothing."""

    def slowest(turn):
        """Seconds of 19 in 20 answers at most."""
        spent = []
        for number in range(60):
            message = {"mid": f"quick{turn}x{number}", "text": "nhanh"}
            raw = json.dumps(shop.facebook.messaging(f"9{number % 5:05d}", shop.facebook.page, message=message)).encode()
            start = time.perf_counter()
            answer = requests.post(shop.facebook.hook, raw, headers=shop.facebook.sign(raw), timeout=30)
            spent.append(time.perf_counter() - start)
            assert answer.status_code == 200
        return sorted(spent)[-4]

    turns = (slowest(turn) for turn in range(3))
    assert any(seconds < 1 for seconds in turns)
    assert not [line for line in shop.server.errors() if "Channels" in line and "failed" in line]
