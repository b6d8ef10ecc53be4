"""Two people leave data in every model that keeps some; erased through both doors, nothing of them is left in the dump, the files and the log."""

import json
import re
import subprocess
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import pytest
from harness import HOME, log_in, run_code
from playwright.sync_api import expect
from shop import Shop
from test_contact_requests import LISTING, ask

#: What people put between the digits of a number
SEPARATORS = str.maketrans("", "", " .()/-+")


class Person(NamedTuple):
    """Somebody with a name, a number as they write it, an e-mail, and words nobody else uses."""

    name: str
    phone: str
    email: str
    words: str

    def stands_in(self, text):
        """The forms in which this person stands in a text: written, without accents, escaped, quoted, in hexadecimal digits, old number."""
        folded = text.casefold()
        packed = folded.translate(SEPARATORS)
        national = re.sub(r"\D", "", self.phone)[1:]
        texts = [form for sign in (self.name, self.email, self.words) for form in (sign, unaccented(sign))]
        escaped = [json.dumps(sign)[1:-1] for sign in texts]
        forms = {*texts, *escaped, *(sign.replace("\\", "\\\\") for sign in escaped), *map(quote, texts), *map(quote_plus, texts)}
        forms |= {sign.encode().hex() for sign in (*texts, national)}
        return [form for form in forms if form.casefold() in folded] + [number for number in (national, "120" + national[2:]) if number in packed]


def unaccented(text):
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


BUYER = Person("Trịnh Thị Kiều Oanh", "0703 468 791", "kieu.oanh@khach.example.com", "chuyện kín thứ nhất")
CUSTOMER = Person("Lương Thị Ngọc Diễm", "0704 579 812", "ngoc.diem@khach.example.com", "chuyện kín thứ hai")
PSID = "4709001"

#: What sellers and staff do with the buyer's form; run as the administrator
WORK = """
request = env['sop.contact.request'].sudo().search([('buyer_name', '=', NAME)])
request.action_create_lead()
request.action_reveal_phone()
request.action_set_note(NAME + ' ' + WORDS)
request.activity_schedule('mail.mail_activity_data_todo', summary=NAME, user_id=env.uid)
request.message_post(body='Gọi ' + NAME)
lead = request.lead_id
lead.message_post(body=NAME + ' ' + PHONE, attachments=[(WORDS + '.txt', WORDS)])
lead.activity_schedule('mail.mail_activity_data_call', summary=NAME, note=PHONE, user_id=env.uid)
env['calendar.event'].create({'name': NAME, 'description': WORDS, 'location': PHONE, 'opportunity_id': lead.id,
    'start': '2026-05-01 08:00:00', 'stop': '2026-05-01 09:00:00'})
env['ir.attachment'].create({'name': NAME, 'res_model': 'crm.lead', 'res_id': lead.id, 'raw': (WORDS + PHONE).encode()})
call = env['sop.call'].sudo().create({'lead_id': lead.id, 'user_id': env.uid, 'number': PHONE, 'state': 'unknown', 'note': WORDS,
    'recording_url': 'https://pbx.example.com/' + WORDS, 'company_id': lead.company_id.id})
lead._handle_partner_assignment(create_missing=True)
lead.partner_id.write({'comment': WORDS})
"""

