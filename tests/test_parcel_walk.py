"""The life of a parcel and the cash on it, as people see them: at 1366 and 390 px, in Vietnamese, over the doubles of carriers and bank.

From order to delivered, from failed to returned; and a month of ``bin/simulate parcels`` whose cash an accountant closes to the dong.
``SOP_PARCELS`` says how many parcels that month has (default 24; 2000 takes some 20 minutes).
"""

import itertools
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness import OUTPUT, ROOT, Server, ask_in_livechat, free_port, log_in, press_cart, wait_until
from playwright.sync_api import expect

sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "bin"))
from simulate_parcels import Shop, set_places

from doubles.bank import Bank
from doubles.carriers import Carriers

pytestmark = pytest.mark.browser

PARCELS = int(os.environ.get("SOP_PARCELS", "24"))
CARRIERS = ("ghn", "ghtk", "viettelpost", "jt")


class Desk:
    """The demo shop joined to the doubles of the carriers and the bank, as bin/run --with-doubles joins it."""

    def __init__(self):
        self.server = Server()
        self.server.create()
        self.server.start()
        self.double = Carriers(f"{self.server.url}/sop/parcel", seed=7, lenient=True)
        self.double.repeats_same = True
        self.bank = Bank(f"{self.server.url}/sop/bank/sepay/demo-bank", pace=0.3, seed=3)
        while True:
            port = free_port()
            try:
                url = self.double.start(port)
                self.bank.start(port + 1)
                break
            except OSError:
                continue
        self.doubles_port = port - 2
        self.server.sql(
            """UPDATE delivery_carrier SET active = TRUE, sop_api_url = %s || delivery_type
                WHERE id IN (SELECT res_id FROM ir_model_data
                              WHERE module = 'sop_inbox' AND model = 'delivery.carrier' AND name LIKE 'carrier_demo_%%')""",
            f"{url}/",
        )
        self.server.sql("UPDATE sop_bank_feed SET api_url = %s, api_token = %s WHERE key = 'demo-bank'", self.bank.url, self.bank.token)
        set_places(Shop(self.server.url, self.server.database, "admin"))
        self.admin, self.numbers = self.server.client("admin"), itertools.count(1)
        self.carriers = dict(self.server.sql("SELECT delivery_type, id FROM delivery_carrier WHERE delivery_type IN %s AND active", CARRIERS))

    def close(self):
        self.server.stop()
        self.server.drop()
        self.double.stop()
        self.bank.stop()

    # === ORDERS ===

    def talk(self, page, number):
        """A visitor of the live chat gives a number; returns the conversation and the customer, who has an address."""
        conversation = ask_in_livechat(page, self.server, f"mình lấy 1 áo, số mình {number}")
        [saigon] = self.admin.search("res.country.state", ["code", "=", "VN-SG"])
        place = {
            "street": "25 Lê Lợi",
            "city": "Phường Bến Thành",
            "state_id": saigon,
            "country_id": self.admin.read("res.country.state", saigon, "country_id")["country_id"][0],
        }
        partner = self.admin.create("res.partner", name="Nguyễn Thị Hoa", phone=number, **place)
        self.admin.call("sop.conversation", "write", [conversation], {"partner_id": partner})
        return conversation, partner

    def order(self, conversation, carrier, confirm=True):
        """An order with cash on delivery, made in the conversation; returns its id and its deliveries."""
        [product] = self.admin.search("product.product", ["sale_ok", "=", True], ["type", "=", "consu"], limit=1)
        lines, once = [{"product_id": product, "qty": 1}], f"walk {next(self.numbers)}"
        values = {"lines": lines, "carrier_id": self.carriers[carrier], "payment": "cod", "confirm": confirm, "request_ref": once}
        order = self.server.client("manager").call("sop.conversation", "action_create_order", [conversation], values)
        return order, self.admin.read("sale.order", order, "picking_ids")["picking_ids"]

    def parcel(self, picking):
        [row] = self.admin.call(
            "sop.parcel", "search_read", [["picking_id", "=", picking]], ["tracking_ref", "state", "reason", "task_id", "return_id"]
        )
        return row

    def step(self, picking, *states, code=""):
        """The courier does so, now; the webhooks come late and twice."""
        for state in states:
            answer = self.double.play_step(self.parcel(picking)["tracking_ref"], state, code=code if state == "failed" else "")
            assert "error" not in answer, answer

    def reached(self, page, picking, state):
        wait_until(page, lambda: self.parcel(picking)["state"] == state, f"the parcel is {state}", seconds=150)


