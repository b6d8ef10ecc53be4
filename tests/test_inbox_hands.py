"""What hands and eyes meet in the inbox: nothing jumps, colleagues are seen, the phone's box is wide, pictures are at hand."""

import base64
import random
import re
import threading
import time

import pytest
from harness import log_in, open_inbox, wait_until
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROW = ".o_inbox_record"
SHOWN = ".o_inbox_record_shown [data-conversation-id]"
COMPOSER = ".o_inbox_thread .o-mail-Composer-input"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
#: The conversation whose row is at a point of the page
UNDER = "([x, y]) => document.elementFromPoint(x, y)?.closest('.o_inbox_record')?.querySelector('[data-conversation-id]')?.dataset.conversationId"

#: Notes the conversation whose row a click met, in the moment of the click
NOTE_CLICK = """() => document.addEventListener("click", ({ target }) => {
    window.clicked = target.closest(".o_inbox_record")?.querySelector("[data-conversation-id]")?.dataset.conversationId;
}, { capture: true })"""


def open_livechat(page, server, login):
    """Open the inbox with a live chat, which can be answered at any time."""
    [conversation] = server.client(login).search("sop.conversation", ["state", "=", "open"], ["kind", "=", "livechat"], limit=1)
    log_in(page, server, login, f"/odoo/inbox?sop_conversation={conversation}")
    page.locator(COMPOSER).wait_for()


def set_fetching(page, is_fetching):
    """All of Discuss's chats are fetched, or were; the screen shows it."""
    status = "fetching" if is_fetching else "fetched"
    page.evaluate("(status) => { odoo.__WOWL_DEBUG__.root.env.services['mail.store'].channels.status = status; }", status)
    page.locator(".o-mail-Discuss-mobileLoading").first.wait_for(state="attached" if is_fetching else "detached")


def test_a_click_opens_the_row_that_was_under_it(shop, desktop):
    """Fifty customers write in twenty seconds while an agent works down the list: no click goes astray."""
    open_inbox(desktop, shop.server, "manager")
    desktop.evaluate(NOTE_CLICK)
    dice = random.Random(7)
    people = [f"47{number:05}" for number in range(25)]

    def burst():
        for number in range(50):
            shop.facebook.play_say(dice.choice(people), f"Shop ơi, còn hàng không ạ? ({number})")
            time.sleep(0.4)

    writing = threading.Thread(target=burst)
    writing.start()
    box = desktop.locator(".o_inbox_list_scroll").bounding_box()
    clicks, wrong, news = 0, [], 0
    while clicks < 100 and (writing.is_alive() or clicks < 40):
        point = [box["x"] + box["width"] / 2, box["y"] + dice.uniform(0.05, 0.95) * box["height"]]
        desktop.mouse.move(*point)
        aimed = desktop.evaluate(UNDER, point)
        if not aimed:
            continue
        time.sleep(dice.uniform(0.05, 0.35))  # between the eye and the finger
        desktop.mouse.click(*point)
        met = desktop.evaluate("window.clicked")
        expect(desktop.locator(SHOWN)).to_have_attribute("data-conversation-id", str(met))
        clicks += 1
        news = max(news, desktop.locator(".o_inbox_news").count())
        if met != aimed:
            wrong.append((aimed, met))
    writing.join()
    assert (wrong, clicks >= 40, news) == ([], True, 1), f"{len(wrong)} of {clicks} clicks"

    # the hand leaves the list: what has come takes its place, each customer once
    desktop.mouse.move(box["x"] + box["width"] + 300, box["y"] + 100)
    expect(desktop.locator(".o_inbox_news")).to_have_count(0)
    ids = desktop.locator(f"{ROW} [data-conversation-id]").evaluate_all("rows => rows.map((row) => row.dataset.conversationId)")
    assert len(ids) == len(set(ids))
    shop.wait(shop.all_heard)
    if chat := shop.chat(people[0]):
        expect(desktop.locator(f"{ROW} [data-conversation-id='{chat[0]}']")).to_have_count(1)


