"""A shop on Facebook and Zalo in the browser: picture, reply, order; a comment hidden and answered privately; a token renewed."""

import re

import pytest
from harness import log_in, press, wait_until
from playwright.sync_api import TimeoutError, expect

pytestmark = pytest.mark.browser

ROW = ".o_inbox_record"
COMPOSER = ".o_inbox_thread .o-mail-Composer-input"


def reply(page, text):
    page.locator(COMPOSER).fill(text)
    page.locator(COMPOSER).press("Enter")
    return page.locator(".o_inbox_thread .o-mail-Message", has_text=text)


def test_messenger_with_picture_reply_and_order(shop, desktop):
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    desktop.locator(ROW).first.wait_for()
    shop.facebook.play_say("4109999", "Shop ơi còn váy hoa màu kem không ạ?")
    shop.facebook.play_say("4109999", "", picture=True)
    row = desktop.locator(ROW, has_text="Người Mua 9999")
    expect(row).to_have_count(1)
    row.click()
    expect(desktop.locator(".o_inbox_thread .o-mail-AttachmentImage, .o_inbox_thread .o-mail-AttachmentList img").first).to_be_visible()
    expect(desktop.locator(".o_inbox_countdown")).to_contain_text("23")

    message = reply(desktop, "Dạ còn ạ, 350k nhé")
    expect(message.locator("[data-state=sent], [data-state=delivered], [data-state=read]")).to_have_count(1)
    assert [item["text"] for item in shop.facebook.sent if item["to"] == "4109999"] == ["Dạ còn ạ, 350k nhé"]
    shop.facebook.play_read("4109999")
    expect(message.locator("[data-state=read]")).to_have_count(1)

    # what the platform refuses says why, in Vietnamese, and can be sent again
    del shop.facebook.people["4109999"]
    refused = reply(desktop, "Mình đặt nhé")
    expect(refused.locator(".o_inbox_delivery_reason")).to_contain_text("Không liên lạc được với khách")
    # an older answer that comes after the news changes nothing
    stale = {
        "id": shop.server.sql("SELECT max(mail_message_id) FROM sop_channel_message WHERE person_ref = '4109999'")[0][0],
        "sop_delivery": {"state": "queued", "version": "2026"},
    }
    desktop.evaluate("message => odoo.__WOWL_DEBUG__.root.env.services['mail.store'].insert({ 'mail.message': [message] })", stale)
    desktop.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")  # it is drawn by then
    expect(refused.locator("[data-state=failed]")).to_have_count(1)
    shop.facebook.control("know", {"person": "4109999"})
    press(refused.locator(".o_inbox_retry"))
    expect(refused.locator("[data-state=sent]")).to_have_count(1)

    # an order made here: its receipt arrives in Meta's own form
    client = shop.server.client("manager")
    conversation = shop.chat("4109999")[0]
    [product] = client.search("product.product", ["list_price", ">", 0], ["type", "=", "consu"], limit=1)
    client.call("sop.conversation", "action_create_order", [conversation], {"lines": [{"product_id": product, "qty": 2}], "confirm": True})
    shop.wait(lambda: [item for item in shop.facebook.sent if item["to"] == "4109999" and item["kind"] == "template"], 60)
    [receipt] = [item["payload"] for item in shop.facebook.sent if item["to"] == "4109999" and item["kind"] == "template"]
    assert receipt["template_type"] == "receipt"
    summary = receipt["summary"]
    assert sum(line["price"] for line in receipt["elements"]) == summary["subtotal"]
    told = [event for event in shop.facebook.events.values() if event["user_data"].get("page_scoped_user_id") == "4109999"]
    assert not told, "nothing is told to Meta without consent"


def test_comment_hidden_and_answered_privately(shop, desktop):
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    desktop.locator(ROW).first.wait_for()
    ref = shop.facebook.play_comment("4200001", "Ib mình nhé 0912345999", "Lê Thị Bình")["comment_id"]
    row = desktop.locator(ROW, has_text="Lê Thị Bình")
    expect(row).to_have_count(1)
    row.click()
    expect(desktop.locator(".o_inbox_hidden")).to_be_visible()
    assert shop.facebook.comments[ref]["hidden"], "hidden on the platform"
    expect(desktop.locator(COMPOSER)).to_have_attribute("placeholder", re.compile("công khai"))
    desktop.locator(".o_inbox_private").click()
    desktop.locator(".o_inbox_private_text").fill("Shop nhắn riêng mình nhé")
    desktop.locator(".o_inbox_private_send").click()
    desktop.locator(".o_inbox_private_text").wait_for(state="detached")
    expect(desktop.locator(".o_inbox_private")).to_have_count(0)
    shop.wait(lambda: ref in shop.facebook.private, 60)
    shop.facebook.play_say("94200001", "Dạ shop báo giá giúp em")
    expect(desktop.locator(ROW, has_text="Dạ shop báo giá giúp em")).to_have_count(1)
    desktop.locator(".o_inbox_twin").click()  # from the comment to the private chat it opened
    expect(desktop.locator(".o_inbox_thread .o-mail-Message", has_text="Dạ shop báo giá giúp em")).to_be_visible()
    expect(desktop.locator(COMPOSER)).not_to_have_attribute("placeholder", re.compile("công khai"))


