"""Two agents and a visitor on the real live chat of the site (rows H1-H7, H15, H18, H24)."""

import re

import pytest
from harness import ask_in_livechat, open_inbox, say_in_livechat, wait_until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROW = ".o_inbox_record"
COMPOSER = ".o_inbox_thread .o-mail-Composer-input"


def chip_count(page, chip):
    count = page.locator(f"[data-chip={chip}] .o_inbox_chip_count")
    expect(count).to_have_text(re.compile(r"\d"))
    return int(count.inner_text().rstrip("+"))


def press_chip(page, chip, asks):
    """Press a chip and wait until its rows are there.

    :param asks: what only its reading asks for; the list may be reading for other reasons too
    """
    with page.expect_response(lambda it: "sop.conversation/web_search_read" in it.url and asks in (it.request.post_data or "")) as answer:
        page.locator(f"[data-chip={chip}]").click()
    expect(page.locator(f"[data-chip={chip}]")).to_have_attribute("aria-pressed", "true")
    first = answer.value.json()["result"]["records"][0]["id"]  # the answer is there before it is drawn
    expect(page.locator(f"{ROW} [data-conversation-id]").first).to_have_attribute("data-conversation-id", str(first))


def state(server, words):
    """The conversation whose chat has a message with these words."""
    [row] = server.sql(
        """SELECT c.id, c.state, c.unread_count, c.is_unanswered, c.user_id, c.has_phone
             FROM sop_conversation c JOIN mail_message m ON m.model = 'discuss.channel' AND m.res_id = c.channel_id
            WHERE m.body LIKE %s LIMIT 1""",
        f"%{words}%",
    )
    return dict(zip(("id", "state", "unread", "unanswered", "user", "phone"), row, strict=True))


@pytest.fixture
def by_hand(server):
    """Nobody is given conversations by themselves meanwhile, and some have nobody."""
    client = server.client("admin")
    teams = client.search("crm.team", ["sop_distribution", "=", "even"])
    client.call("crm.team", "write", teams, {"sop_distribution": "manual"})
    free = client.search("sop.conversation", ["state", "=", "open"], ["kind", "=", "message"], limit=5)
    client.call("sop.conversation", "action_assign", free, False)
    yield free
    client.call("crm.team", "write", teams, {"sop_distribution": "even"})


