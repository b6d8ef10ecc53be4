"""From "còn áo M không?" to the receipt in the chat and the Excel file (rows H7-H10, H12, H22), desktop and phone."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import RpcError, ask_in_livechat, log_in, press_cart, wait_until
from openpyxl import load_workbook
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

COMPOSER = ".o_inbox_thread .o-mail-Composer-input"


def digits(text):
    return int(re.sub(r"\D", "", text))


@pytest.fixture
def talk(server, new_page):
    """A visitor of the live chat asks for a shirt; returns a function that makes such a conversation."""

    def make(phone_number, words="còn áo thun cotton M không shop?"):
        visitor = new_page()
        return visitor, ask_in_livechat(visitor, server, f"{words} sdt {phone_number}")

    return make


def open_order_form(page, server, login, conversation):
    log_in(page, server, login, f"/odoo/inbox?sop_conversation={conversation}")
    page.locator(COMPOSER).wait_for()
    press_cart(page)
    page.locator(".o_inbox_order_tab .o_order_search").wait_for()


def fill_order(page):
    """Customer, product, fee, by hand in the form; returns the total shown."""
    form = page.locator(".o_inbox_order_tab")
    form.locator("[name=street]").fill("25 Lê Lợi")
    form.locator("[name=city]").fill("Phường Bến Thành")
    form.locator("[name=state_id]").select_option(label="TP Hồ Chí Minh")
    form.locator(".o_order_save_customer").click()
    expect(form.locator(".o_order_customer_line")).to_contain_text("Phường Bến Thành")
    form.locator(".o_order_search").click()
    product = form.locator(".o_order_result", has_text="Áo thun cotton (M)").first
    expect(product.locator(".fa-comment")).to_be_visible()  # what the customer asked for comes first
    product.click()
    expect(form.locator(".o_order_line")).to_have_count(1)
    form.locator(".o_order_quote").click()
    expect(form.locator(".o_order_carrier .text-bg-info")).to_be_visible()
    form.locator(".o_order_carrier", has_text="Giao tiêu chuẩn").click()
    expect(form.locator(".o_order_fee")).to_have_value(re.compile(r"^25\.000\s₫$"))
    form.locator(".o_order_fee").fill("30.000")
    form.locator(".o_order_fee").press("Tab")
    expect(form.locator(".o_order_gain")).to_contain_text("5.000")
    for part in (".o_order_sum", ".o_order_confirm"):  # what is collected stands beside the button, wherever one has scrolled to
        form.locator(".o_order_customer").scroll_into_view_if_needed()
        expect(form.locator(part)).to_be_in_viewport(ratio=1)
    return digits(form.locator(".o_order_total").inner_text())


def receipts(server, conversation):
    return [
        row[0]
        for row in server.sql(
            "SELECT m.sop_payload FROM mail_message m JOIN sop_conversation c ON m.res_id = c.channel_id AND m.model = 'discuss.channel'"
            " WHERE c.id = %s AND m.sop_payload->>'type' = 'receipt' ORDER BY m.id",
            conversation,
        )
    ]


def test_question_to_receipt_and_excel(server, desktop, talk, tmp_path):
    visitor, conversation = talk("0912 345 701")
    manager = server.client("manager")
    open_order_form(desktop, server, "manager", conversation)

    # typing in the thread goes on while the form is filled, and a reload loses nothing
    desktop.locator(COMPOSER).fill("Dạ còn ạ, em lên đơn nhé")
    total = fill_order(desktop)
    expect(desktop.locator(COMPOSER)).to_have_value("Dạ còn ạ, em lên đơn nhé")
    with desktop.expect_response("**/mail/message/post"):
        desktop.locator(COMPOSER).press("Enter")
    desktop.reload()
    desktop.locator(COMPOSER).wait_for()
    desktop.locator("[name=sop-order]").click()
    expect(desktop.locator(".o_order_line")).to_have_count(1)
    assert digits(desktop.locator(".o_order_total").inner_text()) == total

    # bank transfer: the picture of the VietQR comes with the receipt, at both ends of the chat
    desktop.locator("[data-payment=transfer]").click()
    expect(desktop.locator(".o_order_cod")).to_have_count(0)
    desktop.locator(".o_order_confirm").dblclick()
    expect(desktop.locator(".o_order_recent [data-order]")).to_have_count(1)
    [receipt] = receipts(server, conversation)
    parts = sum(line["total"] for line in receipt["lines"]) + receipt["shipping"] + receipt["discount"] + receipt["rounding"]
    assert receipt["total"] == total == parts
    assert f"54{len(str(total)):02}{total}" in receipt["bank"]["qr"] and receipt["bank"]["reference"] in receipt["bank"]["qr"]
    message = visitor.locator(".o-livechat-root .o-mail-Message", has_text=receipt["order"])
    expect(message.first).to_be_visible()
    expect(message.locator("img:not(.o-mail-Message-avatar)").first).to_be_visible()
    order = manager.read("sale.order", receipt["order_id"], "state", "amount_total", "sop_conversation_id", "user_id")
    assert (order["state"], order["amount_total"], order["sop_conversation_id"][0]) == ("sale", total, conversation)

    # what the receipt says is what Odoo's own order says of the same lines
    [values] = manager.call("sale.order", "read", [receipt["order_id"]], ["partner_id", "order_line", "company_id"])
    lines = manager.call("sale.order.line", "read", values["order_line"], ["product_id", "product_uom_qty", "price_unit", "discount", "tax_ids"])
    twin = manager.create(
        "sale.order",
        partner_id=values["partner_id"][0],
        order_line=[
            [
                0,
                0,
                {
                    "product_id": line["product_id"][0],
                    "product_uom_qty": line["product_uom_qty"],
                    "price_unit": line["price_unit"],
                    "discount": line["discount"],
                    "tax_ids": [[6, 0, line["tax_ids"]]],
                },
            ]
            for line in lines
        ],
    )
    assert manager.read("sale.order", twin, "amount_total")["amount_total"] == total

    # the list and its Excel file
    desktop.goto(f"{server.url}/odoo/inbox-orders")
    desktop.locator(".o_data_row", has_text=receipt["order"]).wait_for()
    with desktop.expect_download() as download:
        desktop.locator(".o_order_export").click()
    path = tmp_path / "orders.xlsx"
    download.value.save_as(path)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(path.read_bytes())).active.iter_rows()]
    own = [row for row in rows[1:] if row[0] == receipt["order"]]
    assert sum(row[14] for row in own) == total
    assert {row[4] for row in own} == {receipt["customer"]["phone"]}
    for view in ("pivot", "graph"):
        desktop.locator(f".o_switch_view.o_{view}").click()
        desktop.locator(f".o_{view}_view").wait_for()


def test_a_form_that_is_left_loses_no_change(server, desktop, talk):
    """Not lost: changes still on their way when another chat is opened. What is refused then is told all the same."""
    _visitor, conversation = talk("0912 345 706")
    draft = "SELECT amount_untaxed, note FROM sale_order WHERE sop_conversation_id = %s"
    other = desktop.locator(f".o_inbox_row_body:not([data-conversation-id='{conversation}'])").first
    held, answers = [], []

    def hold():
        desktop.route("**/sop.order.form/action_update_order", lambda route: held.append(route), times=1)

    def leave():
        title = desktop.locator(".o_inbox_thread_title bdi")
        before = title.inner_text()
        other.click()
        expect(title).not_to_have_text(before)

    def go_on(changes):
        wait_until(desktop, lambda: held, "the change is on its way")
        answers.clear()
        held.pop().continue_()
        wait_until(desktop, lambda: len(answers) == changes, "each change is answered")

    desktop.on("response", lambda answer: answers.append(answer) if "action_update_order" in answer.url else None)
    open_order_form(desktop, server, "manager", conversation)
    form = desktop.locator(".o_inbox_order_tab")
    form.locator(".o_order_search").click()
    form.locator(".o_order_result", has_text="Áo thun cotton (M)").first.click()
    expect(form.locator(".o_order_line")).to_have_count(1)
    [(price, _note)] = server.sql(draft, conversation)
    hold()
    form.locator("[title='Thêm một']").click(click_count=3)  # quicker than the answers
    expect(form.locator("[name=qty]")).to_have_value("4")
    form.locator(".o_order_note").fill("Gói quà")
    form.locator(".o_order_note").press("Tab")
    leave()
    go_on(4)
    [(amount, note)] = server.sql(draft, conversation)
    assert (amount, "Gói quà" in note) == (4 * price, True)

    desktop.goto(f"{server.url}/odoo/inbox?sop_conversation={conversation}")
    desktop.locator("[name=sop-order]").click()
    expect(form.locator(".o_order_note")).to_have_value("Gói quà")
    form.locator(".o_order_note").press_sequentially(", giao giờ hành chính")  # drawn anew meanwhile: nothing of it is lost
    form.locator("[data-payment=transfer]").dispatch_event("click")
    expect(form.locator("[data-payment=transfer]")).to_have_class(re.compile("btn-primary"))
    expect(form.locator(".o_order_note")).to_have_value("Gói quà, giao giờ hành chính")
    with desktop.expect_response("**/sop.order.form/action_update_order"):
        form.locator(".o_order_note").press("Tab")
    hold()
    form.locator("[name=qty]").fill("99999999999")
    form.locator("[name=qty]").press("Tab")
    leave()
    go_on(1)
    expect(desktop.locator(".o_notification")).to_have_count(1)
    expect(desktop.locator(".o_error_dialog")).to_have_count(0)


def test_phone_width(server, phone, talk):
    _visitor, conversation = talk("0912 345 702")
    open_order_form(phone, server, "manager", conversation)
    total = fill_order(phone)
    confirm = phone.locator(".o_order_confirm")
    assert confirm.bounding_box()["height"] >= 44, "the button must fit a thumb"
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    expect(phone.locator(".o_order_cod")).to_contain_text(re.sub(r"(?<=\d)(?=(\d{3})+$)", ".", str(total)))
    confirm.click()
    expect(phone.locator(COMPOSER)).to_be_visible()  # back to the chat, the receipt in it
    [receipt] = receipts(server, conversation)
    assert (receipt["total"], receipt["cod"]) == (total, total)


def test_two_agents_and_the_last_piece(server, talk):
    """Over real HTTP, at the same moment: one sells it, the other is told that none is left."""
    manager, sales = server.client("manager"), server.client("sales")
    conversations = [talk(number)[1] for number in ("0912 345 703", "0912 345 704")]
    product = server.client("admin").create("product.product", name="Chiếc cuối cùng", type="consu", is_storable=True, list_price=50_000)
    [warehouse] = manager.search("stock.warehouse", limit=1)
    location = manager.read("stock.warehouse", warehouse, "lot_stock_id")["lot_stock_id"][0]
    server.sql(
        "INSERT INTO stock_quant (product_id, location_id, quantity, reserved_quantity, in_date, company_id)"
        " SELECT %s, %s, 1, 0, now(), company_id FROM stock_location WHERE id = %s RETURNING id",
        product,
        location,
        location,
    )
    lines = [{"product_id": product, "qty": 1}]

    def sell(client, conversation):
        try:
            return client.call("sop.conversation", "action_create_order", [conversation], {"lines": lines, "confirm": True})
        except RpcError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(sell, (manager, sales), conversations))
    sold = [result for result in results if isinstance(result, int)]
    [refusal] = [result for result in results if isinstance(result, str)]
    assert len(sold) == 1 and "Chiếc cuối cùng" in refusal
    # a double click makes one order: the second call gets the first's id
    assert sell(manager, conversations[0]) == sold[0] or sell(sales, conversations[1]) == sold[0]


def test_cancel_from_the_chat(server, desktop, talk):
    visitor, conversation = talk("0912 345 705")
    manager = server.client("manager")
    [product] = manager.search("product.product", ["name", "=", "Áo polo nam"], limit=1)
    order = manager.call("sop.conversation", "action_create_order", [conversation], {"lines": [{"product_id": product, "qty": 1}], "confirm": True})
    free = manager.read("product.product", product, "free_qty")["free_qty"]
    open_order_form(desktop, server, "manager", conversation)
    desktop.locator(f"[data-order='{order}'] .o_order_cancel").click()
    desktop.locator(".modal .btn-primary").click()
    expect(desktop.locator(f"[data-order='{order}'] .text-bg-danger")).to_be_visible()
    assert manager.read("product.product", product, "free_qty")["free_qty"] == free + 1
    name = manager.read("sale.order", order, "name")["name"]
    expect(visitor.locator(".o-livechat-root .o-mail-Message", has_text=f"Đơn hàng {name} đã hủy")).to_be_visible()
