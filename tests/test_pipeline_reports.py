"""The manager's screens, and an exchange's call in the right person's open browser (rows V2, V3, P10, P11, P13)."""

import hashlib
import hmac
import json
import re
import time
import uuid
from datetime import datetime, timedelta, timezone

import pytest
import requests
from harness import log_in, wait_until
from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
HANOI = timezone(timedelta(hours=7))
CODES = ["collect", "evaluate", "contact", "convert", "close"]


def number(text):
    """A whole number as the screen writes it: 1.234 is a thousand."""
    return int(re.sub(r"\D", "", text))


def recount(manager):
    """The dashboard's figures over a year, from the records themselves."""
    morning = datetime.now(HANOI).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(timezone.utc)
    today = datetime.now(HANOI).date().isoformat()
    count = {
        "new_today": ("crm.lead", ["create_date", ">=", morning.strftime("%Y-%m-%d %H:%M:%S")]),
        "to_rate": ("sop.call", ["state", "=", "answered"], ["interest", "=", False]),
        "overdue": ("crm.lead", ["activity_ids.date_deadline", "<", today]),
        "conversations": ("sop.conversation", ["is_unanswered", "=", True], ["state", "=", "open"]),
        "requests": ("sop.contact.request", ["state", "=", "not_contacted"]),
    }
    figures = {code: manager.call(model, "search_count", list(domain)) for code, (model, *domain) in count.items()}
    moves = manager.call(
        "sop.stage.move", "search_read", [["merged_from", "=", False]], ["lead_id", "from_code", "to_code", "to_status"], order="at, id"
    )
    last = {move["lead_id"][0]: move["to_status"] for move in moves}
    figures["won"] = sum(status == "won" for status in last.values())
    figures["lost"] = sum(status == "lost" for status in last.values())
    for code in CODES:
        figures[code] = len({move["lead_id"][0] for move in moves if move["to_code"] == code != move["from_code"]})
    return figures


def drawn(page):
    """The same figures as the dashboard draws them."""
    figures = {tile.get_attribute("data-tile"): number(tile.locator(".o_sop_number").inner_text()) for tile in page.locator("[data-tile]").all()}
    figures.pop("no_action")
    for name in ("won", "lost"):
        figures[name] = number(page.locator(f"dd .o_sop_{name}").inner_text())
    for code in CODES:
        figures[code] = number(page.locator(f".o_sop_funnel_stage[data-code={code}] .o_sop_number").first.inner_text())
    return figures


def test_dashboard_is_the_recount_and_reports_open(server, desktop):
    manager = server.client("manager")
    log_in(desktop, server, "manager", "/odoo/sop-dashboard")
    for _try in range(3):  # a job may do something between the counting and the drawing
        desktop.locator("[data-tile=conversations]").wait_for()
        with desktop.expect_response("**/sop.dashboard/get_data"):
            desktop.locator("[data-period=year]").click()
        desktop.locator("[data-period=year].active").wait_for()
        expected, found = recount(manager), drawn(desktop)
        if expected == found:
            break
        desktop.reload()
    assert found == expected
    assert found["conversations"] and found["requests"], "the demo has something waiting"

    # a number opens its records
    desktop.locator("[data-tile=conversations] .o_sop_number").click()
    rows = desktop.locator(".o_list_view .o_data_row")
    rows.first.wait_for()
    expect(rows).to_have_count(min(80, found["conversations"]))

    # the pivot's rows are the five stages, the graph draws, the list opens a lead
    desktop.goto(f"{server.url}/odoo/action-sop_pipeline.sop_pipeline_report_action")
    desktop.locator(".o_pivot tbody tr").nth(5).wait_for()
    labels = [label.strip() for label in desktop.locator(".o_pivot tbody th").all_inner_texts()]
    assert set(labels[1:]) == {"Thu thập", "Đánh giá", "Liên hệ", "Chuyển đổi", "Chốt đơn"}
    desktop.locator(".o_switch_view.o_graph").click()
    desktop.locator(".o_graph_canvas_container canvas").wait_for()
    desktop.locator(".o_switch_view.o_list").click()
    desktop.locator(".o_list_view .o_data_row").first.wait_for()