@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
def test_the_number_of_new_messages_covers_nothing(shop, new_page, is_phone):
    """It comes above the list and the chips: no row moves for it, and nothing lies below it."""
    page = new_page(phone=is_phone)
    open_inbox(page, shop.server, "manager")
    chips = page.locator(".o_inbox_chips")
    expect(page.locator("[data-chip=unread] .o_inbox_chip_count")).to_have_text(re.compile(r"\d"))
    scroller = page.locator(".o_inbox_list_scroll")
    if is_phone:
        scroller.evaluate("(list) => { list.scrollTop = 90; }")
    else:
        page.locator(ROW).first.hover()
    places = [chips.bounding_box(), scroller.bounding_box(), page.locator(ROW).first.bounding_box()]
    shop.facebook.play_say(f"4801{is_phone:d}", "Shop còn áo màu này không ạ?")
    news = page.locator(".o_inbox_news")
    expect(news).to_be_visible()
    assert places == [chips.bounding_box(), scroller.bounding_box(), page.locator(ROW).first.bounding_box()]
    pill = news.bounding_box()
    assert pill["y"] + pill["height"] <= places[0]["y"]
    others = page.locator(".o_control_panel :is(button, a, .o_last_breadcrumb_item > span, .o_searchview):not(.o_inbox_news)").evaluate_all(
        "els => els.filter((el) => el.checkVisibility()).map((el) => el.getBoundingClientRect().toJSON())"
    )
    across = [box for box in others if box["left"] < pill["x"] + pill["width"] and box["right"] > pill["x"]]
    assert others and not [box for box in across if box["top"] < pill["y"] + pill["height"] and box["bottom"] > pill["y"]]
    news.click()
    expect(news).to_have_count(0)
    expect(page.locator(ROW).first).to_contain_text("Shop còn áo màu này không ạ?")
    assert scroller.evaluate("(list) => list.scrollTop") == 0


def test_colleagues_see_who_looks_and_who_writes(server, new_page):
    lan, minh = new_page(), new_page()
    open_inbox(lan, server, "sales")
    open_inbox(minh, server, "sales2")
    conversation = lan.locator(f"{ROW} [data-conversation-id]").nth(2).get_attribute("data-conversation-id")
    theirs = minh.locator(ROW, has=minh.locator(f"[data-conversation-id='{conversation}']"))
    lan.locator(f"[data-conversation-id='{conversation}']").click()
    expect(theirs.locator(".o_inbox_others .fa-eye")).to_be_visible()
    expect(theirs.locator(".o_inbox_others")).to_have_attribute("title", re.compile("Trần Minh Hạnh"))
    theirs.locator(".o_inbox_row_main").click()
    expect(minh.locator(".o_inbox_thread_others")).to_contain_text("Trần Minh Hạnh")
    expect(lan.locator(".o_inbox_thread_others")).to_be_visible()  # who was there first sees who came
    lan.locator(COMPOSER).press_sequentially("Dạ còn")
    expect(theirs.locator(".o_inbox_others .fa-pencil")).to_be_visible()
    lan.locator(COMPOSER).fill("")
    expect(theirs.locator(".o_inbox_others .fa-pencil")).to_have_count(0)  # they have stopped
    lan.locator(f"{ROW} .o_inbox_row_main").nth(4).click()
    expect(minh.locator(".o_inbox_thread_others")).to_have_count(0)  # and has gone on to another one


