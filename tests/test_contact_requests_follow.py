"""Seller and buyer in the browser: results, links, clocks of other zones, ways back, numbers taken back."""

import re
import time
from datetime import datetime, timedelta, timezone

import pytest
from harness import log_in
from playwright.sync_api import expect
from test_contact_requests import LISTING, ask, eventually, new_number, open_form


@pytest.mark.browser
def test_outcome_results_and_again(server, new_page, admin):
    """The seller says what came of it, writes in the way the buyer agreed to, sees their results and takes the list along."""
    name, number = f"Khách {time.time_ns()}", new_number()
    buyer = new_page(phone=True)
    open_form(buyer, server, server.ref(LISTING))
    form = buyer.locator(".o_sop_request_dialog")
    form.locator("[name=buyer_name]").fill(name)
    form.locator("[name=phone]").fill(number)
    form.locator("[name=consent]").check()
    form.locator("[name=way_sms]").check()
    buyer.wait_for_timeout(2200)
    form.locator("button[type=submit]").click()
    form.locator(".o_sop_request_thanks").wait_for()
    seller = new_page(phone=True)
    log_in(seller, server, "seller", "/my/contact-requests", form=True)
    seller.wait_for_selector("body[is-ready=true]")
    row = seller.locator(".o_sop_row", has_text=name)
    request_id = int(row.get_attribute("data-id"))
    row.locator(".o_sop_outcome").select_option("appointment")
    done = {"id": request_id, "outcome": "appointment", "state": "contact_again"}
    eventually(lambda: admin.read("sop.contact.request", request_id, "outcome", "state") == done)
    expect(row.locator(".o_sop_state")).to_have_value("contact_again")
    row.locator(".o_sop_again_menu").click()
    assert row.locator(".o_sop_speak").count() == 2, "a call, and the text message they agreed to"
    seller.evaluate("() => { window.opened = []; HTMLAnchorElement.prototype.click = function () { window.opened.push(this.href); }; }")
    row.locator(".o_sop_speak[data-way=sms]").click()
    seller.wait_for_function("() => window.opened.length")
    assert seller.evaluate("() => window.opened[0]").startswith("sms:+84" + number.replace(" ", "")[1:])
    assert len(admin.read("sop.contact.request", request_id, "reveal_ids")["reveal_ids"]) == 1
    seller.goto(f"{server.url}/my/contact-requests/figures")
    expect(seller.locator(".o_sop_by_listing tbody tr").first).to_contain_text("iPhone")
    seller.goto(f"{server.url}/my/contact-requests")
    with seller.expect_download() as download:
        seller.click(".o_sop_export")
    assert re.search(r"\.xlsx$", download.value.suggested_filename)