#: A customer of the shop, in every model that keeps data of people; run as the administrator
FILL = """
vn = env.ref('base.vn')
partner = env['res.partner'].create({'name': NAME, 'phone': PHONE, 'email': EMAIL, 'street': WORDS, 'comment': WORDS, 'country_id': vn.id})
env['res.users'].with_context(no_reset_password=True).create({'login': EMAIL, 'partner_id': partner.id, 'name': NAME,
    'group_ids': [(6, 0, [env.ref('base.group_portal').id])]})
company = env.company
lead = env['crm.lead'].create({'name': NAME + ' hỏi', 'contact_name': NAME, 'phone': PHONE, 'email_from': EMAIL, 'partner_id': partner.id,
    'description': WORDS, 'country_id': vn.id, 'type': 'opportunity', 'company_id': company.id})
env['crm.lead'].create({'name': 'Áo', 'contact_name': NAME.lower(), 'phone': PHONE, 'country_id': vn.id})
lead.message_post(body=NAME + ' ' + PHONE, attachments=[(WORDS + '.txt', WORDS)])
partner.message_post(body=WORDS, author_id=partner.id)
lead.activity_schedule('mail.mail_activity_data_call', summary=NAME, note=PHONE, user_id=env.uid)
lead.activity_schedule('mail.mail_activity_data_todo', summary=NAME, user_id=env.uid).action_feedback(WORDS)
env['calendar.event'].create({'name': NAME, 'description': WORDS, 'location': PHONE, 'opportunity_id': lead.id,
    'start': '2026-05-01 08:00:00', 'stop': '2026-05-01 09:00:00', 'partner_ids': [(6, 0, [partner.id, env.user.partner_id.id])]})
env['ir.attachment'].create({'name': NAME, 'res_model': 'res.partner', 'res_id': partner.id, 'raw': (WORDS + PHONE).encode()})
env['mail.mail'].create({'email_to': EMAIL, 'subject': NAME, 'body_html': WORDS})
call = env['sop.call'].sudo().create({'lead_id': lead.id, 'partner_id': partner.id, 'user_id': env.uid, 'number': PHONE, 'state': 'unknown',
    'note': WORDS, 'recording_url': 'https://pbx.example.com/' + WORDS, 'company_id': company.id})
exchange = env['sop.exchange'].sudo().search([], limit=1)
env['sop.exchange.event'].sudo().create([
    {'exchange_id': exchange.id, 'digest': 'e2e1', 'payload': json.dumps({'customer': NAME}), 'call_id': call.id, 'error': WORDS},
    {'exchange_id': exchange.id, 'digest': 'e2e2', 'payload': json.dumps({'customer': PHONE}), 'error': PHONE}])
env['sop.interaction'].sudo().create({'lead_id': lead.id, 'type_id': env['sop.interaction.type'].sudo().search([], limit=1).id, 'note': WORDS})
rule = env['sop.next.action.rule'].sudo().search([('active', 'in', [True, False])], limit=1)
env['sop.next.action'].sudo().create({'rule_id': rule.id, 'lead_id': lead.id, 'res_model': 'sop.call', 'res_id': call.id, 'state': 'failed',
    'happened_at': '2026-05-01 08:00:00', 'due_at': '2026-05-01 08:00:00', 'error': WORDS + ' ' + EMAIL})
product = env['product.product'].search([('sale_ok', '=', True)], limit=1)
order = env['sale.order'].create({'partner_id': partner.id, 'client_order_ref': WORDS, 'note': WORDS, 'opportunity_id': lead.id,
    'signed_by': NAME, 'order_line': [(0, 0, {'product_id': product.id})]})
order.message_post(body='Báo giá cho ' + NAME)
feed = env['sop.bank.feed'].sudo().create({'name': 'VCB', 'account_number': '0123499999', 'secret': 's'})
env['sop.bank.line'].sudo().create({'feed_id': feed.id, 'company_id': company.id, 'provider': 'sepay', 'account_number': '0123499999',
    'external_id': 'e2e', 'at': '2026-05-01 08:00:00', 'currency_id': company.currency_id.id, 'amount': 1, 'direction': 'in', 'state': 'matched',
    'words': NAME + ' ' + PHONE, 'sender': NAME, 'payload': {'content': WORDS}, 'order_id': order.id})
env['sop.bank.line'].sudo().create({'feed_id': feed.id, 'company_id': company.id, 'provider': 'sepay', 'account_number': '0123499999',
    'external_id': 'e2e2', 'at': '2026-05-01 08:00:00', 'currency_id': company.currency_id.id, 'amount': 1, 'direction': 'in', 'state': 'unmatched',
    'words': 'tien hang ' + PHONE, 'sender': NAME, 'payload': {'content': WORDS}})
env['payment.transaction'].sudo().create({'reference': 'e2e', 'amount': 1, 'currency_id': company.currency_id.id, 'partner_id': partner.id,
    'provider_id': env['payment.provider'].sudo().search([], limit=1).id, 'payment_method_id': env['payment.method'].sudo().search([], limit=1).id})
pick = env['stock.picking.type'].sudo().search([('code', '=', 'outgoing'), ('company_id', '=', company.id)], limit=1)
picking = env['stock.picking'].sudo().create({'picking_type_id': pick.id, 'partner_id': partner.id, 'note': WORDS})
parcel = env['sop.parcel'].sudo().create({'picking_id': picking.id, 'company_id': company.id,
    'carrier_id': env['delivery.carrier'].sudo().search([], limit=1).id, 'our_ref': 'e2e', 'message': NAME + ' ' + PHONE})
env['sop.parcel.event'].sudo().create({'parcel_id': parcel.id, 'key': 'e2e', 'at': '2026-05-01 08:00:00', 'source': 'person', 'words': WORDS,
    'reason': NAME})
env['sop.parcel.news'].sudo().create({'carrier_id': parcel.carrier_id.id, 'parcel_id': parcel.id, 'key': 'e2e', 'state': 'dead',
    'received_at': '2026-05-01 08:00:00', 'body': json.dumps({'to': PHONE + NAME}), 'error': WORDS})
env['sop.old.address'].sudo().create({'partner_id': partner.id, 'street': WORDS, 'city': NAME})
env['account.move'].sudo().create({'move_type': 'out_invoice', 'partner_id': partner.id})

chat = env['sop.conversation'].sudo().search([('identity_id.external_id', '=', PSID), ('kind', '=', 'message')])
comment = env['sop.conversation'].sudo().search([('identity_id.external_id', '=', PSID), ('kind', '=', 'comment')])
identity = chat.identity_id
identity.write({'name': NAME, 'email': EMAIL, 'phone': PHONE})
(chat | comment).write({'partner_id': partner.id, 'name': NAME})
chat.channel_id.write({'name': NAME})
chat.channel_id.message_post(body='Chào ' + NAME, message_type='comment')
env['mail.scheduled.message'].create({'model': 'discuss.channel', 'res_id': chat.channel_id.id, 'author_id': env.user.partner_id.id,
    'body': WORDS + ' ' + PHONE, 'scheduled_date': datetime.datetime.now() + datetime.timedelta(hours=1)})
identity.guest_id.write({'name': NAME})
order.write({'sop_conversation_id': chat.id})
env['sop.channel.media'].sudo().create({'account_id': chat.account_id.id, 'kind': 'profile', 'identity_id': identity.id,
    'url': 'https://scontent.example.com/' + EMAIL, 'name': NAME, 'state': 'failed', 'reason': WORDS})
env['sop.channel.event'].sudo().create({'app_id': chat.account_id.app_id.id, 'key': 'e2e', 'received_at': datetime.datetime.now(),
    'payload': json.dumps({'x': PHONE + NAME}), 'error': EMAIL, 'state': 'dead'})
env['sop.conversion.event'].sudo().create({'order_id': order.id, 'conversation_id': chat.id, 'company_id': company.id, 'kind': 'purchase',
    'event_key': 'e2e', 'state': 'failed', 'error': PHONE})
env['sop.ad.touch'].sudo().create({'conversation_id': chat.id, 'at': '2026-05-01 08:00:00', 'title': WORDS})
session = env['sop.live.session'].sudo().create({'post_id': env['sop.channel.post'].sudo().search([], limit=1).id})
item = env['sop.live.item'].sudo().create({'session_id': session.id, 'code': 'E2E', 'product_tmpl_id': product.product_tmpl_id.id})
env['sop.live.claim'].sudo().create({'session_id': session.id, 'item_id': item.id, 'conversation_id': chat.id, 'identity_id': identity.id,
    'comment_ref': 'e2e', 'at': '2026-05-01 08:00:00', 'quantity': 1, 'words': WORDS, 'phone': PHONE, 'state': 'waiting'})
env['sop.order.export'].sudo().create({'user_id': env.uid, 'state': 'done', 'file': b64encode((NAME + PHONE).encode())})
"""

