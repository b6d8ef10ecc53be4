"""A shop on Facebook and Zalo in the browser: picture, reply, order; a comment hidden and answered privately; a token renewed."""

import pytest
from harness import log_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ROW = ".o_inbox_record"
COMPOSER = ".o_inbox_thread .o-mail-Composer-input"
SECONDS = 30_000


def reply(page, text):
    page.locator(COMPOSER).fill(text)
    page.locator(COMPOSER).press("Enter")
    return page.locator(".o_inbox_thread .o-mail-Message", has_text=text)


def test_messenger_with_picture_reply_and_order(shop, desktop):
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    desktop.locator(ROW).first.wait_for()
    shop.facebook.play_say("4109999", "Shop ơi còn váy hoa màu kem không ạ?")
    shop.facebook.play_say("4109999", "", picture=True)
    row = desktop.locator(ROW, has_text="Khách 9999")
    expect(row).to_have_count(1, timeout=SECONDS)
    row.click()
    expect(desktop.locator(".o_inbox_thread .o-mail-AttachmentImage, .o_inbox_thread .o-mail-AttachmentList img").first).to_be_visible(
        timeout=SECONDS
    )
    expect(desktop.locator(".o_inbox_countdown")).to_contain_text("23")

    message = reply(desktop, "Dạ còn ạ, 350k nhé")
    expect(message.locator("[data-state=sent], [data-state=delivered], [data-state=read]")).to_have_count(1, timeout=SECONDS)
    assert [item["text"] for item in shop.facebook.sent if item["to"] == "4109999"] == ["Dạ còn ạ, 350k nhé"]
    shop.facebook.play_read("4109999")
    expect(message.locator("[data-state=read]")).to_have_count(1, timeout=SECONDS)

    # what the vendor refuses says why, in Vietnamese, and can be sent again
    del shop.facebook.people["4109999"]
    refused = reply(desktop, "Mình đặt nhé")
    expect(refused.locator(".o_inbox_delivery_reason")).to_contain_text("Không liên lạc được với khách", timeout=SECONDS)
    shop.facebook.control("know", {"person": "4109999"})
    refused.locator(".o_inbox_retry").click()
    expect(refused.locator("[data-state=sent]")).to_have_count(1, timeout=SECONDS)

    # an order made here: its receipt arrives in Meta's own form
    client = shop.server.client("manager")
    conversation = shop.chat("4109999")[0]
    [product] = client.search("product.product", ["list_price", ">", 0], ["type", "=", "consu"], limit=1)
    client.call("sop.conversation", "action_create_order", [conversation], {"lines": [{"product_id": product, "qty": 2}], "confirm": True})
    shop.wait(lambda: [item for item in shop.facebook.sent if item["to"] == "4109999" and item["kind"] == "template"], 40)
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
    expect(row).to_have_count(1, timeout=SECONDS)
    row.click()
    expect(desktop.locator(".o_inbox_hidden")).to_be_visible(timeout=SECONDS)
    assert shop.facebook.comments[ref]["hidden"], "hidden at the vendor"
    desktop.locator(".o_inbox_private").click()
    desktop.locator(".o_inbox_private_text").fill("Shop nhắn riêng mình nhé")
    desktop.locator(".o_inbox_private_send").click()
    desktop.locator(".o_inbox_private_text").wait_for(state="detached")
    expect(desktop.locator(".o_inbox_private")).to_have_count(0, timeout=SECONDS)
    shop.wait(lambda: ref in shop.facebook.private, 30)
    shop.facebook.play_say("94200001", "Dạ shop báo giá giúp em")
    expect(desktop.locator(ROW, has_text="Dạ shop báo giá giúp em")).to_have_count(1, timeout=SECONDS)


def test_zalo_across_a_token_renewal(shop, desktop):
    log_in(desktop, shop.server, "manager", "/odoo/inbox")
    used, person = len(shop.zalo.used), "5510185758261927916"
    shop.zalo.play_say(person, "Chào shop, hỏi đơn hàng")
    row = desktop.locator(ROW, has_text="Chào shop, hỏi đơn hàng")
    expect(row).to_have_count(1, timeout=SECONDS)
    row.click()
    sent = "[data-state=sent], [data-state=delivered], [data-state=read]"
    expect(reply(desktop, "Dạ đơn đang giao ạ").locator(sent)).to_have_count(1, timeout=SECONDS)
    shop.zalo.play_expire()
    expect(reply(desktop, "Mai mình nhận nhé").locator(sent)).to_have_count(1, timeout=SECONDS)
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
    expect(desktop.locator(".o_kanban_record", has_text="Shop SOP (Facebook)")).to_contain_text("Hoạt động", timeout=SECONDS)
    account = shop.server.ref("sop_inbox.account_page")
    desktop.goto(f"{shop.server.url}/odoo/action-sop_inbox.sop_channel_account_action/{account}")
    desktop.locator("button[name=action_check]").click()
    expect(desktop.locator(".o_notification").first).to_contain_text("Meta chưa gửi", timeout=SECONDS)
    desktop.locator("button[name=action_subscribe]").click()
    expect(desktop.locator(".o_notification", has_text="Mọi thứ hoạt động tốt")).to_be_visible(timeout=SECONDS)
