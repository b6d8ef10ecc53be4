"""A salesperson's day on a phone: from the log-in to the next call, its taps counted (000, 003)."""

import itertools
import re

import pytest
from harness import log_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

#: Counts what the person does, whatever the test believes it does
COUNT_TAPS = """
window.taps = 0;
document.addEventListener("click", (ev) => { window.taps += ev.isTrusted ? 1 : 0; }, { capture: true });
"""


NUMBERS = itertools.count(10)


@pytest.fixture
def day(server):
    """A salesperson of the team, the test's own, with two new leads, of which the second is worth more: (client, log-in, their numbers)."""
    admin = server.client("admin")
    groups = [server.ref(xmlid) for xmlid in ("base.group_user", "sales_team.group_sale_salesman", "base.group_partner_manager")]
    login = f"day_sales{next(NUMBERS)}"
    values = {"name": f"Vũ Thị {login}", "login": login, "password": login, "lang": "vi_VN", "tz": "Asia/Ho_Chi_Minh"}
    user = admin.create("res.users", **values, group_ids=[[6, 0, groups]])
    numbers = [f"09077{login[-1]}000{place}" for place in (1, 2)]
    team = server.ref("sales_team.team_sales_department")
    admin.create("crm.team.member", crm_team_id=team, user_id=user)
    lead = {"name": "Áo thun", "type": "opportunity", "team_id": team, "user_id": user}
    for place, number in enumerate(numbers, 1):
        admin.create("crm.lead", **lead, contact_name=f"Khách {place}", phone=number, expected_revenue=place)
    return server.client(login), login, numbers


def test_taps_of_a_day(server, phone, day):
    """Log-in to the first rated lead: four taps at most; from there to the next call: two."""
    client, login, numbers = day
    phone.add_init_script(COUNT_TAPS)
    log_in(phone, server, login, form=True)
    row = phone.locator(".o_sop_today_now .o_sop_today_row")
    expect(row).to_have_count(2)
    assert phone.evaluate("window.taps") == 0, "the log-in lands on Today"
    row.first.locator(".o_sop_call").click()
    dialog = phone.locator(".modal")
    expect(dialog).to_contain_text(f"{numbers[1][:4]} {numbers[1][4:7]} {numbers[1][7:]}")
    phone.locator(".o_sop_answered").click()
    expect(phone.locator(".o_sop_progress .o_sop_current")).to_have_text("Đánh giá")
    phone.locator("[data-interest=interested]").click()
    phone.locator(".o_sop_send_rating").click()
    phone.locator(".o_sop_next_dialog").wait_for()
    [rated] = client.call("crm.lead", "search_read", [["phone", "=", numbers[1]]], ["sop_interest", "sop_code"])
    assert (rated["sop_interest"], rated["sop_code"]) == ("interested", "contact")
    assert phone.evaluate("window.taps") <= 4
    before = phone.evaluate("window.taps")
    phone.locator(".o_sop_next_lead").click()
    phone.locator(".o_sop_answered").wait_for()
    assert phone.evaluate("window.dialled") == [f"tel:+84{number[1:]}" for number in reversed(numbers)]
    assert phone.evaluate("window.taps") - before <= 2
    phone.locator(".o_sop_not_answered").click()
    phone.locator("[data-reason=busy]").click()
    phone.locator(".modal").wait_for(state="detached")


def test_who_rates_before_the_page_was_read_is_asked_what_next(server, phone, day):
    """On a slow line the page behind is still read for the answer when the rating is sent: the next step is asked all the same."""
    client, login, numbers = day
    log_in(phone, server, login, "/odoo/sop-today")
    phone.locator(".o_sop_today_now .o_sop_call").first.click()
    phone.locator(".o_sop_answered").wait_for()
    held = []
    holding = True
    phone.route("**/sop.call/get_todo", lambda route: held.append(route) if holding else route.continue_())
    phone.locator(".o_sop_answered").click()
    phone.locator("[data-interest=interested]").click()
    with phone.expect_response("**/sop.call/action_rate"):
        phone.locator(".o_sop_send_rating").click()
    phone.locator(".o_sop_next_dialog").wait_for()
    expect(phone.locator(".modal")).to_have_count(1)
    holding = False
    assert len(held) >= 2, "the to-do list was asked for after the answer and after the rating"
    for route in held:
        route.continue_()
    expect(phone.locator(".o_sop_today_now .o_sop_today_row")).to_have_count(1)
    phone.locator(".o_sop_next_lead").click()
    phone.locator(".o_sop_answered").wait_for()
    [rated] = client.call("crm.lead", "search_read", [["phone", "=", numbers[1]]], ["sop_interest"])
    assert rated["sop_interest"] == "interested"