def test_zalo_across_a_token_renewal(shop, desktop):
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    used, person = len(shop.zalo.used), "5510185758261927916"
    shop.zalo.play_say(person, "Chào shop, hỏi đơn hàng")
    row = desktop.locator(ROW, has_text="Chào shop, hỏi đơn hàng")
    expect(row).to_have_count(1)
    row.click()
    sent = "[data-state=sent], [data-state=delivered], [data-state=read]"
    expect(reply(desktop, "Dạ đơn đang giao ạ").locator(sent)).to_have_count(1)
    shop.zalo.play_expire()
    expect(reply(desktop, "Mai mình nhận nhé").locator(sent)).to_have_count(1)
    assert (len(shop.zalo.used), shop.zalo.refused) == (used + 1, 0)
    assert [item["text"] for item in shop.zalo.sent if item["to"] == person] == ["Dạ đơn đang giao ạ", "Mai mình nhận nhé"]


def test_health_page_and_check(shop, desktop):
    # what failed for other tests' sake counts until the next event is applied
    shop.server.sql("UPDATE sop_channel_account SET failure_count = 1, last_event_at = NULL WHERE provider = 'facebook'")
    shop.facebook.subscribed = []
    shop.facebook.play_say("4300001", "Alo")
    works = "SELECT 1 FROM sop_channel_account WHERE provider = 'facebook' AND last_event_at IS NOT NULL AND failure_count = 0"
    shop.wait(lambda: shop.server.sql(works), 60, "sop_channel_event_cron_apply")
    log_in(desktop, shop.server, "admin", "/odoo/action-sop_inbox.sop_channel_account_action_health")
    expect(desktop.locator(".o_kanban_record", has_text="Shop SOP (Facebook)")).to_contain_text("Hoạt động")
    account = shop.server.ref("sop_inbox.account_page")
    desktop.goto(f"{shop.server.url}/odoo/action-sop_inbox.sop_channel_account_action/{account}")
    desktop.locator("button[name=action_check]").click()
    expect(desktop.locator(".o_notification").first).to_contain_text("Meta chưa gửi")
    desktop.locator("button[name=action_subscribe]").click()
    expect(desktop.locator(".o_notification", has_text="Mọi thứ hoạt động tốt")).to_be_visible()


def test_reaction_and_a_reply_that_did_not_go(shop, desktop):
    """The customer sees the shop's reaction; what did not go shows in the list until it is taken back."""
    shop.server.sql("UPDATE sop_conversation SET has_unsent = FALSE WHERE has_unsent")  # what other tests' platforms refused or lost
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    desktop.locator(ROW).first.wait_for()
    person = "4409998"
    mid = shop.facebook.play_say(person, "Cảm ơn shop nhiều nha")["mid"]
    desktop.locator(ROW, has_text="Cảm ơn shop nhiều nha").click()
    message = desktop.locator(".o_inbox_thread .o-mail-Message", has_text="Cảm ơn shop nhiều nha")
    for _try in range(3):  # what comes in meanwhile moves the message away from below the mouse
        message.hover()
        try:
            message.locator(".o-mail-QuickReactionMenu-toggler").click(timeout=10_000)
            desktop.locator(".o-mail-QuickReactionMenu-emoji", has_text="👍").click(timeout=10_000)
            break
        except TimeoutError:
            desktop.mouse.move(0, 0)
    shop.wait(lambda: shop.facebook.reactions.get(mid) == "👍", 60)
    press(message.locator(".o-mail-MessageReaction", has_text="👍"))
    shop.wait(lambda: shop.facebook.reactions.get(mid) == "", 60)

    expect(desktop.locator("[data-chip=all]")).to_contain_text(re.compile(r"\d"))  # the numbers are there
    expect(desktop.locator("[data-chip=unsent]")).to_have_count(0)
    shop.facebook.control("know", {"person": person, "ago": 100_000})  # for the platform they wrote long ago
    refused = reply(desktop, "Dạ không có gì ạ")
    expect(desktop.locator(".o_notification", has_text="cho đến khi khách nhắn")).to_be_visible()
    expect(refused.locator(".o_inbox_delivery_reason")).to_be_visible()
    for _try in range(3):  # as above
        refused.hover()
        try:
            refused.locator("button[name^='more-action']").click(timeout=10_000)
            break
        except TimeoutError:
            desktop.mouse.move(0, 0)
    expect(desktop.locator(".o-dropdown--menu .o-dropdown-item").first).to_be_visible()
    expect(desktop.locator(".o-dropdown--menu [name=edit], .o-dropdown--menu [name=delete]")).to_have_count(0)
    desktop.keyboard.press("Escape")
    desktop.locator("[data-chip=unsent]").click()
    expect(desktop.locator(f"{ROW} .fa-exclamation-circle")).to_have_count(1)
    press(desktop.locator(".o_inbox_take_back"))
    expect(desktop.locator(ROW)).to_have_count(0)
    desktop.locator("[data-chip=unsent]").click()
    expect(desktop.locator("[data-chip=unsent]")).to_have_count(0)
    expect(desktop.locator(ROW, has_text="Cảm ơn shop nhiều nha")).to_have_count(1)
    assert "Dạ không có gì ạ" not in [item["text"] for item in shop.facebook.sent if item["to"] == person]