@pytest.fixture
def desk():
    """A shop of the test's own: a month is closed over all of its parcels."""
    running = Desk()
    try:
        yield running
    finally:
        running.close()


def picture(page, name):
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"parcel_{name}_{page.viewport_size['width']}.png")


def fits(page, name):
    """A picture of the page, of which nothing sticks out to the side."""
    picture(page, name)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


#: Headers of a list that are cut
CUT = """() => [...document.querySelectorAll(".o_list_table th .text-truncate")]
    .filter((el) => el.clientWidth && el.scrollWidth > el.clientWidth + 1).map((el) => el.textContent.trim())"""


def is_readable(page, name):
    """A list has its whole headers on a laptop, and is cards on a phone."""
    if page.viewport_size["width"] < 700:
        expect(page.locator(".o_kanban_record:not(.o_kanban_ghost)").first).to_be_visible()
    else:
        page.wait_for_function(f"() => !({CUT})().length")  # the page's font may come a moment later
    fits(page, name)


def open_orders(page, desk, conversation):
    """The order tab of a conversation."""
    log_in(page, desk.server, "manager", f"/odoo/inbox?sop_conversation={conversation}")
    page.locator(".o_inbox_thread .o-mail-Composer-input").wait_for()
    press_cart(page)
    page.locator(".o_inbox_order_tab").wait_for()


def tick(page, names):
    """Tick the rows of these names. Core's list forgets what was ticked while it was still read without its filter: a person ticks again."""
    boxes = [page.locator(".o_data_row", has=page.get_by_text(name, exact=True)).locator("input[type=checkbox]") for name in names]

    def are_ticked():
        for box in boxes:
            if not box.is_checked():
                box.click()
        return page.locator(".o_data_row_selected").count() == len(boxes)

    wait_until(page, are_ticked, f"{names} are ticked")


def hand_over(page, desk, pickings):
    """Choose deliveries in the list and have them handed over; the answers of carriers are lost at times. Returns the batch."""
    names = [row["name"] for row in desk.admin.call("stock.picking", "read", pickings, ["name"])]
    log_in(page, desk.server, "admin", "/odoo/deliveries")
    page.locator(".o_searchview_input").wait_for()
    if page.locator(".o_kanban_view").count():
        page.locator(".o_switch_view.o_list").click()
    for _facet in range(page.locator(".o_searchview .o_facet_remove").count()):
        with page.expect_response(re.compile("/stock.picking/web_(search_read|read_group)")):
            page.locator(".o_searchview .o_facet_remove").first.click()
    expect(page.locator(".o_searchview .o_facet_remove")).to_have_count(0)
    tick(page, names)
    page.locator(".o_cp_action_menus .dropdown-toggle", has_text=re.compile("Hành động|Tác vụ|Thao tác|Actions")).click()
    desk.double.faults["lose_answer"] = 0.3
    page.locator(".o-dropdown--menu .o-dropdown-item", has_text=re.compile("Gửi cho hãng|Hand Over")).click()
    bar = page.locator(".o_field_widget[name=progress]")
    expect(bar).to_be_visible()
    picture(page, "batch_begins")
    expect(bar).to_contain_text("100", timeout=120_000)  # it moves by itself
    desk.double.faults["lose_answer"] = 0
    for _try in range(8):
        again = page.locator("button[name=action_retry]")
        if not again.is_visible():
            break
        again.click()
        page.wait_for_timeout(5000)
        page.reload()
        bar.wait_for()
    expect(page.locator(".o_data_row.text-success")).to_have_count(len(pickings))
    fits(page, "batch_done")
    return bar