def test_a_planned_call_is_said_with_its_time(server, phone, day):
    """After a rating and after "call later" alike: hour and day, and no seconds."""
    _client, login, _numbers = day
    log_in(phone, server, login, "/odoo/sop-today")
    calls = phone.locator(".o_sop_today_now .o_sop_call")
    calls.first.click()
    phone.locator(".o_sop_answered").click()
    phone.locator("[data-interest=thinking]").click()
    phone.locator(".o_sop_send_rating").click()
    phone.locator("[data-step=tomorrow]").click()
    without_seconds = re.compile(r"^Đã hẹn gọi lại: 9:00 \d{1,2} thg \d{1,2}(, \d{4})?$")
    expect(phone.locator(".o_sop_planned")).to_have_text(without_seconds)
    phone.locator(".o_sop_next_done").click()
    expect(calls).to_have_count(1)
    calls.first.click()
    phone.locator(".o_sop_not_answered").click()
    phone.locator("[data-reason=call_later]").click()
    plan = phone.locator(".o_sop_plan")
    assert plan.bounding_box()["height"] <= 50, "one line"
    plan.click()
    expect(phone.locator(".o_notification_content")).to_have_text(without_seconds)


def test_known_number_in_the_quick_create(server, desktop, day):
    """The colleague and the stage are told as the number is typed; it can be asked for."""
    _client, login, _numbers = day
    sales = server.client("sales")
    team = server.ref("sales_team.team_sales_department")
    sales.create("crm.lead", name="Của Hạnh", contact_name="Khách Quen", phone="0907 770 009", type="opportunity", team_id=team, user_id=sales.uid)
    log_in(desktop, server, login, "/odoo/action-crm.action_your_pipeline")
    desktop.locator(".o_kanban_record:visible").first.wait_for()  # before the board is read, New opens the form
    desktop.locator(".o-kanban-button-new").first.click()
    form = desktop.locator(".o_kanban_quick_create")
    first = form.locator("input:visible").first
    expect(first).to_be_focused()
    first.fill("Khách Quen")
    form.locator("[name=phone] input").fill("090.777.0009")
    form.locator("[name=phone] input").press("Tab")
    known = form.locator(".o_sop_known")
    expect(known).to_contain_text("Trần Minh Hạnh")
    assert "Của Hạnh" not in known.inner_text()
    known.locator(".o_sop_known_ask").click()
    known.locator(".o_sop_known_ask").wait_for(state="detached")
    assert sales.call("mail.activity", "search_count", [["user_id", "=", sales.uid], ["summary", "ilike", login]]) == 1


@pytest.fixture
def strict(server):
    """A team of one manager's that asks for an e-mail before Liên hệ, and a lead of it."""
    manager = server.client("manager")
    team = manager.create("crm.team", name="Đội kỹ tính", sop_process=True, member_ids=[[6, 0, [manager.uid]]])
    field = server.ref("crm.field_crm_lead__email_from")
    manager.create("sop.stage.requirement", team_id=team, sop_code="contact", field_ids=[[6, 0, [field]]])
    lead = manager.create("crm.lead", name="Thiếu e-mail", phone="0907770021", type="opportunity", team_id=team, user_id=manager.uid)
    yield manager, lead
    manager.call("crm.lead", "unlink", [lead])
    manager.call("crm.team", "write", [team], {"active": False})


def code_of(client, lead):
    return client.read("crm.lead", lead, "sop_code")["sop_code"]