def test_template_when_the_window_is_closed(shop, desktop):
    """A day after the customer's last word the page's approved template still goes, with its blanks filled."""
    person = "4419997"
    shop.facebook.play_say(person, "Bao giờ giao cho mình?", ago=100_000)
    shop.wait(lambda: shop.chat(person), 60, "sop_channel_event_cron_apply")
    client = shop.server.client("admin")
    client.call("sop.channel.account", "action_fetch_templates", [shop.server.ref("sop_inbox.account_page")])
    log_in(desktop, shop.server, "manager", f"/odoo/inbox?sop_conversation={shop.chat(person)[0]}")
    expect(desktop.locator(".o_inbox_window")).to_contain_text("24 giờ")
    expect(desktop.locator(COMPOSER)).to_have_count(0)
    desktop.locator(".o_inbox_templates").click()
    send = desktop.locator(".o_inbox_template_send")
    expect(send).to_be_disabled()
    for blank, value in zip(desktop.locator(".o_inbox_blank").all(), ("S00042", "ngày mai"), strict=True):
        blank.fill(value)
    words = "Đơn S00042 của bạn đang được giao, dự kiến ngày mai."
    expect(desktop.locator(".o_inbox_template_preview")).to_have_text(words)
    send.click()
    message = desktop.locator(".o_inbox_thread .o-mail-Message", has_text=words)
    expect(message.locator("[data-state=sent], [data-state=delivered], [data-state=read]")).to_have_count(1)
    [sent] = [item["template"] for item in shop.facebook.sent if item["to"] == person]
    assert (sent["name"], [value["text"] for value in sent["components"][0]["parameters"]]) == ("giao_hang", ["S00042", "ngày mai"])


def test_zalo_s_form_brings_the_phone(shop, desktop):
    person = "5510185758261920001"
    shop.zalo.play_say(person, "Shop tư vấn giúp mình")
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    desktop.locator(ROW, has_text="Shop tư vấn giúp mình").click()
    desktop.locator(".o_inbox_ask_info").click()
    shop.wait(lambda: [item for item in shop.zalo.sent if item["to"] == person], 60)
    [form] = [item["payload"] for item in shop.zalo.sent if item["to"] == person]
    assert form["template_type"] == "request_user_info"
    info = {"name": "Lê Văn C", "phone": "84901234888", "address": "1 Lê Lợi"}
    shop.zalo.notify(shop.zalo.event("user_submit_info", person, shop.zalo.oa, {}) | {"info": info})
    expect(desktop.locator(".o_inbox_thread .o-mail-Message", has_text="1 Lê Lợi")).to_be_visible()
    expect(desktop.locator(ROW, has_text="1 Lê Lợi").locator(".fa-phone")).to_be_visible()


def test_back_on_a_phone_leads_to_the_list(shop, phone):
    """From the customer to the chat, from the chat to the list: the phone's own Back, and the arrow on the screen."""
    log_in(phone, shop.server, "manager", "/odoo/inbox")
    pane = phone.locator(".o_inbox")

    def shows(name):
        expect(pane).to_have_class(re.compile(f"o_inbox_pane_{name}"))

    phone.locator(ROW).first.click()
    shows("thread")
    phone.locator(".o_inbox_panel_toggle").click()
    shows("panel")
    phone.go_back()
    shows("thread")
    phone.go_back()
    shows("list")
    held = []  # the answer comes after one has gone back: the step's address was there before it
    phone.route("**/sop.conversation/get_panel", lambda route: held.append(route))
    phone.locator(ROW).nth(1).click()
    shows("thread")
    phone.get_by_title("Về danh sách").click()
    shows("list")
    for route in held:
        route.continue_()
    phone.unroute("**/sop.conversation/get_panel")
    phone.go_forward()
    shows("thread")
    expect(phone.locator(".o_inbox_thread .o-mail-Message").first).to_be_visible()
    phone.go_back()
    shows("list")
    assert "sop_conversation" not in phone.url and held


