"""How the pages of buyer and seller are made: for readers of screens, for thumbs, and in Vietnamese."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import log_in
from playwright.sync_api import expect
from test_contact_requests import CAMERA, LISTING, ask, new_number, open_form
from test_contact_requests_package import buy_package, run_out

#: Parts of the pages that are core's own: header, footer, pictures and choices of the product
CORE = ["header", "footer", "#product_detail .o_wsale_product_images", "#product_detail [name=add_qty]", ".oi-chevron-left"]


def assert_accessible(page, inside="main", *but):
    """axe-core finds nothing serious or critical."""
    context = {"include": [[inside]], "exclude": [[part] for part in (*CORE, *but) if page.locator(part).count()]}
    found = Axe().run(page, context).response["violations"]
    serious = [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert not serious, "\n".join(serious)


@pytest.mark.browser
@pytest.mark.parametrize("phone_width", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(server, new_page, phone_width):
    buyer = new_page(phone=phone_width)
    buyer.goto(f"{server.url}/shop/x-{server.ref(LISTING)}")
    buyer.wait_for_selector(".o_sop_request_button")
    assert not re.search("Add to cart|All products", buyer.inner_text("main"), re.I), "the shop of the demo speaks Vietnamese"
    assert_accessible(buyer)
    open_form(buyer, server, server.ref(LISTING))
    assert_accessible(buyer, "dialog")
    buyer.click("dialog button[type=submit]")
    buyer.wait_for_selector("dialog .is-invalid")
    assert_accessible(buyer, "dialog")
    link = ask(buyer, server, server.ref(LISTING), "Nguyễn Thị Trúc", new_number())
    assert_accessible(buyer, "dialog")
    buyer.goto(server.url + link)
    assert_accessible(buyer)
    seller = new_page(phone=phone_width)
    log_in(seller, server, "seller", "/my/contact-requests", form=True)
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    assert_accessible(seller)
    seller.locator(".o_sop_reveal").first.click()
    seller.wait_for_selector(".o_sop_number_link")
    seller.wait_for_timeout(2500)  # what arrives and what is saved flashes
    assert_accessible(seller)
    for path in ("/my/contact-requests/figures", "/partner-programme", "/my/contact-requests?only=cold"):
        seller.goto(server.url + path)
        assert_accessible(seller)
    other = new_page(phone=phone_width)
    log_in(other, server, "seller2", "/my/contact-requests", form=True)
    other.wait_for_selector(".o_sop_locked")
    assert_accessible(other)


THUMB = 40
#: What can be pressed and is smaller than a thumb in parts of the page. A box is pressed by its label; links in a sentence are text.
SMALL = """([inside, thumb]) => {
    const controls = "a[href], button, select, textarea, summary, input:not([type=hidden])";
    const isText = (el) => el.matches("a") && getComputedStyle(el).display === "inline" && el.closest("p, .alert, .o_sop_mail_missing");
    const boxes = (el) => [el, ...(el.labels || [])].map((one) => one.getBoundingClientRect());
    return [...document.querySelectorAll(inside)]
        .flatMap((part) => [...part.querySelectorAll(controls)])
        .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.closest(".o_sop_trap, .breadcrumb") && !isText(el))
        .filter((el) => !boxes(el).some((box) => box.width >= thumb && box.height >= thumb))
        .map((el) => `${boxes(el).map((box) => `${box.width}x${box.height}`)} ${el.outerHTML.slice(0, 160)}`);
}"""
#: Fields and buttons without a name of their own
NAMELESS = """(inside) => [...document.querySelectorAll(inside)]
    .flatMap((part) => [...part.querySelectorAll("select, textarea, input:not([type=hidden]), button, a[href]")])
    .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.closest(".o_sop_trap"))
    .filter((el) => !(el.ariaLabel || el.labels?.[0]?.textContent.trim() || (el.matches("button, a") && el.textContent.trim())))
    .map((el) => el.outerHTML.slice(0, 160))"""


def assert_for_thumbs(page, inside="main"):
    page.wait_for_timeout(300)
    assert not (small := page.evaluate(SMALL, [inside, THUMB])), f"{page.url}\n" + "\n".join(small)
    assert not (nameless := page.evaluate(NAMELESS, inside)), f"{page.url}\n" + "\n".join(nameless)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing stands out at the side"


@pytest.mark.browser
def test_everything_is_big_enough_for_a_thumb(server, new_page):
    """At 390 pixels: what is pressed is at least 40 by 40, has a name of its own, and each page one heading of the first level."""
    buyer = new_page(phone=True)
    open_form(buyer, server, server.ref(LISTING))
    assert_for_thumbs(buyer, "dialog")
    link = ask(buyer, server, server.ref(LISTING), "Nguyễn Thị Trúc", new_number())
    assert_for_thumbs(buyer, "dialog")
    pages = [f"/sop/contact-request/{server.ref(LISTING)}", f"/sop/contact-request/{server.ref(CAMERA)}", link, "/partner-programme"]
    for path in pages:
        buyer.goto(server.url + path)
        assert buyer.locator("main h1").count() == 1, path
        assert_for_thumbs(buyer)
    for login in ("seller", "seller2"):
        seller = new_page(phone=True)
        log_in(seller, server, login, "/my/contact-requests")
        seller.wait_for_selector("body[is-ready=true] .o_sop_row")
        assert_for_thumbs(seller, ".o_sop_requests")
        for opener in ("[data-bs-target='#sop_filters']", "[data-bs-target='#sop_history']"):
            seller.locator(opener).first.click()
        if login == "seller":
            seller.locator(".o_sop_reveal").first.click()
            seller.wait_for_selector(".o_sop_number_link")
            seller.locator(".o_sop_clock").first.click()
        assert_for_thumbs(seller, ".o_sop_requests")
        for path in ("/my/contact-requests?search=khongco", "/my/contact-requests/figures", "/my/contact-requests?only=cold", "/partner-programme"):
            seller.goto(server.url + path)
            assert seller.locator("main h1").count() == 1, path
            assert_for_thumbs(seller, ".o_sop_requests, .o_sop_figures_page, .o_sop_programme")


@pytest.mark.browser
@pytest.mark.parametrize("phone_width", [False, True], ids=["desktop", "phone"])
def test_labels_tell_rows_apart(server, new_page, phone_width):
    """Each control of a row says whose row it is; the text of the button stands in its middle."""
    seller = new_page(phone=phone_width)
    log_in(seller, server, "seller", "/my/contact-requests")
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    seller.locator(".o_sop_reveal").first.click()
    seller.wait_for_selector(".o_sop_number_link")
    for row in seller.locator(".o_sop_row").all()[:5]:
        name = row.locator(".o_sop_name").inner_text()
        labels = row.evaluate("""row => [...row.querySelectorAll("button, select, textarea")].filter((el) => el.checkVisibility())
                                 .map((el) => el.ariaLabel)""")
        assert labels
        assert all(name in (label or "") for label in labels), labels
        assert len(set(labels)) == len(labels), labels
    if not phone_width:  # on a phone they are below the button that opens them
        assert seller.get_by_label("Từ ngày", exact=True).count() == seller.get_by_label("Đến ngày", exact=True).count() == 1
    buyer = new_page(phone=phone_width)
    buyer.goto(f"{server.url}/shop/x-{server.ref(LISTING)}")
    buyer.wait_for_selector(".o_sop_request_button")
    off = buyer.locator(".o_sop_request_button").evaluate("""el => {
        const range = document.createRange(), box = el.getBoundingClientRect();
        range.selectNodeContents([...el.childNodes].findLast((node) => node.textContent.trim()));
        const text = range.getBoundingClientRect();
        return text.y + text.height / 2 - box.y - box.height / 2;
    }""")
    assert abs(off) < 2, f"{off} pixels off the middle"


#: Words of a shop's pages in English; names of goods and of platforms are not among them
ENGLISH = re.compile(
    r"\b(the|your|you|add to|cart|all products|reorder|search|results?|sort by|price|quantity|continue|checkout|shopping|address|"
    r"delivery|order|review|sign (in|up)|log ?in|account|clear|filters?|subscribe|email address|country|street|phone|name|city|"
    r"back|next|save|discard|payment|pay now|shipping|subtotal|total|taxes|terms|home|contact us|products?|featured|newest)\b",
    re.IGNORECASE,
)
#: Texts, placeholders, titles and labels a person meets on a page
WORDS = r"""() => [...document.querySelectorAll("main *, header *, footer *, dialog *")]
    .filter((el) => !el.matches("script, style, template, noscript, [name=country_id] *"))
    .flatMap((el) => {
        const texts = [...el.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent);
        return [...texts, el.placeholder, el.title, el.ariaLabel, el.alt];
    })
    .filter((text) => text?.trim())
    .map((text) => text.trim().replace(/\s+/g, " "))"""


@pytest.mark.browser
def test_the_shop_of_the_demo_speaks_vietnamese(server, new_page):
    """On a fresh install in Vietnamese: shop, listing, cart, log-in, checkout, payment, portal."""
    guest, seller = new_page(), new_page()
    log_in(seller, server, "seller", "/my/home")
    found = []

    def read(page):
        found.extend((page.url.removeprefix(server.url), text) for text in page.evaluate(WORDS) if ENGLISH.search(text))

    for path in (
        "/",
        "/terms",
        "/shop",
        f"/shop/x-{server.ref(LISTING)}",
        "/shop?search=zzz",
        "/shop/cart",
        "/web/login",
        "/partner-programme",
        "/contactus",
    ):
        guest.goto(server.url + path)
        guest.wait_for_selector("body[is-ready=true]", state="attached")
        read(guest)
    for path in ("/my/home", "/my/account", "/my/orders", "/my/contact-requests", "/my/contact-requests/figures", "/my/contact-requests/package"):
        seller.goto(server.url + path)
        read(seller)
    guest.goto(f"{server.url}/shop")
    lowest = guest.locator("#o_wsale_price_range_option span.multirange-min").first
    expect(lowest).to_have_text(re.compile(r"^[1-9][\d.]*\s₫$"))  # the dong has no decimals
    guest.goto(server.url)
    guest.locator("#wrap a[href='/shop']").click()
    guest.wait_for_url("**/shop")
    other = new_page()
    log_in(other, server, "seller2", "/my/contact-requests")
    buy_package(other, server, read)
    read(other)
    run_out(server)  # others find the seller as the demo has them
    allowed = {"email", "iphone"}
    assert not (left := sorted({(path, text) for path, text in found if text.lower() not in allowed})), "\n".join(map(str, left))


@pytest.mark.browser
def test_the_filters_of_the_list_stand_in_one_line(server, new_page):
    """On a laptop; on a phone one below the other, and what belongs together does so there, too."""
    seller = new_page()
    seller.set_viewport_size({"width": 1366, "height": 768})
    log_in(seller, server, "seller", "/my/contact-requests")
    seller.wait_for_selector("body[is-ready=true] .o_sop_row")
    middles = seller.locator("#sop_filters :is(input, select, button)").evaluate_all(
        "els => els.map((el) => el.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)"
    )
    assert len(middles) >= 7
    assert max(middles) - min(middles) < 3, middles
    assert not cut_choices(seller.locator("#sop_filters select:not([name=listing]), .o_sop_row:first-child :is(.o_sop_state, .o_sop_outcome)"))
    seller.set_viewport_size({"width": 390, "height": 844})
    sign, words = (seller.locator(f".o_sop_right {part}").bounding_box() for part in ("i.fa-check-circle", ".o_sop_words"))
    assert words["y"] <= sign["y"] + sign["height"] <= words["y"] + words["height"], (sign, words)
    assert not cut_choices(seller.locator(".o_sop_row:first-child :is(.o_sop_state, .o_sop_outcome)"))


def cut_choices(selects):
    """Choices that their select has no room for, between its edge and its arrow."""
    return selects.evaluate_all(
        """selects => selects.flatMap((select) => [...select.options].filter((option) => {
            const needed = document.body.appendChild(document.createElement("select"));
            const { font, padding } = getComputedStyle(select);
            needed.className = select.className;
            Object.assign(needed.style, { width: "auto", font, padding });
            needed.append(option.cloneNode(true));
            const { width } = needed.getBoundingClientRect();
            needed.remove();
            return width > select.getBoundingClientRect().width + 1;
        }).map((option) => option.text))"""
    )