def test_missing_fields_are_asked_for_on_the_form(server, desktop, strict):
    """Row P9: a refused move leaves a clean form, and a small dialog takes what is missing and makes the move."""
    manager, lead = strict
    log_in(desktop, server, "manager", f"/odoo/crm.lead/{lead}")
    stage = desktop.locator(".o_statusbar_status button:visible", has_text="Liên hệ")
    stage.first.click()
    dialog = desktop.locator(".modal")
    dialog.locator("[name=email_from] input").wait_for()
    dialog.locator(".o_form_button_cancel").click()
    dialog.wait_for(state="detached")
    expect(desktop.locator(".o_statusbar_status button.o_arrow_button_current")).to_contain_text("Thu thập")
    expect(desktop.locator(".o_form_button_save:visible")).to_have_count(0)
    assert code_of(manager, lead) == "collect"
    stage.first.click()
    dialog.locator("[name=email_from] input").fill("khach@example.com")
    dialog.locator(".o_form_button_save").click()
    dialog.wait_for(state="detached")
    expect(desktop.locator(".o_statusbar_status button.o_arrow_button_current")).to_contain_text("Liên hệ")
    assert code_of(manager, lead) == "contact"


def test_a_calendar_covers_no_missing_field(server, desktop, strict):
    """The first field is focused; a date comes last, so that its calendar opens when it is its turn."""
    manager, lead = strict
    team = manager.read("crm.lead", lead, "team_id")["team_id"][0]
    [requirement] = manager.search("sop.stage.requirement", ["team_id", "=", team])
    manager.call("sop.stage.requirement", "write", [requirement], {"field_ids": [[4, server.ref("crm.field_crm_lead__date_deadline")]]})
    log_in(desktop, server, "manager", f"/odoo/crm.lead/{lead}")
    desktop.locator(".o_statusbar_status button:visible", has_text="Liên hệ").first.click()
    dialog = desktop.locator(".modal")
    expect(dialog.locator("[name=email_from] input")).to_be_focused()
    expect(desktop.locator(".o_datetime_picker")).to_have_count(0)
    dialog.locator("[name=email_from] input").fill("khach@example.com")
    dialog.locator("[name=date_deadline] input, [name=date_deadline] button").first.click()
    desktop.locator(".o_datetime_picker .o_date_item_cell:not(.o_out_of_range)").last.click()
    dialog.locator(".o_form_button_save").click()
    dialog.wait_for(state="detached")
    assert code_of(manager, lead) == "contact"


def test_missing_fields_are_asked_for_after_a_drag(server, desktop, strict):
    manager, lead = strict
    log_in(desktop, server, "manager", "/odoo/action-crm.action_your_pipeline")
    card = desktop.locator(".o_kanban_record", has_text="Thiếu e-mail")
    column = desktop.locator(".o_kanban_group", has=desktop.locator(".o_column_title", has_text="Liên hệ"))
    start, end = card.bounding_box(), column.bounding_box()
    desktop.mouse.move(start["x"] + 20, start["y"] + 10)
    desktop.mouse.down()
    desktop.mouse.move(end["x"] + 60, end["y"] + 130, steps=25)
    desktop.mouse.up()
    dialog = desktop.locator(".modal")
    dialog.locator("[name=email_from] input").fill("khach@example.com")
    assert code_of(manager, lead) == "collect"
    dialog.locator(".o_form_button_save").click()
    dialog.wait_for(state="detached")
    expect(column.locator(".o_kanban_record", has_text="Thiếu e-mail")).to_have_count(1)
    assert code_of(manager, lead) == "contact"


def test_five_columns_fit_a_laptop(server, desktop):
    log_in(desktop, server, "sales", "/odoo/action-crm.action_your_pipeline")
    desktop.locator(".o_kanban_group").nth(4).wait_for()
    box = desktop.locator(".o_kanban_group").nth(4).bounding_box()
    assert box["x"] + box["width"] <= 1366


def test_today_and_the_quick_form_fit_a_phone(server, phone):
    """Nothing is wider than the screen."""
    for path, shown in (("/odoo/sop-today", ".o_sop_today"), ("/odoo/sop-funnel", ".o_sop_funnel_page"), ("/odoo/sop-dashboard", ".o_sop_dashboard")):
        log_in(phone, server, "sales", path)
        phone.locator(shown).wait_for()
        assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390, path


def test_duplicates_are_seen_on_a_phone(server, phone, day):
    """Row P12: on the card, without a menu."""
    client, login, numbers = day
    [lead] = client.search("crm.lead", ["phone", "=", numbers[0]])
    team = server.ref("sales_team.team_sales_department")
    client.create("crm.lead", name="Trùng", contact_name="Khách", phone=numbers[0], type="opportunity", user_id=client.uid, team_id=team)
    log_in(phone, server, login, f"/odoo/crm.lead/{lead}")
    phone.locator(".o_sop_duplicates").click()
    expect(phone.locator(".o_kanban_record, .o_list_view .o_data_row").nth(1)).to_be_visible()


