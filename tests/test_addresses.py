"""Addresses of the new country in a browser: the whole way from a message to four parcels, and the ward on customers' address pages."""

import pytest
from harness import OUTPUT, ask_in_livechat, log_in, press_cart, wait_until
from playwright.sync_api import expect
from test_parcels import ACCOUNTS, Desk

pytestmark = pytest.mark.browser

COMPOSER = ".o_inbox_thread .o-mail-Composer-input"
CITIES = ("VN-SG", "VN-HN")
ASKED = ("00643", "00664")  # Tả Thanh Oai was divided between them


@pytest.fixture
def desk(own_server):
    """The demo shop with accounts at four carriers; GHN and Viettel Post list the wards of two cities, each in its own spelling."""
    desk = Desk(own_server.start())
    try:
        names = {}
        for code in CITIES:
            [state] = desk.admin.search("res.country.state", ["code", "=", code])
            wards = desk.admin.call("res.city", "search_read", [["state_id", "=", state], ["sop_code", "!=", False]], ["name"])
            names[code] = [ward["name"] for ward in wards]
        saigon, hanoi = (names[code] for code in CITIES)
        desk.double.places = {"Hồ Chí Minh": [name.replace("Hòa", "Hoà") for name in saigon], "Hà Nội": hanoi}
        desk.double.post_places = {"TP Hồ Chí Minh": [name.upper() for name in saigon], "TP Hà Nội": [name.upper() for name in hanoi]}
        desk.admin.call("ir.cron", "method_direct_trigger", [own_server.ref("sop_inbox.sop_carrier_place_cron")])
        assert desk.admin.call("sop.carrier.place", "search_count", [["fetched_at", "!=", False], ["closed", "=", False]]) == 2 * len(saigon + hanoi)
        own_server.sql("UPDATE res_company SET has_received_warning_stock_sms = true, stock_text_confirmation = false")  # no text messages
        yield desk
    finally:
        desk.double.stop()


def ask_in_the_chat(server, visitor, number):
    """A visitor writes an order with an address of the old country; return the conversation's id."""
    text = f"Em lấy 1 áo, tên: Nguyễn Thu Hà, {number}, 12 ngõ 5 xóm Chùa, xã Tả Thanh Oai, huyện Thanh Trì, Hà Nội"
    return ask_in_livechat(visitor, server, text)


def open_orders(page):
    """Open the order form beside the chat, when it is not open."""
    if not page.locator(".o_inbox_order_tab .o_order_search").is_visible():
        press_cart(page)
        page.locator(".o_inbox_order_tab .o_order_search").wait_for()
    return page.locator(".o_inbox_order_tab")


def order_with(page, desk, kind, number):
    """Make the order number so of the conversation with a carrier, its price beside those of the three others."""
    form = open_orders(page)
    form.locator(".o_order_search").fill("Áo kiện hàng")
    form.locator(".o_order_result", has_text="Áo kiện hàng").first.click()
    expect(form.locator(".o_order_line")).to_have_count(1)
    prices = {name: form.locator(f".o_order_carrier[data-carrier='{id_}']:not(.o_order_failed) > b") for name, id_ in desk.carriers.items()}
    for _time in range(15):  # a price whose answer was lost is asked again
        with page.expect_response(lambda answer: "get_shipping_quotes" in answer.url):
            form.locator(".o_order_quote").click()
        expect(form.locator(".o_order_quotes")).to_be_visible()
        expect(form.locator(".o_order_quote .fa-spinner")).to_have_count(0)
        if all(price.count() for price in prices.values()):
            break
    for price in prices.values():
        expect(price).to_be_visible()
    if number == 1:
        look(page, "quotes")
    form.locator(f".o_order_carrier[data-carrier='{desk.carriers[kind]}']").click()
    expect(form.locator(".o_order_fee")).to_be_visible()
    form.locator(".o_order_confirm").click()
    if page.viewport_size["width"] < 500:
        expect(page.locator(COMPOSER)).to_be_visible()  # the form makes room for the chat
    form = open_orders(page)
    expect(form.locator(".o_order_recent [data-order]")).to_have_count(number)


def validate(page, server, picking):
    """Press "Validate" on a delivery until it is done; return how often the carrier's answer was missing."""
    lost = 0
    for _time in range(15):
        page.goto(f"{server.url}/odoo/action-stock.action_picking_tree_all/{picking}")
        page.locator(".o_form_view [name=carrier_id], .o_form_view [name=partner_id]").first.wait_for()
        if server.sql("SELECT 1 FROM stock_picking WHERE id = %s AND state = 'done'", picking):
            return lost
        button = statusbar_button(page, "button_validate")
        with page.expect_response(lambda answer: "button_validate" in answer.url) as answer:
            button.click()
        lost += "error" in answer.value.json()
    raise AssertionError("it was never done")


