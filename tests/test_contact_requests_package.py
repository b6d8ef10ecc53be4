"""The package in a real browser: bought, run out and bought again."""

import re

import pytest
from harness import log_in
from test_contact_requests import CAMERA


@pytest.mark.browser
def test_package_bought_run_out_and_renewed(server, new_page, admin):
    """seller2 buys the package with the demo provider; 30 days later it is over; they buy it again.

    Pages follow each other faster than people press: of two requests that end at once the later writes the session (see seller_bell.js).
    """
    camera = server.ref(CAMERA)
    buyer, seller = new_page(), new_page()
    page = f"{server.url}/shop/x-{camera}"
    buyer.goto(page)
    assert not buyer.locator(".o_sop_request_button").count()
    log_in(seller, server, "seller2", "/my/contact-requests")
    seller.wait_for_selector(".o_sop_locked")
    assert not seller.locator(".o_sop_reveal").count()

    for _round in range(2):
        buy_package(seller, server)
        seller.goto(f"{server.url}/my/contact-requests")
        seller.wait_for_selector(".o_sop_right")
        assert seller.locator(".o_sop_reveal").count()
        buyer.goto(page)
        assert buyer.locator(".o_sop_request_button").count() == 1
        run_out(server)
        seller.goto(f"{server.url}/my/contact-requests")
        seller.wait_for_selector(".o_sop_locked")
        assert not seller.locator(".o_sop_reveal").count()
        buyer.goto(page)
        assert not buyer.locator(".o_sop_request_button").count()


def run_out(server):
    """The clock: everything known of Thanh Tùng's rights happened 31 days ago."""
    server.sql(
        """UPDATE sop_seller_entitlement SET start = start - interval '31 days', "end" = "end" - interval '31 days',
                         paid_at = paid_at - interval '31 days' WHERE seller_id = %s""",
        server.ref("sop_contact_requests.partner_thanh_tung"),
    )


def buy_package(page, server, look=lambda page: None, provider="demo"):
    """From the seller's page to the paid order, as people do it; a page is used once its scripts are at work.

    :param look: called with each page on the way
    """
    page.click(".o_sop_renew")
    page.wait_for_selector("body[is-ready=true] #add_to_cart")
    look(page)
    with page.expect_response("**/shop/cart/add*"):
        page.click("#add_to_cart")
    page.goto(f"{server.url}/shop/cart")
    look(page)
    page.goto(f"{server.url}/shop/checkout?try_skip_step=true")
    for _step in range(3):  # address, delivery: what the shop asks depends on its settings
        page.wait_for_selector("body[is-ready=true] :is(#o_payment_form, a[name=website_sale_main_button])", state="attached")
        if page.locator("#o_payment_form").count():
            break
        look(page)
        with page.expect_navigation():
            page.locator("a[name=website_sale_main_button]:visible").first.click()
    page.wait_for_selector("body[is-ready=true] #o_payment_form")
    look(page)
    page.locator(f"#o_payment_form input[data-provider-code={provider}]").first.click(force=True)
    page.locator("button[name=o_payment_submit_button]:visible").first.click()
    page.wait_for_url(re.compile("/shop/confirmation|/payment/status"))
    page.wait_for_url(re.compile("/shop/confirmation"))