def test_the_reply_box_has_the_width_of_a_phone(server, phone):
    open_inbox(phone, server, "manager")
    phone.locator(ROW).first.click()
    phone.locator(COMPOSER).wait_for()
    for is_fetching in (True, False):  # all of Discuss, which may take longer than the one chat
        set_fetching(phone, is_fetching)
        assert phone.locator(COMPOSER).bounding_box()["width"] >= 250
    phone.locator("[name=more-actions]").click()
    sheet = phone.locator(".o_bottom_sheet")
    for tool in ("sop-order", "sop-canned", "sop-product", "sop-picture", "upload-files"):
        expect(sheet.locator(f"[name={tool}]")).to_be_visible()
    expect(sheet.locator("[name=sop-order]")).to_have_text(re.compile(r"\w+\s*$"))  # without its key: there is none to press
    expect(sheet.locator("[name=add-canned-response]")).to_have_count(0)  # core's, with the same answers
    sheet.locator("[name=sop-product]").click()
    phone.locator(".o_inbox_product").first.wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_chat_keeps_its_place_while_others_are_fetched(server, desktop):
    """All of Discuss's chats may take seconds to come: the chat that is open has its width and height meanwhile."""
    open_inbox(desktop, server, "manager")
    desktop.locator(ROW).first.click()
    desktop.locator(COMPOSER).wait_for()
    chat = desktop.locator(".o_inbox_thread .o-mail-Thread")
    boxes = []
    for is_fetching in (False, True):
        set_fetching(desktop, is_fetching)
        boxes.append(chat.bounding_box())
    assert boxes[0] == boxes[1]


def test_nine_rows_and_one_line_of_chips(server, desktop):
    open_inbox(desktop, server, "manager")
    expect(desktop.locator("[data-chip=unread] .o_inbox_chip_count")).to_have_text(re.compile(r"\d"))
    pane = desktop.locator(".o_inbox_list_scroll").bounding_box()
    rows = [row.bounding_box() for row in desktop.locator(ROW).all()]
    whole = [row for row in rows if row["y"] >= pane["y"] and row["y"] + row["height"] <= 768]
    assert len(whole) >= 9
    assert desktop.locator(".o_inbox_chip_row").bounding_box()["height"] < 30, "one line"
    more = desktop.locator(".o_inbox_chips_more")
    more.click()
    expect(desktop.locator("[data-chip=user]")).to_be_in_viewport()
    more.click()

    # the list view: every header can be read
    desktop.locator(".o_switch_view.o_list").click()
    desktop.locator(".o_list_table").wait_for()
    cut = desktop.locator(".o_list_table thead th .text-truncate").evaluate_all(
        "cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent)"
    )
    assert not cut


