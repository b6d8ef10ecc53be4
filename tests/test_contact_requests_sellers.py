"""Each feature in the browser for two sellers, for one whose right has ended, and for one of two companies."""

import io
import re
import time

import pytest
from harness import RpcError, log_in, run_code
from openpyxl import load_workbook
from playwright.sync_api import expect
from test_contact_requests import CAMERA, LISTING, ask, eventually, new_number
from test_contact_requests_embed import embedded, foreign  # noqa: F401

KHANG, TUNG = "sop_contact_requests.partner_minh_khang", "sop_contact_requests.partner_thanh_tung"
#: Each change of a row: name of the route -> what is sent
CHANGES = {"reveal": None, "state": "contacted", "note": "của tôi", "reminder": "hour", "outcome": "sold", "speak": "call", "hand": 2, "lead": None}
#: What would show that something was changed all the same
KEPT = ("state", "note", "reminder_at", "outcome", "touched_at", "staff_at", "again_at", "user_id", "lead_id", "reveal_ids")
#: From an open page: the words of the refusal of each change, by name
TRY = """async ([id, changes]) => {
    const words = {};
    for (const [name, value] of Object.entries(changes)) {
        const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: value === null ? {} : { value } });
        const options = { method: "POST", headers: { "Content-Type": "application/json" }, body };
        const answer = await (await fetch(`/my/contact-requests/${id}/${name}`, options)).json();
        words[name] = answer.error ? answer.error.data.message : "";
    }
    return words;
}"""


@pytest.fixture
def entitled(server, admin):
    """Thanh Tùng in the partner programme for the length of a test: two sellers with a right."""
    kept = admin.create("sop.seller.entitlement", seller_id=server.ref(TUNG), start="2026-01-01 00:00:00", end="2099-01-01 00:00:00")
    yield
    admin.call("sop.seller.entitlement", "unlink", [kept])


def open_list(page, server, login, query=""):
    log_in(page, server, login, f"/my/contact-requests{query}")
    page.wait_for_selector("body[is-ready=true] .o_sop_requests")
    return page