def test_the_icon_of_crm_opens_today(server, new_page, day):
    """Whichever way a salesperson comes to CRM; their manager's opens where it always did."""
    _client, login, _numbers = day
    for who, shown in ((login, ".o_sop_today"), ("manager", ".o_opportunity_kanban")):
        page = new_page()
        log_in(page, server, who, "/odoo/action-base.action_partner_form" if who == "manager" else "/odoo/sop-today")
        page.goto(f"{server.url}/odoo/contacts")
        page.locator(".o_kanban_view, .o_list_view").first.wait_for()
        page.locator(".o_navbar_apps_menu button").click()
        page.locator("[data-menu-xmlid='crm.crm_menu_root']:visible").first.click()
        expect(page.locator(shown)).to_be_visible()


def test_numbers_in_boxes_are_as_people_write_them(server, desktop, day):
    """Nothing is changed by looking; what is typed is kept and shown the same way."""
    client, login, numbers = day
    [lead] = client.search("crm.lead", ["phone", "=", numbers[0]])
    client.call("crm.lead", "write", [lead], {"phone": "+84" + numbers[0][1:]})
    log_in(desktop, server, login, f"/odoo/crm.lead/{lead}")
    box = desktop.locator("[name=phone] input:visible").first
    expect(box).to_have_value(f"{numbers[0][:4]} {numbers[0][4:7]} {numbers[0][7:]}")
    box.click()
    desktop.locator(".o_form_view [name=name] textarea, .o_form_view [name=name] input").first.click()
    expect(desktop.locator(".o_form_button_save:visible")).to_have_count(0)
    assert client.read("crm.lead", lead, "phone")["phone"] == "+84" + numbers[0][1:]
    box.fill("0907.777.123")
    box.press("Tab")
    desktop.locator(".o_form_button_save").click()
    expect(desktop.locator(".o_form_button_save:visible")).to_have_count(0)
    expect(box).to_have_value("0907 777 123")
    assert client.read("crm.lead", lead, "phone_sanitized")["phone_sanitized"] == "+84907777123"


def test_funnel_keeps_its_choice(server, desktop):
    """Over a drill-down and a reload of the page."""
    log_in(desktop, server, "manager", "/odoo/sop-funnel")
    desktop.locator(".o_sop_mode").select_option("as_of")
    desktop.locator(".o_sop_to").wait_for()
    desktop.locator(".o_sop_dimension").select_option("user")
    desktop.locator(".o_sop_parts").wait_for()
    desktop.locator(".o_sop_stage_table .o_sop_entered").first.click()
    desktop.locator(".o_list_view").wait_for()
    desktop.locator(".breadcrumb-item, .o_back_button").first.click()
    for again in (lambda: None, desktop.reload):
        again()
        desktop.locator(".o_sop_parts").wait_for()
        expect(desktop.locator(".o_sop_mode")).to_have_value("as_of")
        expect(desktop.locator(".o_sop_dimension")).to_have_value("user")


def test_what_is_not_known_yet_is_marked_in_the_funnel(server, desktop):
    """Nothing follows the last stage, and of a young week many leads are still open."""
    log_in(desktop, server, "manager", "/odoo/sop-funnel")
    desktop.locator(".o_sop_dimension").select_option("week")
    desktop.locator(".o_sop_parts").wait_for()
    expect(desktop.locator(".o_sop_parts .badge").first).to_have_text("còn mới")
    shares = desktop.locator(".o_sop_stage_table .o_sop_to_next").all_inner_texts()
    assert [bool(share) for share in shares] == [True] * 4 + [False]


def test_times_are_read_as_durations(server, desktop, day):
    """The page of a lead's stages says days, hours and minutes; a card has one telephone."""
    client, login, numbers = day
    [lead] = client.search("crm.lead", ["phone", "=", numbers[0]])
    server.sql("UPDATE sop_stage_move SET at = at - interval '90 minutes' WHERE lead_id = %s", lead)
    client.call("crm.lead", "write", [lead], {"stage_id": server.ref("sop_pipeline.crm_stage_contact")})
    log_in(desktop, server, login, f"/odoo/crm.lead/{lead}")
    desktop.locator(".nav-link", has_text="Giai đoạn").click()
    expect(desktop.locator("[name=sop_move_ids] .o_data_row").first.locator("td[name=seconds]")).to_have_text("1 giờ")
    desktop.goto(f"{server.url}/odoo/action-crm.action_your_pipeline")
    card = desktop.locator(".o_kanban_record", has_text="Khách 1")
    card.wait_for()
    assert card.locator(".fa-phone").count() == 1