#: Tells the test which columns are declared, and in which rows the person stands: as the words of a refusal
WHERE = """
privacy = env['sop.privacy']
person = privacy._collect(env['res.partner'].sudo().search([('email', '=', EMAIL)])._sop_person())
told = {}
for model in privacy._get_models():
    columns = []
    for name in model._sop_personal_fields():
        if model._fields[name].store and model._fields[name].column_type and name != 'person_ref':
            columns.append(name)
    told[model._table] = {'ids': person.ids(model._name), 'columns': columns}
raise UserError('@@' + json.dumps(told))
"""


def play(server, person, code):
    """Run code with the person's signs; an answer is what the server says."""
    names = {"NAME": person.name, "PHONE": person.phone, "EMAIL": person.email, "WORDS": person.words, "PSID": PSID}
    answer = run_code(server, "\n".join(f"{name} = {value!r}" for name, value in names.items()) + code)
    admin = server.client("admin")
    admin.call("ir.actions.server", "unlink", admin.search("ir.actions.server", ["name", "=", "Test"]))  # the code names the person
    return answer


def dump(server):
    """The whole database as text: dict table -> rows."""
    text = subprocess.run(["pg_dump", "--data-only", server.database], check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^COPY public\.\"?(\w+)\"? .*?;\n(.*?)^\\\.$", text, re.MULTILINE | re.DOTALL))


