"""Orders made in a conversation: queries of the form at a small and a large catalogue, confirmation, export.

The baseline of a confirmation is the same order of the same opportunity, lines, customer and sales
person confirmed in Odoo's own form, in the same database and in turns: the whole transaction (what
runs before a commit included), and with what either screen reads again afterwards. The baseline of
the form's queries is the target of 40.
"""

import gc
import os
import tempfile
import time

from lxml import etree
from odoo_bench import environment, measure, row

CATALOGUE = {"small": (100, 5_000), "medium": (100, 50_000), "large": (100, 50_000)}
ROUNDS = {"small": 7, "medium": 15, "large": 31}
EXPORT = {"small": 2_000, "medium": 10_000, "large": 50_000}
TARGET = 40


def copy_rows(env, table, source, values, count, parameters=()):
    """Insert ``count`` copies of a row; ``values`` are SQL of ``n`` for columns that differ. Return their ids."""
    env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", [table])
    names = [name for (name,) in env.cr.fetchall()]
    chosen = ", ".join(values.get(name, f't."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    env.cr.execute(
        f"INSERT INTO {table} ({quoted}) SELECT {chosen} FROM {table} t, generate_series(1, %s) n WHERE t.id = %s RETURNING id",
        [*parameters, count, source],
    )
    return [new for (new,) in env.cr.fetchall()]


def shop(env, products):
    """Return a conversation with a customer, and goods on a shelf among ``products`` others."""
    account = env["sop.channel.account"].create({"name": "Bench", "provider": "livechat", "external_id": "bench-orders"})
    identity = env["sop.identity"]._get_or_create(account, "bench-orders", name="Khách đo")
    conversation = env["sop.conversation"]._get_or_create(account, "message", identity)
    conversation.partner_id = env["res.partner"].create({"name": "Khách đo", "phone": "0901234567"})
    goods = env["product.product"].create(
        [{"name": f"Hàng đo {number}", "type": "consu", "is_storable": True, "list_price": 1000 + number, "taxes_id": False} for number in range(6)]
    )
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    for product in goods:
        env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100_000)
    env.flush_all()
    copy_rows(env, "product_template", goods[0].product_tmpl_id.id, {"name": "jsonb_build_object('en_US', 'Áo mẫu ' || n)"}, products)
    env.cr.execute("SELECT id FROM product_template t WHERE NOT EXISTS (SELECT 1 FROM product_product p WHERE p.product_tmpl_id = t.id)")
    templates = [template for (template,) in env.cr.fetchall()]
    copy_rows(env, "product_product", goods[0].id, {"product_tmpl_id": "(%s::int[])[n]"}, len(templates), [templates])
    env.cr.execute("ANALYZE product_template")
    env.cr.execute("ANALYZE product_product")
    env.invalidate_all()
    return conversation, goods


def form(database, products, rounds):
    """Queries and milliseconds of opening the form, looking for a product and adding a line."""
    with environment(database) as env:
        conversation, goods = shop(env, products)
        conversation.action_update_order({"add": {"product_id": goods[0].id, "qty": 1}})
        steps = {
            "open the form": lambda: conversation.get_order_form(),
            "find a product": lambda: conversation.search_order_products("mẫu 7"),
            "add a line": lambda: conversation.action_update_order({"add": {"product_id": next(others).id, "qty": 1}}),
        }
        result = {}
        for name, step in steps.items():
            others = iter(list(goods[1:]) * 8)
            step()
            result[name] = [measure(env, step) for _round in range(rounds)]
        return result


def form_specification(env, model):
    """Return what the web client reads of a record for its form view (``web_read``)."""

    def specify(node, model):
        names = {}
        for child in node:
            field = env[model]._fields.get(child.get("name")) if child.tag == "field" else None
            if not field:
                names |= specify(child, model)
            elif field.type in ("one2many", "many2many"):
                names[field.name] = {"fields": specify(child, field.comodel_name) or {"display_name": {}}}
            else:
                names[field.name] = {"fields": {"display_name": {}}} if field.type == "many2one" else {}
        return names

    return specify(etree.fromstring(env[model].get_views([(False, "form")])["views"]["form"]["arch"]), model)


