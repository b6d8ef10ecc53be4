"""The tools beside the reply box and the customer, at both sizes: lorry, send later, macro, call to confirm, order again (rows D4-D12)."""

import re

import pytest
from harness import log_in, wait_until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

COMPOSER = ".o_inbox_thread .o-mail-Composer-input"
#: Whether a list has tags, and none of them is cut
WHOLE_TAGS = """() => {
    const tags = [...document.querySelectorAll(".o_data_row .o_tag_badge_text")];
    return tags.length && tags.every((tag) => tag.scrollWidth <= tag.clientWidth + 1);
}"""


@pytest.fixture
def talk(server):
    """A conversation on the page that may be answered now, of a customer with an address; returns its id."""
    [(conversation,)] = server.sql(
        """SELECT c.id FROM sop_conversation c JOIN sale_order o ON o.sop_conversation_id = c.id AND o.state = 'sale'
            WHERE c.provider = 'facebook' AND c.kind = 'message' AND c.state = 'open' ORDER BY c.id LIMIT 1"""
    )
    server.sql("UPDATE sop_conversation SET last_inbound_at = now() AT TIME ZONE 'UTC' WHERE id = %s", conversation)
    yield conversation
    server.sql("UPDATE sop_conversation SET priority = NULL WHERE id = %s", conversation)


def open_talk(page, server, conversation):
    log_in(page, server, "manager", f"/odoo/inbox?sop_conversation={conversation}")
    page.locator(COMPOSER).wait_for()


def press_tool(page, name):
    """Press a tool of the reply box, or find it behind its plus."""
    tool = page.locator(f".o_inbox_thread [name={name}]")
    if not tool.count() or not tool.first.is_visible():
        page.locator(".o_inbox_thread [name=more-actions]").click()
        tool = page.locator(f"[name={name}]")
    tool.first.click()


@pytest.mark.parametrize("phone", [False, True], ids=["1366", "390"])
def test_the_lorry_puts_the_fee_into_the_reply(server, new_page, talk, phone):
    page = new_page(phone=phone)
    open_talk(page, server, talk)
    press_tool(page, "sop-shipping")
    dialog = page.locator(".modal")
    dialog.locator("[name=state_id]").select_option(index=1)
    dialog.locator(".o_shipping_quote").click()
    dialog.locator(".o_order_carrier:enabled").first.wait_for()
    page.screenshot(path=f"tests/output/lorry_{'390' if phone else '1366'}.png")
    dialog.locator(".o_order_carrier:enabled").first.click()
    expect(page.locator(COMPOSER)).to_have_value(re.compile(r"\d"))


@pytest.mark.parametrize("phone", [False, True], ids=["1366", "390"])
def test_a_reply_goes_later(server, new_page, talk, phone):
    page = new_page(phone=phone)
    open_talk(page, server, talk)
    page.locator(COMPOSER).fill("Sáng mai em giao ạ")
    press_tool(page, "sop-later")
    dialog = page.locator(".modal")
    expect(dialog.locator("[name=text]")).to_have_value("Sáng mai em giao ạ")
    dialog.locator("[data-choice=hour]").click()
    page.screenshot(path=f"tests/output/later_{'390' if phone else '1366'}.png")
    dialog.locator(".o_inbox_schedule").click()
    waiting = page.locator(".o_inbox_scheduled", has_text="Sáng mai em giao")
    expect(waiting).to_be_visible()
    expect(page.locator(COMPOSER)).to_have_value("")
    page.screenshot(path=f"tests/output/later_waits_{'390' if phone else '1366'}.png")
    waiting.locator("button").click()
    expect(waiting).to_have_count(0)