def rows_of(server, person):
    """Rows in which the person stands: dict table -> the first of them, shortened."""
    found = {table: next((row for row in rows.splitlines() if person.stands_in(row)), None) for table, rows in dump(server).items()}
    return {table: row[:1000] for table, row in found.items() if row}


def files_of(server, person):
    """Files of the filestore in which the person stands."""
    found = (HOME / "data" / "filestore" / server.database).rglob("*")
    return [str(path) for path in found if path.is_file() and person.stands_in(path.read_bytes().decode(errors="ignore"))]


def fill_columns(server):
    """Put the customer's words into each declared column of theirs that nothing has filled; return the tables that keep texts of people."""
    told = play(server, CUSTOMER, WHERE)
    where = json.loads(told[told.index("@@") + 2 : told.rindex("}") + 1])
    texts = server.sql(
        """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') AND character_maximum_length IS NULL"""
    )
    expected = set()
    for table, column in texts:
        if column in where.get(table, {}).get("columns", ()):
            expected.add(table)
            server.sql(
                f'UPDATE "{table}" SET "{column}" = %s WHERE id = ANY(%s) AND COALESCE("{column}", %s) = %s',
                CUSTOMER.words,
                where[table]["ids"],
                "",
                "",
            )
    return expected


@pytest.fixture(scope="module")
def counter():
    """A shop of its own, whose server may be stopped at the end."""
    running = Shop()
    try:
        yield running.start()
    finally:
        running.close()


@pytest.mark.browser
def test_nothing_personal_stays(counter, new_page):
    """Dump, files and log are read as a thief of the backup would."""
    shop, server = counter, counter.server
    shop.facebook.play_say(PSID, f"{CUSTOMER.words} {CUSTOMER.phone}", picture=True)
    shop.facebook.play_comment(PSID, f"{CUSTOMER.words} {CUSTOMER.phone}", name=CUSTOMER.name)
    shop.wait(lambda: shop.all_heard() and shop.chat(PSID))
    buyer = new_page(phone=True)
    link = ask(buyer, server, server.ref(LISTING), BUYER.name, BUYER.phone, BUYER.words)
    for person, code in ((BUYER, WORK), (CUSTOMER, FILL)):
        assert not play(server, person, code)
    expected = fill_columns(server)
    before = {*rows_of(server, BUYER), *rows_of(server, CUSTOMER)}
    assert expected - before == set(), "these keep data of people, and the test puts none into them"
    assert files_of(server, BUYER) and files_of(server, CUSTOMER)

    buyer.goto(server.url + link if link.startswith("/") else link)
    buyer.click("button[value=ask_delete]")
    buyer.click("button[value=delete]")
    expect(buyer.locator("button[value=delete]")).to_have_count(0)
    assert rows_of(server, BUYER) == {}

    manager = new_page()
    [(partner,)] = server.sql("SELECT id FROM res_partner WHERE email = %s", CUSTOMER.email)
    log_in(manager, server, "manager", f"/odoo/res.partner/{partner}")
    manager.locator(".o_cp_action_menus button").first.click()
    manager.get_by_role("menuitem", name=re.compile("Dữ liệu cá nhân|Personal data")).click()
    expect(manager.locator(".modal")).to_contain_text(CUSTOMER.words)
    manager.locator(".modal button[name=action_erase]").click()
    manager.locator(".modal-footer .btn-primary, .modal-footer .btn-danger").last.click()
    expect(manager.locator(".modal")).to_have_count(0)
    assert rows_of(server, CUSTOMER) == {}

    shop.wait(lambda: not files_of(server, BUYER) + files_of(server, CUSTOMER))
    server.stop()
    for person in (BUYER, CUSTOMER):
        assert person.stands_in(server.log.read_text(errors="replace")) == []