def test_from_order_to_delivered_and_from_failed_to_returned(desk, desktop, phone, new_page):
    """One customer, three parcels: one arrives at the second try, two come back; both screens tell the same."""
    visitor = new_page()
    conversation, partner = desk.talk(visitor, "0912345678")
    orders = [desk.order(conversation, carrier) for carrier in ("ghn", "viettelpost", "viettelpost")]
    (first,), (second,), (third,) = [pickings for _order, pickings in orders]
    hand_over(desktop, desk, [first, second, third])
    assert sorted(desk.double.parcels) == sorted(desk.parcel(picking)["tracking_ref"] for picking in (first, second, third)), "one waybill each"

    # the labels, once more and once more: nothing is made
    for picking in (first, second):
        action = desk.admin.call("sop.parcel", "action_print", [desk.parcel(picking)["id"]])
        assert action["type"] == "ir.actions.act_url"
    assert len(desk.double.parcels) == 3

    # late and twice, as carriers do
    desk.double.faults.update(echo_twice=0.5, echo_late=2)
    desk.step(first, "picked", "moving", "out", "failed", code="GHN-DFC1A4")
    desk.step(second, "picked", "out", "failed", code="30")
    desk.step(third, "picked", "out", "failed", code="31")
    for picking in (first, second, third):
        desk.reached(desktop, picking, "failed")
        wait_until(desktop, lambda picking=picking: desk.parcel(picking)["task_id"], "somebody has the task")
    for page in (desktop, phone):
        open_orders(page, desk, conversation)
        expect(page.locator(".o_order_parcel.border-danger")).to_have_count(3)
        for order, _pickings in orders:  # each below its own order
            assert page.locator(f"[data-order='{order}'] + .o_order_parcel").count() == 1
        page.locator(".o_order_parcel").first.scroll_into_view_if_needed()
        fits(page, "strip_failed")
    chips(desktop, phone, desk, parcel_failed=1)
    task(desktop, phone, desk, orders[1][0])

    # again, and it arrives; back, and it comes back
    open_orders(desktop, desk, conversation)
    desktop.locator(f"[data-parcel='{desk.parcel(first)['id']}'] .o_parcel_again").click()
    wait_until(desktop, lambda: desk.double.states[desk.parcel(first)["tracking_ref"]] == "moving", "GHN was told to try again")
    open_orders(phone, desk, conversation)
    phone.locator(f"[data-parcel='{desk.parcel(second)['id']}'] .o_parcel_back").click()
    phone.locator(".modal .btn-primary").click()
    wait_until(phone, lambda: desk.double.states[desk.parcel(second)["tracking_ref"]] == "returning", "Viettel Post was told to bring it back")
    desk.admin.call("sale.order", "action_sop_send_back", [orders[2][0]])
    desk.reached(desktop, second, "returning")
    chips(desktop, phone, desk, parcel_returning=1)
    desk.step(first, "out", "delivered")
    desk.step(second, "returned")
    desk.step(third, "returned")
    for picking, state in ((first, "delivered"), (second, "returned"), (third, "returned")):
        desk.reached(desktop, picking, state)
        assert not desk.parcel(picking)["task_id"], "the task closed by itself"
    for page in (desktop, phone):
        open_orders(page, desk, conversation)
        expect(page.locator(".o_order_parcel.border-success")).to_have_count(1)
        page.locator(".o_order_parcel").first.scroll_into_view_if_needed()
        fits(page, "strip_ended")
    desktop.locator(".o_parcel_where").first.click()
    expect(visitor.locator(".o-livechat-root .o-mail-Message", has_text=desk.parcel(third)["tracking_ref"]).first).to_be_visible()
    picture(visitor, "told")
    parcel_pages(desktop, phone, desk)
    customers_page(phone, desk, orders[0][0], desk.parcel(first)["tracking_ref"])
    refusal_risk(desktop, phone, desk, conversation)
    assert not desk.server.errors()


def chips(desktop, phone, desk, **numbers):
    """The chips of the inbox show these numbers."""
    for page in (desktop, phone):
        log_in(page, desk.server, "manager", "/odoo/inbox")
        for chip, number in numbers.items():
            expect(page.locator(f"[data-chip={chip}] .o_inbox_chip_count")).to_have_text(str(number))
            shown = page.locator(f"[data-chip={chip}]")
            if shown.is_visible():
                shown.click()
                expect(shown).to_have_class(re.compile("active"))
            fits(page, f"chip_{chip}")
            page.goto("about:blank")


def task(desktop, phone, desk, order):
    """The order says what failed and why, with what can be done; the activity is on it."""
    for page in (desktop, phone):
        log_in(page, desk.server, "admin", f"/odoo/sales/{order}")
        expect(page.locator("button[name=action_sop_deliver_again]")).to_be_visible()
        expect(page.locator("button[name=action_sop_send_back]")).to_be_visible()
        expect(page.locator(".alert-danger .o_field_widget[name=sop_parcel_words]")).to_contain_text("Giao thất bại")
        if page is desktop:
            expect(
                page.locator(".o-mail-Activity", has_text="0912 345 678").or_(page.locator(".o-mail-Activity", has_text="0912345678"))
            ).to_be_visible()
        fits(page, "failed_task")