@pytest.mark.browser
def test_the_private_link_is_copied(server, new_page):
    """From the thanks, and from the page itself: what is in the clipboard opens the page."""
    page = new_page(phone=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    link = ask(page, server, server.ref(LISTING), "Nguyễn Thị Trúc", new_number())
    page.click(".o_sop_request_thanks .o_sop_copy_link")
    page.wait_for_selector(".o_notification")
    assert page.evaluate("navigator.clipboard.readText()") == server.url + link
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    page.wait_for_selector("body[is-ready=true] .o_sop_copy_link:visible")
    page.evaluate("navigator.clipboard.writeText('')")
    page.click(".o_sop_copy_link")
    page.wait_for_selector(".o_notification")
    assert page.evaluate("navigator.clipboard.readText()") == server.url + link
    # the browser does not let the page copy: the link stands in the notification instead
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.click(".o_sop_copy_link")
    expect(page.locator(".o_notification", has_text=link)).to_be_visible()


@pytest.mark.browser
def test_a_laptop_of_another_zone(server, new_page, chromium, admin):
    """A time typed abroad is one of the seller's own calendar; a preset counts from the press, however old the page is."""
    name = f"Khách {time.time_ns()}"
    ask(new_page(), server, server.ref(LISTING), name, new_number())
    [request_id] = admin.search("sop.contact.request", ["buyer_name", "=", name])
    context = chromium.new_context(locale="vi-VN", timezone_id="America/New_York")
    try:
        abroad = context.new_page()
        log_in(abroad, server, "seller", "/my/contact-requests")
        abroad.wait_for_selector("body[is-ready=true] .o_sop_row")
        row = abroad.locator(f".o_sop_row[data-id='{request_id}']")
        day = (datetime.now(timezone.utc) + timedelta(days=3)).date()
        row.locator(".o_sop_clock").click()
        row.locator(".o_sop_when").fill(f"{day}T08:30")
        row.locator(".o_sop_when_set").click()
        eventually(lambda: admin.read("sop.contact.request", request_id, "reminder_at")["reminder_at"] == f"{day} 01:30:00")
        expect(row.locator(".o_sop_reminder")).to_contain_text("08:30")
        abroad.wait_for_timeout(3000)  # the page grows old
        before = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        row.locator(".o_sop_clock").click()
        row.locator(".o_sop_preset[data-when=hour]").click()
        eventually(lambda: admin.read("sop.contact.request", request_id, "reminder_at")["reminder_at"] != f"{day} 01:30:00")
        at = datetime.fromisoformat(admin.read("sop.contact.request", request_id, "reminder_at")["reminder_at"])
        assert timedelta(minutes=60) <= at - before < timedelta(minutes=62), "from the press"
    finally:
        context.close()


@pytest.mark.browser
def test_a_number_taken_back_leaves_every_open_page(server, new_page, desktop, admin):
    """The buyer withdraws while seller and staff have the number on their screens, and those in the message with it."""
    name, number, other = f"Khách {time.time_ns()}", new_number(), new_number()
    buyer, seller = new_page(), new_page()
    link = ask(buyer, server, server.ref(LISTING), name, number, f"Gọi em số {other} nhé")
    log_in(seller, server, "seller", "/my/contact-requests")
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    log_in(desktop, server, "sales", "/odoo/contact-requests")
    row, staff = seller.locator(".o_sop_row", has_text=name), desktop.locator(".o_data_row", has_text=name)
    staff.locator(".o_sop_reveal").click()
    row.locator(".o_sop_reveal").click()
    row.locator(".o_sop_number_link").wait_for()
    staff.locator("a[href^='tel:']").wait_for()
    expect(row.locator(".o_sop_message")).to_contain_text(other)
    expect(row.locator(".o_sop_message")).to_be_visible()
    expect(staff.locator(".o_sop_full_message")).to_contain_text(other)
    buyer.goto(server.url + link)
    buyer.click("button[value=withdraw]")
    buyer.wait_for_selector("button[value=withdraw]", state="detached")
    expect(row.locator(".o_sop_withdrawn")).to_be_visible()
    expect(staff.locator("a[href^='tel:'], .o_sop_reveal")).to_have_count(0)
    assert_nowhere(number, other, seller, desktop)
    buyer.click("button[value=ask_delete]")
    buyer.click("button[value=delete]")
    expect(row).to_have_count(0)
    expect(staff).to_have_count(0)


def assert_nowhere(number, other, *pages):
    for page in pages:
        shown = re.sub(r"\s", "", page.locator("body").inner_text())
        assert not [one for one in (number, other) if one.replace(" ", "")[1:] in shown]


@pytest.mark.browser
def test_the_way_back_keeps_what_was_typed(server, new_page):
    """The back button of a phone, a press beside the dialog, and a send without a line: the text stays, and the page too."""
    page = new_page(phone=True)
    open_form(page, server, server.ref(LISTING))
    address, dialog, text = page.url, page.locator(".o_sop_request_dialog"), page.locator(".o_sop_request_dialog [name=message]")
    text.fill("Máy còn bảo hành không?")
    page.context.set_offline(True)
    page.check(".o_sop_request_dialog [name=consent]")
    page.click(".o_sop_request_dialog button[type=submit]")
    page.wait_for_selector(".o_sop_offline")
    for close in (page.go_back, lambda: page.mouse.click(2, 2), lambda: page.click(".o_sop_request_dialog .btn-close")):
        close()
        expect(dialog).to_be_hidden()
        assert page.url == address
        page.wait_for_function("!history.state?.['sop_contact_requests.open']")
        page.click(".o_sop_request_button")
        expect(text).to_have_value("Máy còn bảo hành không?")
        assert page.is_checked(".o_sop_request_dialog [name=consent]")