def statusbar_button(page, name):
    """Return a button of the form; on a phone all but the first stand in a menu, which is opened."""
    button, more = page.locator(f"button[name={name}]:visible"), page.locator(".o_statusbar_buttons button:has(.oi-ellipsis-v)")
    expect(button.or_(more).first).to_be_visible()
    if not button.count():
        more.click()
    return button.first


def look(page, name):
    """Keep a picture of what is seen."""
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"addresses-{name}-{page.viewport_size['width']}.png")


@pytest.mark.parametrize("narrow", [False, True], ids=["1366", "390"])
def test_from_an_old_address_to_four_parcels(desk, new_page, narrow):
    """One answer in five is lost: exactly one parcel at each carrier, each with its label."""
    server, double = desk.server, desk.double
    conversation = ask_in_the_chat(server, new_page(), "0912 345 789")
    page = new_page(phone=narrow)
    log_in(page, server, "manager", f"/odoo/inbox?sop_conversation={conversation}")
    page.locator(COMPOSER).wait_for()
    page.locator(".o_inbox_use_address").click()
    expect(page.locator(".o_inbox_ward")).to_have_count(2)
    assert {ward.get_attribute("data-code") for ward in page.locator(".o_inbox_ward").all()} == set(ASKED)
    look(page, "asked")
    page.locator(f".o_inbox_ward[data-code='{ASKED[1]}']").click()
    expect(page.locator(".o_inbox_ward")).to_have_count(0)
    [(ward, city, phone, name)] = server.sql(
        "SELECT w.sop_code, p.city, p.phone, p.name FROM sop_conversation c JOIN res_partner p ON p.id = c.partner_id"
        " JOIN res_city w ON w.id = p.city_id WHERE c.id = %s",
        conversation,
    )
    assert (ward, name, phone.replace(" ", "")[-9:]) == (ASKED[1], "Nguyễn Thu Hà", "912345789")
    expect(open_orders(page).locator(".o_order_customer_line")).to_contain_text(city)

    double.faults["lose_answer"] = 0.2
    for number, kind in enumerate(ACCOUNTS, 1):
        order_with(page, desk, kind, number)
    query = """SELECT k.id, k.carrier_id FROM stock_picking k JOIN sale_order o ON o.id = k.sale_id WHERE o.sop_conversation_id = %s ORDER BY k.id"""
    pickings = dict(server.sql(query, conversation))
    assert list(pickings.values()) == list(desk.carriers.values())

    # the first carrier's answer is surely lost once: the order in the chat says so, and it is not made a second time
    first, *_others = pickings
    office = new_page(phone=narrow)
    double.mood["ghn"] = "lose_answer"
    with pytest.raises(Exception, match="may have the parcel"):
        desk.validate(first)
    page.reload()
    page.locator(COMPOSER).wait_for()
    expect(open_orders(page).locator(".o_order_parcel .o_parcel_why")).to_be_visible()
    look(page, "unknown")
    double.mood["ghn"] = "ok"

    log_in(office, server, "admin")
    lost = sum(validate(office, server, picking) for picking in pickings)
    look(office, "validated")
    parcels = desk.parcels(*pickings)
    for picking in desk.facts(*pickings):
        assert (picking["state"], [picking["carrier_tracking_ref"]]) == ("done", desk.at_carriers(parcels[picking["id"]]["our_ref"])), lost
    assert [double.count(kind) for kind in ACCOUNTS] == [1] * 4
    double.faults["lose_answer"] = 0
    page.reload()
    page.locator(COMPOSER).wait_for()
    form = open_orders(page)
    for parcel in parcels.values():
        expect(form.locator(".o_order_parcel", has_text=parcel["tracking_ref"])).to_be_visible()
    form.locator(".o_order_parcel").first.scroll_into_view_if_needed()
    look(page, "parcels")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    for parcel in parcels.values():
        print_label(office, server, parcel)


def print_label(page, server, parcel):
    """Press "Print Label" on a parcel: a PDF of ours, or the carrier's own page with it."""
    page.goto(f"{server.url}/odoo/sop.parcel/{parcel['id']}")
    page.locator(".o_form_view [name=our_ref]").wait_for()
    button = statusbar_button(page, "action_print")
    with page.expect_response(lambda answer: "action_print" in answer.url) as answer:
        button.click()
    url = answer.value.json()["result"]["url"]
    if url.startswith("/"):
        url = server.url + url
    if "viettelpost.vn" in url:
        return  # its own page, which is not here
    assert page.request.get(url).body().startswith(b"%PDF"), url