def test_visitor_and_two_agents(server, new_page, by_hand):
    errors = server.errors()
    lan, minh, visitor = new_page(), new_page(), new_page()
    open_inbox(lan, server, "sales")
    open_inbox(minh, server, "sales2")
    unread = chip_count(lan, "unread")

    # a message arrives in both browsers by itself, within a second and only once
    ask_in_livechat(visitor, server, "Shop ơi váy hoa còn không, số em 0912 345 600")
    rows = [page.locator(ROW, has_text="0912 345 600") for page in (lan, minh)]
    for row in rows:
        expect(row).to_have_count(1)
        expect(row.locator(".o_inbox_row_count")).to_have_text("1")
        expect(row.locator(".fa-phone")).to_be_visible()
    expect(lan.locator("[data-chip=unread] .o_inbox_chip_count")).to_have_text(str(unread + 1))
    conversation = state(server, "0912 345 600")
    assert conversation["phone"] and conversation["unanswered"]

    # one reads: it is read for the team
    rows[0].click()
    lan.locator(COMPOSER).wait_for()
    expect(rows[1].locator(".o_inbox_row_count")).to_have_count(0)

    # claimed by one; the other sees who has it
    if conversation["user"]:  # live chat chose an operator itself: give it back first
        manager = server.client("manager")
        manager.call("sop.conversation", "action_assign", [conversation["id"]], False)
    expect(lan.locator(".o_inbox_claim")).to_be_visible()
    lan.keyboard.press("Escape")
    lan.keyboard.press("a")
    expect(lan.locator(".o_inbox_claim")).to_have_count(0)
    assert state(server, "0912 345 600")["user"] == server.client("sales").uid

    # answered in words, with a product card, and the visitor reads both
    lan.locator(COMPOSER).fill("Dạ còn ạ, em là {{staff}}")
    lan.locator(COMPOSER).press("Enter")
    visitor.locator(".o-livechat-root .o-mail-Message", has_text="Dạ còn ạ, em là Trần Minh Hạnh").wait_for()
    lan.locator(COMPOSER).press("Escape")
    lan.keyboard.press("p")
    product = lan.locator(".o_inbox_product").first
    name = re.sub(r"^\[.*?\] ", "", product.locator(".fw-bold").inner_text())
    product.click()
    card = visitor.locator(".o-livechat-root .o-mail-Message", has_text=name)
    card.wait_for()
    expect(card.locator("img:not(.o-mail-Message-avatar)").first).to_be_visible()
    assert not state(server, "0912 345 600")["unanswered"]

    # the picture is in the library now and goes again without an upload
    lan.locator("[name=sop-picture]").click()
    lan.locator(".o_inbox_picture").first.click()
    lan.locator(".o_inbox_send_pictures").click()
    lan.locator(".o_inbox_reply_dialog").wait_for(state="detached")

    # tagged by keyboard
    lan.keyboard.press("t")
    lan.locator(".o_inbox_tag_menu input").fill("Khách sỉ")
    lan.locator(".o_inbox_tag_choice", has_text="Khách sỉ").click()
    expect(lan.locator(".o_inbox_panel .o_inbox_tag", has_text="Khách sỉ")).to_be_visible()
    lan.keyboard.press("Escape")

    # a customer and a lead in stage 1, the thread staying open
    lan.locator(".o_inbox_make_customer").click()
    lan.locator(".o_inbox_customer_form [name=name]").fill("Khách Thử Web")
    lan.locator(".o_inbox_customer_form [type=submit]").click()
    expect(lan.locator(".o_inbox_profile h5")).to_have_text("Khách Thử Web")
    lan.locator(".o_inbox_make_lead").click()
    expect(lan.locator(".o_inbox_lead .badge")).to_have_text("Thu thập")

    # snoozed: out of the list; the visitor writes: back again
    lan.locator(".o_inbox_snooze").click()
    with lan.expect_response("**/sop.conversation/action_snooze"):
        lan.locator(".o-dropdown--menu [role=menuitem]").first.click()
    for page in (lan, minh):
        expect(page.locator(f"[data-conversation-id='{conversation['id']}']")).to_have_count(0)
    assert state(server, "0912 345 600")["state"] == "snoozed"
    say_in_livechat(visitor, "Em lấy 2 cái nhé")
    row = minh.locator(ROW, has_text="Em lấy 2 cái nhé")
    expect(row).to_have_count(1)
    assert state(server, "0912 345 600")["state"] == "open"

    # done by the other agent, reopened by the visitor
    row.click()
    expect(minh.locator(".o_inbox_thread .o-mail-Message", has_text="Em lấy 2 cái nhé")).to_be_visible()
    minh.locator(".o_inbox_done").click()
    expect(row).to_have_count(0)
    assert state(server, "0912 345 600")["state"] == "done"
    say_in_livechat(visitor, "À cho em hỏi thêm")
    expect(minh.locator(ROW, has_text="À cho em hỏi thêm")).to_have_count(1)
    assert state(server, "0912 345 600")["state"] == "open"
    assert server.errors() == errors


@pytest.fixture
def saved_view(server):
    """A saved view of the manager's; its name."""
    client = server.client("manager")
    view = client.call(
        "ir.filters",
        "create",
        {
            "name": "Cần gọi lại",
            "model_id": "sop.conversation",
            "user_ids": [[4, client.uid]],
            "domain": "[('has_phone', '=', True), ('state', 'in', ['open', 'done'])]",
        },
    )
    yield view
    client.call("ir.filters", "unlink", [view])