def confirm(database, rounds, read):
    """Milliseconds and queries of confirming in the chat and in Odoo's own form, in turns.

    :param read: also what the screen reads again afterwards
    """
    with environment(database) as env:
        conversation, goods = shop(env, 10)
        groups = ("sop_inbox.sop_inbox_group_manager", "sales_team.group_sale_manager")
        user = env["res.users"].create({"name": "Bán hàng", "login": "bench", "group_ids": [(6, 0, [env.ref(name).id for name in groups])]})
        conversation = conversation.with_user(user)
        specification = form_specification(conversation.env, "sale.order")
        ours, theirs = [], []
        for _round in range(rounds + 1):
            for linked in (True, False):
                order = new_order(conversation, goods[:3], linked)
                steps = in_chat(conversation, order) if linked else in_form(order, specification)
                steps = steps if read else steps[:1]
                env.cr.flush()
                (ours if linked else theirs).append(measure(env, lambda steps=steps: [step() for step in steps] and env.cr.flush()))
        return ours[1:], theirs[1:]


def new_order(conversation, goods, linked):
    """Return a draft of an opportunity of its own, made in the conversation or not."""
    env = conversation.env
    lead = env["crm.lead"].create({"name": "Đo", "type": "opportunity", "partner_id": conversation.partner_id.id, "user_id": env.uid})
    if linked:
        conversation.sudo().lead_id = lead
    return env["sale.order"].create(
        {
            "partner_id": conversation.partner_id.id,
            "opportunity_id": lead.id,
            "sop_payment": "cod",
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 1}) for product in goods],
            "sop_conversation_id": linked and conversation.id,
        }
    )


def in_chat(conversation, order):
    return [lambda: conversation._order_form.action_confirm_order(order.id), conversation.get_order_form]


def in_form(order, specification):
    return [order.action_confirm, lambda: order.web_read(specification)]


def resident(peak=False):
    """Return the memory of this process in MB: now, or at most since ``forget_peak``."""
    name = "VmHWM" if peak else "VmRSS"
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def export(database, count):
    """Seconds and memory (MB, at most, above what the process had before) of exporting ``count`` orders."""
    from odoo.addons.sop_inbox.tools.order_sheet import OrderSheet

    with environment(database) as env:
        conversation, goods = shop(env, 10)
        order = env["sale.order"].create(
            {
                "partner_id": conversation.partner_id.id,
                "sop_conversation_id": conversation.id,
                "sop_payment": "cod",
                "order_line": [(0, 0, {"product_id": product.id}) for product in goods[:2]],
            }
        )
        env.flush_all()
        ids = copy_rows(env, "sale_order", order.id, {"name": "'B' || n", "sop_request_ref": "NULL", "access_token": "NULL"}, count - 1)
        for line in order.order_line:
            copy_rows(env, "sale_order_line", line.id, {"order_id": "(%s::int[])[n]"}, count - 1, [ids])
        env.invalidate_all()
        job = env["sop.order.export"].create(
            {
                "user_id": env.uid,
                "domain": [["sop_conversation_id", "=", conversation.id]],
                "lang": "en_US",
                "company_ids": env.companies.ids,
                "total": count,
            }
        )
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        env.cr.execute("ANALYZE sale_order")
        env.cr.execute("ANALYZE sale_order_line")
        gc.collect()
        forget_peak()
        before, start = resident(), time.perf_counter()
        sheet = OrderSheet(path, job._headers())
        job._fill(sheet, None)
        sheet.close()
        os.unlink(path)
        return time.perf_counter() - start, resident(peak=True) - before, sheet.total


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    few, many = (form(suite, count, ROUNDS[scale]) for count in CATALOGUE[scale])
    rows = []
    for name in few:
        for measured, count in ((few, CATALOGUE[scale][0]), (many, CATALOGUE[scale][1])):
            rows.append(row(f"{name}, queries", count, "queries", [queries for _ms, queries in measured[name]], [TARGET]))
            rows.append(row(f"{name}, time", count, "ms", [spent for spent, _queries in measured[name]], [spent for spent, _queries in few[name]]))
    for name, read in (("confirm an order", False), ("confirm an order, screen read again", True)):
        ours, theirs = confirm(suite, ROUNDS[scale], read)
        rows.append(row(f"{name}, time", 3, "ms", [spent for spent, _q in ours], [spent for spent, _q in theirs], "against Odoo's own form"))
        rows.append(row(f"{name}, queries", 3, "queries", [q for _ms, q in ours], [q for _ms, q in theirs], "against Odoo's own form"))
    seconds, peak, lines = export(suite, EXPORT[scale])
    rows.append(row("export orders, memory", EXPORT[scale], "MB", [peak], [200], f"{lines} rows in {seconds:.0f} s, of the whole process"))
    return rows