def parcel_pages(desktop, phone, desk):
    """The list of parcels, and one with its history."""
    for page in (desktop, phone):
        log_in(page, desk.server, "admin", "/odoo/sop-parcels")
        expect(page.locator(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)")).to_have_count(3)
        is_readable(page, "list")
        page.locator(".o_data_row, .o_kanban_record").first.click()
        expect(page.locator(".o_field_widget[name=event_ids]")).to_be_visible()
        fits(page, "form")


def customers_page(page, desk, order, waybill):
    """What the customer sees of it on the page of their order."""
    row = desk.admin.read("sale.order", order, "access_url")
    [token] = desk.server.sql("SELECT access_token FROM sale_order WHERE id = %s", order)
    if not token[0]:
        desk.server.sql("UPDATE sale_order SET access_token = 'walk' WHERE id = %s", order)
        token = ("walk",)
    page.context.clear_cookies()
    page.goto(f"{desk.server.url}{row['access_url']}?access_token={token[0]}")
    expect(page.locator("#sop_parcels")).to_contain_text(waybill)
    picture(page, "customers_page")


def refusal_risk(desktop, phone, desk, conversation):
    """A new order to the number says what became of the others, and why it is held back; a reason of a manager lets it go."""
    [company] = desk.server.sql("SELECT min(id) FROM res_company")[0]
    desk.admin.create("sop.parcel.policy", company_id=company, action="prepay", refused_least=1.5, share_least=0.4)
    desk.order(conversation, "ghn", confirm=False)
    for page in (desktop, phone):
        open_orders(page, desk, conversation)
        risk = page.locator(".o_order_risk")
        expect(risk).to_contain_text("2")
        expect(risk).to_contain_text("3")
        risk.scroll_into_view_if_needed()
        fits(page, "risk")
    log_in(desktop, desk.server, "admin", "/odoo/action-sop_inbox.sop_parcel_policy_action")
    expect(desktop.locator(".o_data_row [name=asked]").first).to_have_text("1")
    log_in(phone, desk.server, "admin", "/odoo/action-sop_inbox.sop_parcel_policy_action")
    for page in (desktop, phone):
        is_readable(page, "policy")


def read_and_accept(page, desk, carrier, path):
    """The accountant's clicks for one carrier's statement; returns its id."""
    log_in(page, desk.server, "admin", "/odoo/sop-cod/new")
    [(name,)] = desk.server.sql("SELECT name->>'en_US' FROM delivery_carrier WHERE id = %s", desk.carriers[carrier])
    page.locator(".o_field_widget[name=carrier_id] input").fill(name)
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()
    page.locator(".o_field_widget[name=file] input[type=file]").set_input_files(path)
    expect(page.locator(".o_field_widget[name=file] input[type=text]")).to_have_value(path.name)  # the browser has read it
    page.locator("button[name=action_read]").click()
    expect(page.locator("button[name=action_accept]")).to_be_visible(timeout=180_000)
    fits(page, f"cod_preview_{carrier}")
    page.locator("button[name=action_accept]").click()
    expect(page.locator("button[name=action_register]")).to_be_visible()
    return int(re.search(r"/(\d+)$", page.url)[1])


def wait_for_payments(server, statement):
    """Wait until the payments of a statement are registered, on however slow a machine, as long as there come more of them."""
    known, since = -1, time.monotonic()
    while server.sql("SELECT state FROM sop_cod_statement WHERE id = %s", statement) != [("paid",)]:
        [(number,)] = server.sql("SELECT count(payment_id) FROM sop_cod_line WHERE statement_id = %s", statement)
        if number > known:
            known, since = number, time.monotonic()
        assert time.monotonic() - since < 300, f"{number} payments, and no more for five minutes"
        time.sleep(0.5)


def test_an_accountant_closes_the_month(desk, desktop, phone, tmp_path):
    """Statements read, transfers found, payments registered; what carriers owe is nothing, to the dong. One shop-made difference is named."""
    if PARCELS > 100:
        desktop.set_default_timeout(600_000)
    desk.double.faults.update(echo_twice=0.1, echo_late=1, lose_answer=0)
    command = [sys.executable, ROOT / "bin" / "simulate", "parcels", str(PARCELS), "--url", desk.server.url, "--database", desk.server.database]
    command += ["--doubles-port", str(desk.doubles_port), "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=5400, check=False)
    assert done.returncode == 0 and "✗" not in done.stdout, done.stdout + done.stderr
    print(done.stdout)
    waiting = "SELECT 1 FROM sop_bank_line WHERE state = 'new' OR to_post LIMIT 1"
    wait_until(desktop, lambda: not desk.bank.undelivered and not desk.server.sql(waiting), "the bank has told it")
    files = {path.stem.rpartition("_")[2]: path for path in Path(tmp_path).glob("BangKeCOD_*.csv")}
    statements = {}
    for carrier, path in sorted(files.items()):
        statements[carrier] = read_and_accept(desktop, desk, carrier, path)
        desktop.locator("button[name=action_register]").click()
        wait_for_payments(desk.server, statements[carrier])
        paid = desktop.locator(
            ".o_statusbar_status button[data-value=paid][aria-checked=true], .o_statusbar_status .o_arrow_button_current[data-value=paid]"
        )
        expect(paid).to_be_visible()
        expect(desktop.locator(".alert-success")).to_be_visible()
        fits(desktop, f"cod_paid_{carrier}")
    closed = desk.admin.call(
        "sop.cod.statement", "read", list(statements.values()), ["state", "claim_count", "difference", "received", "total_payout", "total_cod"]
    )
    assert {(row["state"], row["claim_count"], row["difference"]) for row in closed} == {("paid", 0, 0)}, closed
    paid = desk.server.sql(
        """SELECT count(*), sum(p.amount), sum(l.cod) FROM sop_cod_line l JOIN account_payment p ON p.id = l.payment_id
            WHERE l.statement_id = ANY(%s)""",
        list(statements.values()),
    )[0]
    [(cash, parcels)] = desk.server.sql(
        "SELECT sum(cod_amount), count(*) FROM sop_parcel WHERE state = 'delivered' AND cod_amount > 0 AND settled_id IS NOT NULL"
    )
    assert (int(paid[0]), int(paid[1]), int(paid[2])) == (int(parcels), int(cash), int(sum(row["total_cod"] for row in closed)))
    [(open_money,)] = desk.server.sql(
        """SELECT COALESCE(sum(m.amount_residual), 0) FROM account_move m WHERE m.state = 'posted' AND m.invoice_origin IN (
               SELECT o.name FROM sop_cod_line l JOIN sop_parcel p ON p.id = l.parcel_id JOIN sale_order o ON o.id = p.order_id
                WHERE l.statement_id = ANY(%s) AND l.cod > 0)""",
        list(statements.values()),
    )
    assert open_money == 0, "every invoice is paid to the dong"
    pages_of_the_accountant(desktop, phone, desk, statements)
    assert not desk.server.errors()


def pages_of_the_accountant(desktop, phone, desk, statements):
    """What carriers owe: nothing of this month; then a day's cash that no statement names, and its claim."""
    for page in (desktop, phone):
        log_in(page, desk.server, "admin", f"/odoo/sop-cod/{next(iter(statements.values()))}")
        expect(page.locator(".o_field_widget[name=difference]")).to_be_visible()
        fits(page, "cod_statement")
    desk.server.sql(
        """UPDATE sop_parcel SET settled_id = NULL, owed = cod_amount, since = since - interval '9 days'
            WHERE id IN (SELECT min(id) FROM sop_parcel WHERE settled_id IS NOT NULL)"""
    )
    desk.admin.call("ir.cron", "method_direct_trigger", [desk.server.ref("sop_inbox.sop_cod_miss_cron")])
    for page in (desktop, phone):
        log_in(page, desk.server, "admin", "/odoo/action-sop_inbox.sop_cod_owed_action")
        expect(page.locator(".o_group_header, .o_kanban_group, .o_kanban_record").first).to_be_visible()
        is_readable(page, "cod_owed")
        log_in(page, desk.server, "admin", "/odoo/action-sop_inbox.sop_cod_claim_action")
        expect(page.locator(".o_data_row, .o_kanban_record").first).to_be_visible()
        is_readable(page, "cod_claims")
    claims = desk.admin.search("sop.cod.claim", ["kind", "=", "missing"])
    desk.admin.call("sop.cod.claim", "write", claims, {"state": "won"})
    log_in(desktop, desk.server, "admin", "/odoo/action-sop_inbox.sop_cod_claim_report_action")
    expect(desktop.locator(".o_pivot td.o_pivot_cell_value").filter(has_text=re.compile("[1-9]")).first).to_be_visible()