def test_a_livestream_s_board_follows_by_itself(shop, desktop, phone):
    """Row H21: wishes come in while one looks; who asks without a size gets one; who drops out passes the piece on."""
    client = shop.server.client("admin")
    shirt = client.create(
        "product.template",
        name="Áo livestream",
        list_price=100_000,
        attribute_line_ids=[
            [
                0,
                0,
                {
                    "attribute_id": (size := client.create("product.attribute", name="Cỡ live")),
                    "value_ids": [[6, 0, [client.create("product.attribute.value", name=name, attribute_id=size) for name in ("M", "L")]]],
                },
            ]
        ],
    )
    shop.facebook.play_comment("4800001", "Live chưa shop?", "Đỗ Sớm", post="live9")
    shop.wait(lambda: shop.server.sql("SELECT 1 FROM sop_channel_post WHERE external_id LIKE '%%_live9'"), 60)
    [post] = client.search("sop.channel.post", ["external_id", "like", "%_live9"])
    session = client.create("sop.live.session", post_id=post, item_ids=[[0, 0, {"code": "Z1", "product_tmpl_id": shirt, "quantity": 1}]])

    log_in(desktop, shop.server, "manager", f"/odoo/sop-live-board/{session}")
    desktop.locator(".o_live_start").click()
    expect(desktop.locator(".o_live_sign")).to_be_visible()
    wishes = desktop.locator(".o_live_claim")
    expect(desktop.locator(".o_live_empty")).to_be_visible()
    shop.facebook.play_comment("4800002", "chốt Z1 size M 0912345802", "Lê Hai", post="live9")
    expect(wishes.filter(has_text="Lê Hai")).to_have_attribute("data-state", "won")
    shop.facebook.play_comment("4800003", "z1 nha shop", "Trần Ba", post="live9")
    asked = wishes.filter(has_text="Trần Ba")
    expect(asked).to_have_attribute("data-state", "asked")
    expect(wishes).to_have_count(2)
    asked.locator(".o_live_choose").click()
    desktop.locator(".o-dropdown-item", has_text="M").click()
    expect(asked).to_have_attribute("data-state", "waiting")
    expect(desktop.locator("[data-counter=waiting] .o_live_number")).to_have_text("1")
    expect(desktop.locator(".o_live_left").first).to_have_text("hết hàng")

    desktop.reload()
    wishes.filter(has_text="Lê Hai").locator(".o_live_drop").click()
    desktop.locator(".modal-footer .btn-primary").click()
    expect(asked).to_have_attribute("data-state", "won")
    desktop.locator("[data-filter=dropped]").click()
    expect(wishes).to_have_count(1)
    desktop.locator("[data-filter=all]").click()
    asked.locator(".o_live_customer").click()
    expect(desktop.locator(".o_inbox_thread .o-mail-Message", has_text="z1 nha shop")).to_be_visible()

    # on a phone the chat is a step of its own on top of the inbox, and both on top of the board
    # (news that come while the page opens are read at once, and the first answer comes before theirs)
    held = []
    phone.route("**/sop.live.session/get_board*", lambda route: held.append(route) if len(held) < 2 else route.continue_())
    log_in(phone, shop.server, "manager", f"/odoo/sop-live-board/{session}")
    wait_until(phone, lambda: held, "the board is read")
    shop.facebook.play_comment("4800004", "Z1 size M 0912345804", "Phạm Bốn", post="live9")
    wait_until(phone, lambda: len(held) == 2, "the news are read")
    with phone.expect_response(lambda answer: "get_board" in answer.url):
        held[0].continue_()
    held[1].continue_()
    expect(phone.locator(".o_live_claim", has_text="Phạm Bốn")).to_be_visible()
    phone.locator(".o_live_customer", has_text="Trần Ba").click()
    expect(phone.locator(".o_inbox_thread .o-mail-Message", has_text="z1 nha shop")).to_be_visible()
    phone.wait_for_url("**/inbox?sop_conversation=*")
    phone.go_back()
    expect(phone.locator(ROW).first).to_be_visible()
    assert phone.url.endswith("/inbox")
    phone.go_back()
    expect(phone.locator(".o_live_claim").first).to_be_visible()