# === CUSTOMERS' ADDRESS PAGES ===


def choose_ward(page):
    """Type a ward without accents, choose it; return what is in the boxes of ward and province."""
    page.wait_for_selector("body[is-ready=true]")
    form = page.locator("form.address_autoformat")
    country = form.locator("[name=country_id]")
    if country.locator("option[code=VN]:checked").count() == 0:
        with page.expect_response(lambda answer: "/my/address/country_info/" in answer.url):  # core moves the boxes then
            country.select_option(country.locator("option[code=VN]").get_attribute("value"))
        expect(form.locator("[name=phone]")).to_have_attribute("placeholder", "+84")
    expect(form.locator(".o_sop_ward_label")).to_be_visible()
    box = form.locator("[name=city]")
    box.fill("")
    box.press_sequentially("p. thanh xu", delay=30)
    option = form.locator(".o_sop_wards [role=option]", has_text="Phường Thanh Xuân")
    expect(option).to_be_visible()
    edges = form.locator(".o_sop_wards").bounding_box()
    assert edges["x"] >= 0 and edges["x"] + edges["width"] <= page.viewport_size["width"]
    look(page, "ward")
    option.click()
    expect(box).to_have_value("Phường Thanh Xuân")
    return form.locator("[name=state_id] option:checked").inner_text()


@pytest.mark.parametrize("narrow", [False, True], ids=["1366", "390"])
def test_ward_of_the_checkout(server, new_page, narrow):
    """A visitor's address in the checkout: found without accents, it brings its province, and the contact has the ward of the list."""
    page = new_page(phone=narrow)
    page.goto(f"{server.url}/shop")
    [(template, product)] = server.sql(
        """SELECT t.id, p.id FROM product_template t JOIN product_product p ON p.product_tmpl_id = t.id
            WHERE t.is_published AND t.sale_ok AND t.type = 'consu' AND t.list_price > 0 AND p.active AND t.active
              AND (SELECT count(*) FROM product_product o WHERE o.product_tmpl_id = t.id) = 1
            ORDER BY t.is_storable, t.id LIMIT 1"""
    )
    params = {"product_template_id": template, "product_id": product, "quantity": 1}
    added = page.evaluate(
        """async (params) => (await fetch("/shop/cart/add", {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({jsonrpc: "2.0", method: "call", params})})).json()""",
        params,
    )
    assert added.get("result"), added
    page.goto(f"{server.url}/shop/address")
    assert "Hà Nội" in choose_ward(page)
    form = page.locator("form.address_autoformat")
    email = f"ward{'n' if narrow else 'w'}@example.com"
    for name, value in (("name", "Lê Thị Phường"), ("email", email), ("phone", "0912345788"), ("street", "5 Khuất Duy Tiến")):
        form.locator(f"[name={name}]").fill(value)
    page.locator("#save_address, [name=website_sale_main_button]").locator("visible=true").first.click()
    page.wait_for_url(lambda url: "/shop/address" not in url)
    query = "SELECT p.city, w.sop_code FROM res_partner p JOIN res_city w ON w.id = p.city_id WHERE p.email = %s"
    assert [row[0] for row in server.sql(query, email)] == ["Phường Thanh Xuân"]


def test_ward_of_the_portal(server, new_page):
    """The same on a portal user's own page; with the keys alone; who types before core's answer about the country goes on typing."""
    page = new_page()
    held = []
    page.route("**/my/address/country_info/*", lambda route: held.append(route), times=1)
    log_in(page, server, "seller2", "/my/account")
    box = page.locator("form.address_autoformat [name=city]")
    expect(box).to_have_attribute("role", "combobox")  # the page's scripts run
    wait_until(page, lambda: held, "core asks about the country")
    box.fill("")
    box.press_sequentially("than")
    held.pop().continue_()
    expect(page.locator("form.address_autoformat [name=phone]")).to_have_attribute("placeholder", "+84")  # then core moved the box
    expect(box).to_be_focused()
    page.keyboard.type("h xu")
    expect(box).to_have_value("thanh xu")
    choose_ward(page)
    box.fill("thanh xu")
    expect(page.locator(".o_sop_wards [role=option]").first).to_be_visible()
    box.press("Escape")
    expect(page.locator(".o_sop_wards")).to_be_hidden()
    page.locator("form.address_autoformat [name=state_id]").select_option(label="TP Hồ Chí Minh")
    box.fill("ben ngh")
    expect(page.locator(".o_sop_wards [role=option]").first).to_contain_text("Phường Sài Gòn")
    box.press("ArrowDown")
    box.press("ArrowUp")
    box.press("Enter")
    expect(box).to_have_value("Phường Sài Gòn")