def test_tables_are_cards_on_a_phone(server, phone):
    """No table is scrolled sideways: each number stands beside its name."""
    log_in(phone, server, "manager", "/odoo/sop-funnel")
    phone.locator(".o_sop_dimension").select_option("user")
    phone.locator(".o_sop_parts").wait_for()
    tables = phone.locator(".o_sop_cards")
    assert tables.count() == 4
    for place in range(4):
        table = tables.nth(place)
        assert table.evaluate("(table) => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
        cell = table.locator("td[title]").first
        named = cell.evaluate("(cell) => [getComputedStyle(cell, '::before').content, cell.title, getComputedStyle(cell).display]")
        assert named == [f'"{named[1]}"', named[1], "flex"]
        assert named[1]


def test_call_from_the_list(server, desktop, day):
    """The list has the number, as people write it, and the button."""
    _client, login, numbers = day
    log_in(desktop, server, login, "/odoo/action-crm.action_your_pipeline?view_type=list")
    row = desktop.locator(".o_data_row").first
    expect(row).to_contain_text(f"{numbers[0][:4]} {numbers[0][4:7]}")
    row.locator(".o_sop_call").click()
    desktop.locator(".o_sop_answered").wait_for()
    assert len(desktop.evaluate("window.dialled")) == 1
    desktop.locator(".o_sop_not_answered").click()
    desktop.locator("[data-reason=busy]").click()
    desktop.locator(".modal").wait_for(state="detached")


#: Cells whose words do not fit them
CUT = """(cells) => cells.filter((cell) => [cell, ...cell.querySelectorAll("span, a, div")].some(
    (part) => part.clientWidth > 1 && part.scrollWidth > part.clientWidth)).map((cell) => cell.textContent)"""


def test_the_list_of_calls_fits_a_laptop(server, desktop, day):
    client, login, _numbers = day
    for lead in client.search("crm.lead", ["user_id", "=", client.uid]):
        client.call("crm.lead", "write", [lead], {"contact_name": "Nguyễn Thị Phương Thảo"})
        client.call("crm.lead", "action_sop_call", [lead])
        [call] = client.search("sop.call", ["lead_id", "=", lead])
        client.call("sop.call", "action_answered", [call])
        client.call("sop.call", "action_rate", [call], "not_interested")
    log_in(desktop, server, login, "/odoo/action-sop_pipeline.sop_call_action")
    desktop.locator(".o_data_row").nth(1).wait_for()
    assert desktop.locator(".o_data_row td:not(:first-child), thead th[data-name]").evaluate_all(CUT) == []


def test_the_list_fits_a_laptop(server, desktop, day):
    """Beside the buttons there is room: no name of a person is cut, no header, and a lead's own has the most."""
    client, login, numbers = day
    [lead] = client.search("crm.lead", ["phone", "=", numbers[0]])
    client.call("crm.lead", "write", [lead], {"contact_name": "Nguyễn Thị Phương", "name": "Nồi chiên không dầu 5 lít – hỏi còn hàng không"})
    log_in(desktop, server, login, "/odoo/action-crm.action_your_pipeline?view_type=list")
    desktop.locator(".o_data_row").nth(1).wait_for()
    assert (
        desktop.locator("td[name=contact_name], td[name=user_id], td[name=sop_status], td[name=phone], thead th[data-name]").evaluate_all(CUT) == []
    )
    widths = dict(desktop.locator("thead th[data-name]").evaluate_all("(cells) => cells.map((cell) => [cell.dataset.name, cell.offsetWidth])"))
    assert widths["name"] == max(widths.values())
    assert widths["name"] >= 220
    assert desktop.locator(".o_list_renderer").evaluate("(list) => list.scrollWidth <= list.clientWidth")
    row = desktop.locator(".o_data_row", has_text="Nguyễn Thị Phương")
    row.get_by_role("button", name="Email").click()
    expect(desktop.locator(".modal .o_mail_composer_form_view, .modal .o_form_view")).to_be_visible()