def sheet_of(page, server):
    """Rows of the seller's file, as texts."""
    answer = page.request.get(f"{server.url}/my/contact-requests/export")
    assert answer.ok
    book = load_workbook(io.BytesIO(answer.body()))
    return [[str(cell) for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]


def requests_of(admin, server, seller):
    return admin.search("sop.contact.request", ["seller_id", "=", server.ref(seller)])


@pytest.mark.browser
def test_two_sellers_see_and_change_nothing_of_each_other(server, new_page, admin, entitled):
    khang, tung = open_list(new_page(), server, "seller"), open_list(new_page(), server, "seller2")
    tung.wait_for_timeout(1500)  # the line of the bus is open
    name = f"Khách {time.time_ns()}"
    ask(new_page(), server, server.ref(LISTING), name, new_number())
    khang.locator(".o_sop_row", has_text=name).wait_for()
    tung.wait_for_timeout(2000)
    assert not tung.locator(".o_sop_row", has_text=name).count()
    assert not tung.locator(".o_sop_pill, .o_notification").count(), "no bell rings for somebody else's buyer"
    own, others = requests_of(admin, server, TUNG), requests_of(admin, server, KHANG)
    for page, mine in ((khang, others), (tung, own)):
        assert {int(row.get_attribute("data-id")) for row in page.locator(".o_sop_row").all()} <= set(mine)
    [asked] = admin.search("sop.contact.request", ["buyer_name", "=", name])
    before = admin.read("sop.contact.request", asked, *KEPT)
    words = tung.evaluate(TRY, [asked, CHANGES])
    assert all(words.values()), words
    assert name not in str(words)
    assert admin.read("sop.contact.request", asked, *KEPT) == before
    # search, results, file and lists of whom to speak to again
    tung.goto(f"{server.url}/my/contact-requests?search={name.replace(' ', '+')}")
    expect(tung.locator(".o_sop_row")).to_have_count(0)
    tung.goto(f"{server.url}/my/contact-requests/figures")
    assert "iPhone" not in tung.inner_text("main")
    assert "Fujifilm" in tung.inner_text("main")
    assert not [row for row in sheet_of(tung, server) if "iPhone" in str(row)]
    for only in ("gone", "price", "cold", "overdue", "new"):
        tung.goto(f"{server.url}/my/contact-requests?only={only}")
        assert {int(row.get_attribute("data-id")) for row in tung.locator(".o_sop_row").all()} <= set(own)
    # their own they work as always
    tung.goto(f"{server.url}/my/contact-requests")
    tung.wait_for_selector("body[is-ready=true]")
    row = tung.locator(".o_sop_row").first
    row.locator(".o_sop_reveal").click()
    row.locator(".o_sop_number_link").wait_for()
    number = re.sub(r"\s", "", row.locator(".o_sop_number_link").inner_text())
    assert number in re.sub(r"\s", "", str(sheet_of(tung, server))), "the number one was shown is in one's file"


@pytest.mark.browser
def test_a_seller_whose_right_has_ended(server, new_page, admin, foreign):  # noqa: F811
    page = open_list(new_page(), server, "seller2")
    assert page.locator(".o_sop_locked .o_sop_renew").count() == 1
    assert page.locator(".o_sop_locked .o_sop_programme_link").count() == 1
    assert page.locator(".o_sop_row").count()
    for part in (".o_sop_reveal", ".o_sop_again_menu", ".o_sop_number_link"):
        assert not page.locator(part).count(), part
    for part in (".o_sop_state", ".o_sop_outcome", ".o_sop_clock", ".o_sop_lead"):
        assert page.locator(part).count() == page.locator(f"{part}[disabled]").count() > 0, part
    assert page.locator(".o_sop_note").count() == page.locator(".o_sop_note[readonly]").count()
    request_id = int(page.locator(".o_sop_row").first.get_attribute("data-id"))
    before = admin.read("sop.contact.request", request_id, *KEPT)
    words = page.evaluate(TRY, [request_id, CHANGES])
    assert all("Máy ảnh Thanh Tùng" in told and "gia hạn" in told for told in words.values()), words
    assert admin.read("sop.contact.request", request_id, *KEPT) == before
    with pytest.raises(RpcError):
        server.client("sales").call("sop.contact.request", "action_reveal_phone", [request_id])
    page.select_option("#sop_news_mail", "hour")
    with page.expect_navigation():
        page.click(".o_sop_news_mail button[type=submit]")
    assert page.input_value("#sop_news_mail") == "hour", "what is theirs stays theirs to set"
    page.select_option("#sop_news_mail", "now")
    with page.expect_navigation():
        page.click(".o_sop_news_mail button[type=submit]")
    page.goto(f"{server.url}/my/contact-requests/figures")
    assert "Fujifilm" in page.inner_text("main")
    assert len(sheet_of(page, server)) > 1
    page.goto(f"{server.url}/my/home")
    assert page.locator("a[href='/my/contact-requests']").count(), "found, entitled or not"
    # buyers: no button, no form, nothing on another web site
    buyer = new_page()
    buyer.goto(f"{server.url}/shop/x-{server.ref(CAMERA)}")
    assert not buyer.locator(".o_sop_request_button").count()
    assert buyer.goto(f"{server.url}/sop/contact-request/{server.ref(CAMERA)}").status == 404
    assert buyer.locator(".lead").inner_text().strip()
    with embedded(admin, server, f"http://localhost:{foreign.port}") as site:
        admin.call("sop.embed.site", "write", admin.search("sop.embed.site", ["key", "=", site["key"]]), {"seller_id": server.ref(TUNG)})
        assert buyer.request.get(f"{server.url}/sop/embed/{site['key']}/button.js").body() == b""
    # staff see the row and why nothing can be done
    staff = new_page()
    log_in(staff, server, "sales", f"/odoo/contact-requests/{request_id}")
    staff.wait_for_selector(".o_form_view .alert-warning")
    assert not staff.locator(".o_sop_reveal").count()


MAKE_BRANCH = """
partner = env['res.partner'].browse(%(tung)d)
company = env['res.company'].sudo().create({'name': 'Chi nhánh %(number)s', 'currency_id': env.company.currency_id.id})
env['sop.seller.entitlement'].sudo().create({'seller_id': partner.id, 'company_id': company.id, 'start': '2026-01-01', 'end': '2099-01-01'})
env['sop.contact.request'].sudo().create({'company_id': company.id, 'seller_id': partner.id, 'listing_name': 'Máy ở chi nhánh',
    'buyer_name': 'Khách chi nhánh %(number)s', 'phone': '0912 345 678', 'message': 'Còn không?'})
"""


@pytest.mark.browser
def test_a_seller_of_two_companies(own_server, new_page):
    """Their right is that of the branch: the banner says so, rows of the branch open, those of the other company stay locked."""
    server, number = own_server.start(), time.time_ns()
    told = run_code(server, MAKE_BRANCH % {"tung": server.ref(TUNG), "number": number})
    page = open_list(new_page(), server, "seller2")
    row = page.locator(".o_sop_row", has_text=f"Khách chi nhánh {number}")
    assert row.count() == 1, told
    assert page.locator(".o_sop_right").count() == 1
    assert not page.locator(".o_sop_locked").count()
    row.locator(".o_sop_reveal").click()
    expect(row.locator(".o_sop_number_link")).to_have_text("0912 345 678")
    row.locator(".o_sop_state").select_option("contacted")
    request_id = int(row.get_attribute("data-id"))
    eventually(lambda: server.sql("SELECT state FROM sop_contact_request WHERE id = %s", request_id) == [("contacted",)])
    locked = page.locator(".o_sop_row:has(.fa-lock)")
    assert locked.count()
    words = page.evaluate(TRY, [int(locked.first.get_attribute("data-id")), CHANGES])
    assert all("gia hạn" in one for one in words.values()), words
    # staff of the first company alone see nothing of the branch
    assert not server.client("sales").search("sop.contact.request", ["id", "=", request_id])
    assert not server.client("seller").search("sop.contact.request", ["id", "=", request_id])