def test_rule_is_tried_before_it_is_switched_on(server, desktop, new_page):
    """Row P10: on last month's leads of the demo, in the form; row P11: the exchange's form."""
    manager = server.client("manager")
    rule = manager.create(
        "sop.next.action.rule",
        name="Thử lại",
        trigger="rated",
        interest="thinking",
        delays="1, 3, 7",
        action="activity",
        activity_type_id=server.ref("mail.mail_activity_data_call"),
    )
    try:
        log_in(desktop, server, "manager", f"/odoo/sop.next.action.rule/{rule}")
        desktop.locator("button[name=action_trial]:visible").click()
        desktop.locator(".o_list_view .o_data_row").first.wait_for()  # the leads it would have acted for
        listed = desktop.locator(".o_list_view .o_data_row").count()
        desktop.locator(".o_breadcrumb a", has_text="Thử lại").click()
        preview = desktop.locator(".o_form_view .alert-info:visible")
        preview.wait_for()
        values = manager.read("sop.next.action.rule", rule, "trial_count", "trial_leads", "running")
        shown = [number(preview.locator(f"[name={name}]").inner_text()) for name in ("trial_count", "trial_leads")]
        assert shown == [values["trial_count"], values["trial_leads"]]
        assert listed == min(80, values["trial_leads"])
        since = (datetime.now(timezone.utc) - timedelta(days=30)).strftime("%Y-%m-%d %H:%M:%S")
        rated = manager.call("sop.call", "search_read", [["rated_at", ">=", since], ["interest", "=", "thinking"]], ["lead_id"])
        assert 0 < values["trial_leads"] <= len({call["lead_id"][0] for call in rated})
        assert values["running"] is False
        assert manager.search("sop.next.action", ["rule_id", "=", rule]) == [], "a trial does nothing"
    finally:
        manager.call("sop.next.action.rule", "unlink", [rule])
    office = new_page()
    log_in(office, server, "admin", f"/odoo/sop.exchange/{server.ref('sop_pipeline.sop_exchange_demo')}")
    expect(office.locator(".o_form_view [name=address]").first).to_contain_text("/sop/call-event/demo-exchange")
    expect(office.locator("[name=extension_ids] .o_data_row")).to_have_count(2)


def test_exchange_opens_the_rating_where_it_belongs(server, new_page):
    """Two sellers at their desks: each is asked for their own call, by the bus, without a reload."""
    [team] = server.client("manager").search("crm.team", ["sop_process", "=", True], limit=1)
    desks = {}
    for extension, login, name, phone in (("101", "sales", "Tổng Đài Một", "0912345601"), ("102", "sales2", "Tổng Đài Hai", "0912345602")):
        client, page = server.client(login), new_page()
        lead = client.create("crm.lead", name=f"Gọi {name}", contact_name=name, phone=phone, type="opportunity", team_id=team, user_id=client.uid)
        log_in(page, server, login, "/odoo/action-sop_pipeline.sop_call_action")
        page.locator(".o_action_manager .o_view_controller").wait_for()
        desks[extension] = (client, page, lead, name, phone)

    def report(extension):
        """One call of the exchange, answered: two events, the later one first, and one of them twice."""
        call = str(uuid.uuid4())
        now = int(time.time())
        ended = {"call_id": call, "ended_at": now, "talk_seconds": 42}
        begun = {"call_id": call, "direction": "in", "from": desks[extension][4], "extension": extension, "started_at": now - 60}
        for event in (ended, begun, ended):
            body = json.dumps(event).encode()
            signature = "sha256=" + hmac.new(b"demo-secret", body, hashlib.sha256).hexdigest()
            answer = requests.post(f"{server.url}/sop/call-event/demo-exchange", body, headers={"X-Sop-Signature": signature}, timeout=30)
            assert answer.status_code == 200, answer.text

    def unrated(lead):
        return server.sql("SELECT 1 FROM sop_call WHERE lead_id = %s AND interest IS NULL LIMIT 1", lead)

    try:
        for extension, (client, page, lead, name, _phone) in desks.items():
            dialog = page.locator(".o_sop_dialog")
            for _line_comes_up in range(6):  # a browser that has only just opened may not be listening yet
                report(extension)
                try:
                    dialog.first.wait_for(timeout=10_000)
                    break
                except Timeout:
                    continue
            assert all(name in text for text in dialog.all_inner_texts()), "nobody is asked for another's call"
            quiet = time.monotonic()
            while unrated(lead) and time.monotonic() < quiet + 20:  # one reported before the browser was listening may come late, or not
                if dialog.count():
                    mine = dialog.last.element_handle()
                    mine.query_selector("[data-interest=interested]").click()
                    mine.query_selector(".o_sop_send_rating").click()
                    page.wait_for_function("dialog => !dialog.isConnected", arg=mine)
                    quiet = time.monotonic()
                else:
                    page.wait_for_timeout(200)
            assert client.read("crm.lead", lead, "sop_interest", "sop_code") == {"id": lead, "sop_interest": "interested", "sop_code": "contact"}
        for _client, page, _lead, _name, _phone in desks.values():
            expect(page.locator(".o_sop_dialog")).to_have_count(0)

        # two calls at once: what the first one asks the server is overtaken by what the second one asks
        page, held, later = desks["101"][1], [], []
        page.route("**/sop.call/get_todo", lambda route: route.continue_() if later else held.append(route))
        report("101")
        wait_until(page, lambda: held, "the first call is heard of")
        before = len(held)
        report("101")
        wait_until(page, lambda: len(held) > before, "the second call is heard of")
        later.append(True)
        with page.expect_response("**/sop.call/get_todo"):
            held[0].continue_()
        page.wait_for_timeout(300)
        for route in held[1:]:
            route.continue_()
        expect(page.locator(".o_sop_dialog")).to_have_count(2)
    finally:
        admin = server.client("admin")
        admin.call("crm.lead", "unlink", [desk[2] for desk in desks.values()])