def test_a_macro_and_back(server, new_page, talk):
    manager = server.client("manager")
    tag = manager.create("crm.tag", name="Khách quen thử")
    manager.create("sop.macro", name="Cảm ơn và đóng", tag_ids=[[6, 0, [tag]]], state="done")
    page = new_page()
    open_talk(page, server, talk)
    press_tool(page, "sop-macro")
    macro = page.locator(".modal .o_inbox_macro", has_text="Cảm ơn và đóng")
    expect(macro).to_contain_text("Khách quen thử")
    page.screenshot(path="tests/output/macro_1366.png")
    macro.click()
    page.locator(".o_notification_buttons button").first.click()
    expect(page.locator(".o_notification", has_text="Đã hoàn tác")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Traceback")
    assert manager.read("sop.conversation", talk, "state")["state"] == "open"


@pytest.mark.parametrize("phone", [False, True], ids=["1366", "390"])
def test_ordered_again_and_called(server, new_page, talk, phone):
    """An earlier order once more; it falls under a rule, is called, and the outcome is kept; what a colleague heard is told first."""
    server.sql(
        "UPDATE sale_order SET sop_address_mark = 7 WHERE state = 'sale' AND partner_id = (SELECT partner_id FROM sop_conversation WHERE id = %s)",
        talk,
    )
    server.sql("UPDATE sale_order SET sop_call_outcome = NULL WHERE sop_conversation_id = %s", talk)
    colleague = server.client("sales2").uid
    page = new_page(phone=phone)
    asked, held, holding = set(), [], []  # readings of the form: on their way, held back, and whether they are
    page.route("**/get_order_form", lambda route: held.append(route) if holding else route.continue_())
    page.on("request", lambda request: request.url.endswith("/get_order_form") and asked.add(request))
    for name in ("requestfinished", "requestfailed"):
        page.on(name, lambda request: asked.discard(request))
    open_talk(page, server, talk)
    press_tool(page, "sop-order")
    page.locator(".o_inbox_order_tab").wait_for()
    page.locator("[data-tab=customer]").first.click()
    page.screenshot(path=f"tests/output/history_{'390' if phone else '1366'}.png")
    page.locator(".o_inbox_reorder").first.click()
    page.locator(".o_order_line").first.wait_for()
    call = page.locator(".o_order_call").first
    expect(call).to_be_visible()
    page.screenshot(path=f"tests/output/call_{'390' if phone else '1366'}.png")
    # a colleague has reached them, too, and nothing on this screen says so yet
    holding.append(True)
    wait_until(page, lambda: len(asked) == len(held), "what was asked before is answered")
    server.sql(
        """UPDATE sale_order SET sop_call_outcome = 'declined', sop_call_first = FALSE, sop_called_by_id = %s
            WHERE sop_conversation_id = %s AND sop_call_first""",
        colleague,
        talk,
    )
    with page.expect_response("**/action_sop_call_outcome"):
        choose_confirmed(page, call)
    holding.clear()
    for route in held:
        route.continue_()
    expect(page.locator(".o_order_error")).to_contain_text("Lê Quốc Bảo")
    expect(call).to_contain_text("Lê Quốc Bảo")
    choose_confirmed(page, call)  # who knows it may enter that they want it after all
    expect(page.locator(".o_order_call_now")).to_have_count(0)


def choose_confirmed(page, call):
    call.locator(".o_order_call_outcome").click()
    page.locator(".o-dropdown-item").filter(has_text=re.compile(r"^\s*Đã xác nhận\s*$")).click()  # not the menu of that name


def test_the_lists_and_the_rows(server, new_page, talk):
    server.sql("UPDATE sop_conversation SET priority = 'vip' WHERE id = %s", talk)
    page = new_page()
    open_talk(page, server, talk)
    page.locator(".o_inbox_chips_more").click()
    page.locator("[data-chip=priority]").click()
    row = page.locator(".o_inbox_record", has=page.locator(f"[data-conversation-id='{talk}']"))
    expect(row.locator(".o_inbox_row_priority")).to_be_visible()
    press_tool(page, "sop-order")
    expect(page.locator(".o_order_priority")).to_be_visible()
    page.screenshot(path="tests/output/rows_1366.png")
    for path, shot in (("inbox-calls", "calls"), ("inbox-dropped", "dropped"), ("inbox-orders", "orders")):
        page.goto(f"{server.url}/odoo/{path}")
        expect(page.locator(".o_list_view .o_data_row").first).to_be_visible()
        if shot == "calls":  # the other two have no tags
            page.wait_for_function(WHOLE_TAGS)
        page.screenshot(path=f"tests/output/{shot}_1366.png")
    page.locator(".o_order_export_choice").click()
    states = page.locator(".modal input[type=checkbox]")
    expect(page.locator(".modal .o_order_export_run")).to_be_enabled()
    for index in range(states.count()):
        states.nth(index).uncheck()
    expect(page.locator(".modal .o_order_export_run")).to_be_disabled()  # orders of no state are none
    page.screenshot(path="tests/output/export_1366.png")