def test_a_picture_is_pasted(server, desktop, new_page):
    open_livechat(desktop, server, "manager")
    desktop.locator(COMPOSER).evaluate(
        """(box, data) => {
            const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], "dan-vao.png", { type: "image/png" }));
            box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        PIXEL,
    )
    expect(desktop.locator(".o-mail-Composer .o-mail-AttachmentImage, .o-mail-Composer .o-mail-AttachmentContainer").first).to_be_visible()
    expect(desktop.locator(".o-mail-Composer [name=send-message]")).to_be_enabled()  # core sends nothing while a file is on its way up
    desktop.locator(COMPOSER).press("Enter")
    sent = "SELECT 1 FROM ir_attachment a JOIN message_attachment_rel r ON r.attachment_id = a.id WHERE a.name = 'dan-vao.png'"
    wait_until(desktop, lambda: server.sql(sent), "the picture is sent")


def test_the_library_takes_uploads_into_folders(server, desktop):
    open_livechat(desktop, server, "manager")
    desktop.locator("[name=sop-picture]").click()
    dialog = desktop.locator(".o_inbox_reply_dialog")
    dialog.locator(".o_inbox_folder_new").click()
    dialog.locator(".o_inbox_folder_name").fill("Bảng size")
    dialog.locator(".o_inbox_folder_name").press("Enter")
    expect(dialog.locator(".o_inbox_picture")).to_have_count(0)
    files = [{"name": f"size-{letter}.png", "mimeType": "image/png", "buffer": picture(letter)} for letter in "ML"]
    dialog.locator(".o_inbox_upload input").set_input_files(files)
    expect(dialog.locator(".o_inbox_picture.active")).to_have_count(2)
    dialog.locator(".o_inbox_send_pictures").click()
    dialog.wait_for(state="detached")
    expect(desktop.locator(".o_inbox_thread img[alt^='size-'], .o_inbox_thread .o-mail-AttachmentImage").first).to_be_visible()

    # next time the folder is there
    desktop.locator("[name=sop-picture]").click()
    dialog.locator(".o_inbox_folder", has_text="Bảng size").click()
    expect(dialog.locator(".o_inbox_picture")).to_have_count(2)


def picture(letter):
    """Another one-pixel picture for each letter."""
    return base64.b64decode(PIXEL) + letter.encode()


def test_a_view_saved_on_the_screen_has_its_number(server, desktop):
    open_inbox(desktop, server, "manager")
    desktop.locator("[data-chip=phone]").click()
    expect(desktop.locator(".o_searchview_facet")).to_have_count(2)
    desktop.locator(".o_searchview_dropdown_toggler").click()
    desktop.locator(".o_add_favorite").click()
    desktop.locator(".o_favorite_menu input[type=text]").fill("Khách có số của tôi")
    desktop.locator(".o_favorite_menu .o_save_favorite").click()
    desktop.keyboard.press("Escape")
    chip = desktop.locator(".o_inbox_favorite", has_text="Khách có số của tôi")
    number = server.client("manager").call("sop.conversation", "search_count", [["state", "=", "open"], ["has_phone", "=", True]])
    expect(chip.locator(".o_inbox_chip_count")).to_have_text(str(number))


def test_an_open_picker_follows_the_stock(server, desktop):
    """What a colleague sells meanwhile is gone from a list that stays open."""
    admin = server.client("admin")
    product = admin.create("product.product", name="Áo còn một", is_storable=True, list_price=1000)
    [stock] = admin.search("stock.location", ["usage", "=", "internal"], ["warehouse_id", "!=", False], limit=1)

    def there(quantity):
        quant = admin.create("stock.quant", product_id=product, location_id=stock, inventory_quantity=quantity)
        admin.call("stock.quant", "action_apply_inventory", [quant])

    there(7)
    open_inbox(desktop, server, "manager")
    desktop.locator(ROW).first.click()
    desktop.locator("[data-tab=order]").click()
    desktop.locator(".o_order_search").fill("Áo còn một")
    row = desktop.locator(f".o_order_result[data-product='{product}']")
    expect(row).to_contain_text("7")
    there(4)  # on top of the seven
    expect(row).to_contain_text("11")


def test_what_was_closed_too_soon_is_had_back(server, desktop):
    """Keys work once Escape has left the box, and only then; a closing can be taken back for some seconds."""
    open_inbox(desktop, server, "manager")
    row = desktop.locator(f"{ROW} [data-conversation-id]").nth(1)
    conversation = int(row.get_attribute("data-conversation-id"))
    row.click()
    desktop.locator(COMPOSER).fill("d")
    desktop.locator(COMPOSER).press("d")
    expect(desktop.locator(COMPOSER)).to_have_value("dd")
    desktop.locator(COMPOSER).fill("")
    desktop.locator(COMPOSER).press("Escape")
    desktop.keyboard.press("d")
    undo = desktop.locator(".o_notification .o_notification_buttons button")
    undo.wait_for()
    state = "SELECT state FROM sop_conversation WHERE id = %s"
    assert server.sql(state, conversation) == [("done",)]
    undo.click()
    wait_until(desktop, lambda: server.sql(state, conversation) == [("open",)], "it is open again")
    expect(desktop.locator(SHOWN)).to_have_attribute("data-conversation-id", str(conversation))


def test_answers_by_arrow_keys_show_what_the_customer_would_read(server, desktop):
    open_livechat(desktop, server, "sales")
    desktop.locator(COMPOSER).press("Escape")
    desktop.keyboard.press("c")
    answers = desktop.locator(".o_inbox_canned")
    expect(answers.first).to_be_visible()
    assert "{{" not in answers.nth(1).locator(".o_inbox_canned_text").inner_text()
    desktop.keyboard.press("ArrowDown")
    expect(answers.nth(1)).to_have_class(re.compile("o_inbox_reply_active"))
    words = answers.nth(1).locator(".o_inbox_canned_text").inner_text().splitlines()[0][:30]
    desktop.keyboard.press("Enter")
    desktop.locator(".o_inbox_thread .o-mail-Message", has_text=words).first.wait_for()