def test_chips_combine_and_the_url_keeps_the_conversation(server, desktop, saved_view, by_hand):
    open_inbox(desktop, server, "manager")
    client = server.client("manager")

    def shown():
        return desktop.locator(ROW).count()

    def expected(*domain):
        return min(40, client.call("sop.conversation", "search_count", [["state", "=", "open"], *domain]))

    desktop.locator("[data-chip=comment]").click()
    desktop.locator("[data-chip=unanswered]").click()
    expect(desktop.locator(ROW)).to_have_count(expected(["kind", "=", "comment"], ["is_unanswered", "=", True]))
    desktop.locator("[data-chip=phone]").click()
    expect(desktop.locator(ROW)).to_have_count(expected(["kind", "=", "comment"], ["is_unanswered", "=", True], ["has_phone", "=", True]))
    assert shown() > 0, "the demo shows something for each chip"
    desktop.locator(ROW).first.click()
    desktop.locator(".o_inbox_thread_title").wait_for()
    desktop.wait_for_url(re.compile("sop_conversation="))
    name = desktop.locator(".o_inbox_thread_title bdi").inner_text()
    desktop.reload()
    expect(desktop.locator(".o_inbox_thread_title bdi")).to_have_text(name)
    everything = desktop.locator("[data-chip=all]")
    everything.click()
    expect(desktop.locator(ROW)).to_have_count(expected())
    expect(everything).to_have_attribute("aria-pressed", "true")
    # words that were searched for narrow the list as a chip does, and the empty list says how they are taken off
    desktop.locator(".o_searchview_input").fill("khongcoainhuvay")
    desktop.locator(".o_searchview_autocomplete .o-dropdown-item", has_text="khongcoainhuvay").first.click()
    expect(desktop.locator(ROW)).to_have_count(0)
    expect(everything).to_have_attribute("aria-pressed", "false")
    everything.click()
    expect(desktop.locator(ROW)).to_have_count(expected())
    expect(desktop.locator(".o_searchview_facet")).to_have_count(1)
    for chip in ("message", "comment", "livechat", "unread", "unanswered", "phone", "order", "mine", "unassigned"):
        assert chip_count(desktop, chip) > 0, chip

    # a saved view is a chip: it takes the place of all filters, and says how many it would show
    chip = desktop.locator(f"[data-chip=favorite_{saved_view}]")
    number = client.call("sop.conversation", "search_count", [["has_phone", "=", True], ["state", "in", ["open", "done"]]])
    expect(chip.locator(".o_inbox_chip_count")).to_have_text(str(number))
    chip.click()
    expect(desktop.locator(".o_searchview_facet")).to_have_text(["Cần gọi lại"])
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(desktop.locator(ROW)).to_have_count(min(40, number))
    expect(desktop.locator(f"{ROW} .fa-phone")).to_have_count(min(40, number))
    chip.click()
    expect(desktop.locator(".o_searchview_facet")).to_have_count(0)

    # its address, for a colleague
    desktop.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desktop.locator(".o_inbox_more").click()
    desktop.locator(".dropdown-item .fa-link").click()
    desktop.locator(".o_notification").wait_for()
    link = desktop.evaluate("navigator.clipboard.readText()")
    desktop.goto(link)
    expect(desktop.locator(".o_inbox_thread_title bdi")).to_have_text(name)


def test_one_pane_at_a_time_on_a_phone(server, phone):
    open_inbox(phone, server, "manager")
    press_chip(phone, "livechat", '["kind","=","livechat"]')
    phone.locator(ROW).first.click()
    phone.locator(COMPOSER).wait_for()
    assert not phone.locator(".o_inbox_list").is_visible()
    words = "Dạ em chào anh chị ạ, shop nghe đây"
    phone.locator(COMPOSER).fill(words)
    with phone.expect_response("**/mail/message/post"):  # the screen shows it before
        phone.locator(".o-mail-Composer [name=send-message]").click()
    phone.locator(".o_inbox_thread .o-mail-Message", has_text=words).wait_for()
    phone.locator(".o_inbox_panel_toggle").click()
    phone.locator(".o_inbox_profile").wait_for()
    assert not phone.locator(".o_inbox_thread").is_visible()
    phone.locator(".o_inbox_panel .o_inbox_back").click()
    phone.locator(".o_inbox_more").click()  # what the bar has no room for
    with phone.expect_response("**/sop.conversation/action_assign"):
        phone.locator(".o_bottom_sheet .o_inbox_agent", has_text="Trần Minh Hạnh").click()
    phone.locator(".o_bottom_sheet").wait_for(state="detached")
    phone.locator(".o_inbox_thread .o_inbox_back").click()
    phone.locator(".o_inbox_list").wait_for()
    assert not state(server, words)["unanswered"]
    assert state(server, words)["user"] == server.client("sales").uid
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nothing sticks out to the side"


