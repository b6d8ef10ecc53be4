"""The inbox when the server dies in a burst, when two want the same, and when rubbish comes in."""

import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from harness import HOME, ODOO, ROOT, RpcError

VISITORS = 6


class Visitor:
    """A visitor of the site's live chat over HTTP, as the widget talks."""

    def __init__(self, server, livechat):
        self.url, self.session = server.url, requests.Session()
        self.acknowledged, self.sent = [], []
        answer = self.post("/im_livechat/get_session", channel_id=livechat, persisted=True)
        self.channel = answer["channel_id"]

    def post(self, path, **params):
        response = self.session.post(f"{self.url}{path}", json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=30)
        response.raise_for_status()
        answer = response.json()
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def say(self, words):
        self.sent.append(words)
        data = {"body": words, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self.post("/mail/message/post", thread_model="discuss.channel", thread_id=self.channel, post_data=data)
        self.acknowledged.append(words)


def check_command(server, *options):
    """Run the command that counts every counter again."""
    command = [*ODOO, f"--addons-path={ROOT}", "sop_inbox_check", "-d", server.database, f"--data-dir={HOME / 'data'}", "--log-level=error", *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=600)


@pytest.mark.concurrency
def test_killed_in_the_middle_of_a_burst(own_server):
    server = own_server.start("--max-cron-threads=0")
    server.operators_online()
    livechat = server.ref("im_livechat.im_livechat_channel_data")
    visitors = [Visitor(server, livechat) for _number in range(VISITORS)]
    stop = threading.Event()

    def burst(visitor):
        number = 0
        while not stop.is_set():
            try:
                visitor.say(f"tin {visitor.channel}-{number} sđt 09{visitor.channel % 100:02d}{number:06d}")
            except (requests.RequestException, RpcError):
                return
            number += 1

    with ThreadPoolExecutor(VISITORS) as pool:
        running = [pool.submit(burst, visitor) for visitor in visitors]
        deadline = time.monotonic() + 60
        while sum(len(visitor.acknowledged) for visitor in visitors) <= 4 * VISITORS and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(random.uniform(0, 0.3))
        server.kill()
        stop.set()
        for job in running:
            job.result()
    server.start("--max-cron-threads=0")
    assert sum(len(visitor.acknowledged) for visitor in visitors) > VISITORS, "the burst was real"
    for visitor in visitors:
        bodies = [
            body
            for (body,) in server.sql(
                "SELECT body FROM mail_message WHERE model = 'discuss.channel' AND res_id = %s AND sop_side = 'in'", visitor.channel
            )
        ]
        for words in visitor.acknowledged:
            assert sum(f"{words}<" in f"{body}<" or body == words for body in bodies) == 1, f"{words} is there once"
        assert len(visitor.acknowledged) <= len(bodies) <= len(visitor.sent)
        [(unread, conversations)] = server.sql("SELECT max(unread_count), count(*) FROM sop_conversation WHERE channel_id = %s", visitor.channel)
        assert (unread, conversations) == (len(bodies), 1)
    result = check_command(server)
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_check_command_tells_and_mends(own_server):
    server = own_server
    server.sql("UPDATE sop_conversation SET unread_count = 77 WHERE id = (SELECT min(id) FROM sop_conversation)")
    told = check_command(server)
    assert told.returncode == 1
    assert "unread_count is 77" in told.stdout
    assert check_command(server, "--fix").returncode == 0
    assert check_command(server).stdout == ""


def test_two_claim_at_once_over_http(server):
    manager = server.client("manager")
    agents = [server.client("sales"), server.client("sales2")]
    for _round in range(3):
        [conversation] = manager.search("sop.conversation", ["state", "=", "open"], limit=1)
        manager.call("sop.conversation", "action_assign", [conversation], False)
        barrier = threading.Barrier(2)

        def claim(agent):
            barrier.wait(10)  # noqa: B023
            try:
                return agent.call("sop.conversation", "action_claim", [conversation])  # noqa: B023
            except RpcError as error:
                return str(error)

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(claim, agents))
        assert results.count(True) == 1, results
        assert any(isinstance(result, str) and "tiếp nhận" in result for result in results), results


RUBBISH = {
    "nothing": "",
    "script": "<script>alert(document.cookie)</script><img src=x onerror=alert(1)>",
    "right to left": "\u202eabc\u2066 giá 10\u200b0k \u0000",
    "a bomb of marks": "a" + "\u0301" * 5000,
    "huge": "x" * 300_000,
    "formula": '=HYPERLINK("http://example.com")',
    "template": "{{ object.env }} ${7*7} {% raw %}",
}


def test_rubbish_from_a_visitor_is_shown_safely(server, desktop):
    from harness import log_in

    errors = server.errors()
    server.operators_online()
    visitor = Visitor(server, server.ref("im_livechat.im_livechat_channel_data"))
    visitor.say("Em chào shop")
    for name, words in RUBBISH.items():
        try:
            visitor.say(words)
        except RpcError as error:
            assert "Traceback" not in str(error), name
    [(conversation, preview)] = server.sql("SELECT id, preview FROM sop_conversation WHERE channel_id = %s", visitor.channel)
    assert len(preview or "") <= 140
    rows = server.sql("SELECT body FROM mail_message WHERE model = 'discuss.channel' AND res_id = %s", visitor.channel)
    bodies = " ".join(body for (body,) in rows)
    assert "<script" not in bodies
    assert "onerror" not in bodies.replace("&lt;img src=x onerror", "")
    log_in(desktop, server, "manager", f"/odoo/inbox?sop_conversation={conversation}")
    desktop.locator(".o_inbox_thread .o-mail-Message").first.wait_for()
    assert desktop.evaluate("document.querySelectorAll('.o_inbox_thread script').length") == 0
    assert server.errors() == errors


def test_wrong_arguments_are_refused_with_a_reason(server):
    errors = server.errors()
    manager, agent = server.client("manager"), server.client("sales")
    [conversation] = manager.search("sop.conversation", ["state", "=", "open"], ["partner_id", "=", False], limit=1)
    wrong = [
        ("action_snooze", ["gestern"]),
        ("action_snooze", ["1999-01-01 00:00:00"]),
        ("action_assign", [999_999_999]),
        ("action_bulk", ["drop table"]),
        ("action_send_product", [999_999_999]),
        ("action_send_canned", [999_999_999]),
        ("action_send_picture", [[]]),
        ("action_create_partner", [{"is_company": True}]),
        ("write", [{"state": "done"}]),
        ("copy", []),
    ]
    for method, arguments in wrong:
        with pytest.raises(RpcError) as caught:
            model = "sop.conversation.reply" if method == "action_send_picture" else "sop.conversation"
            manager.call(model, method, [conversation], *arguments)
        assert "Traceback" not in str(caught.value), method
    with pytest.raises(RpcError):
        agent.call("sop.conversation", "unlink", [conversation])
    with pytest.raises(RpcError):
        agent.call("sop.conversation", "_on_message", [conversation], 1)
    assert server.errors() == errors