def test_an_older_answer_changes_nothing(server, desktop):
    """The numbers on the chips: of two readings the later one stays, whichever answer comes first."""
    with desktop.expect_response("**/sop.conversation/get_counters") as first_reading:
        open_inbox(desktop, server, "manager")
    answer = first_reading.value.json()
    client = server.client("manager")
    before = chip_count(desktop, "unread")
    first, second = client.search("sop.conversation", ["unread_count", "=", 0], ["state", "=", "open"], ["last_inbound_ref", ">", 0], limit=2)
    held = []
    desktop.route("**/sop.conversation/get_counters", lambda route: held.append(route), times=1)
    with desktop.expect_request("**/sop.conversation/get_counters"):
        client.call("sop.conversation", "action_mark_unread", [first])
    wait_until(desktop, lambda: held, "the page reads its numbers")
    client.call("sop.conversation", "action_mark_unread", [second])
    count = desktop.locator("[data-chip=unread] .o_inbox_chip_count")
    expect(count).to_have_text(str(before + 2))
    with desktop.expect_response("**/sop.conversation/get_counters"):
        held.pop().fulfill(json=answer)
    desktop.wait_for_timeout(300)
    expect(count).to_have_text(str(before + 2))


def test_bulk_with_a_result(server, desktop, by_hand):
    open_inbox(desktop, server, "manager")
    press_chip(desktop, "unassigned", '["user_id","=",false]')
    rows = desktop.locator(ROW)
    expect(rows.locator("[name=user_id] img")).to_have_count(0)
    for index in range(3):
        rows.nth(index).locator(".o_inbox_avatar").hover()
        rows.nth(index).locator(".o_inbox_row_select").click()
    chosen = desktop.locator(".o_record_selected .o_inbox_row_body")
    expect(chosen).to_have_count(3)
    names = [chosen.nth(index).get_attribute("data-conversation-id") for index in range(3)]
    desktop.locator(".o_inbox_bulk_done").click()
    desktop.locator(".o_inbox_bulk").wait_for(state="detached")
    done = server.sql("SELECT count(*) FROM sop_conversation WHERE state = 'done' AND id IN %s", tuple(map(int, names)))
    assert done == [(3,)]


def test_keys_open_the_sheet_and_walk_the_list(server, desktop):
    open_inbox(desktop, server, "manager")
    desktop.keyboard.press("h")
    desktop.locator(".o_inbox_keys").wait_for()
    desktop.keyboard.press("Escape")
    desktop.locator(".o_inbox_keys").wait_for(state="detached")
    desktop.keyboard.press("j")
    desktop.locator(".o_inbox_record_shown").wait_for()
    first = desktop.locator(".o_inbox_thread_title bdi").inner_text()
    desktop.keyboard.press("j")
    expect(desktop.locator(".o_inbox_thread_title bdi")).not_to_have_text(first)
    desktop.keyboard.press("k")
    expect(desktop.locator(".o_inbox_thread_title bdi")).to_have_text(first)
    desktop.keyboard.press("n")
    expect(desktop.locator(".o_inbox_record_shown .o_inbox_row_unanswered")).to_have_count(1)


def test_catches_up_after_the_line_was_down(server, desktop):
    open_inbox(desktop, server, "manager")
    client = server.client("manager")
    [row] = client.search("sop.conversation", ["state", "=", "open"], ["kind", "=", "livechat"], limit=1)  # among the latest
    expect(desktop.locator(f"[data-conversation-id='{row}']")).to_have_count(1)
    desktop.context.set_offline(True)
    client.call("sop.conversation", "action_done", [row])
    desktop.wait_for_timeout(500)
    desktop.context.set_offline(False)
    expect(desktop.locator(f"[data-conversation-id='{row}']")).to_have_count(0)
