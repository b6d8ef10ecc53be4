"""Orders made in a conversation: queries of the form at a small and a large catalogue, confirmation, export.

The baseline of a confirmation is the same order, lines and customer confirmed in Odoo's own form,
in the same database and in turns; that of the form's queries is the target of 40.
"""

import os
import tempfile
import time

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
        [*parameters, count, source])
    return [new for (new,) in env.cr.fetchall()]


def shop(env, products):
    """Return a conversation with a customer, and goods on a shelf among ``products`` others."""
    account = env["sop.channel.account"].create({"name": "Bench", "provider": "livechat", "external_id": "bench-orders"})
    identity = env["sop.identity"]._get_or_create(account, "bench-orders", name="Khách đo")
    conversation = env["sop.conversation"]._get_or_create(account, "message", identity)
    conversation.partner_id = env["res.partner"].create({"name": "Khách đo", "phone": "0901234567"})
    goods = env["product.product"].create(
        [{"name": f"Hàng đo {number}", "type": "consu", "is_storable": True, "list_price": 1000 + number, "taxes_id": False} for number in range(6)])
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


def confirm(database, rounds):
    """Milliseconds of confirming in the chat and in Odoo's own form, in turns."""
    with environment(database) as env:
        conversation, goods = shop(env, 10)
        lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 1}) for product in goods[:3]]
        ours, theirs = [], []
        for _round in range(rounds + 1):
            for link, times in ((conversation.id, ours), (False, theirs)):
                order = env["sale.order"].create(
                    {"partner_id": conversation.partner_id.id, "order_line": lines, "sop_conversation_id": link, "sop_payment": "cod"})
                if link:
                    times.append(measure(env, lambda order=order: conversation.action_confirm_order(order.id)))
                else:
                    times.append(measure(env, lambda order=order: order.action_confirm()))
        return ours[1:], theirs[1:]


def export(database, count):
    """Seconds and peak memory (MB) of exporting ``count`` orders."""
    import tracemalloc

    from odoo.addons.sop_inbox.tools.order_sheet import OrderSheet

    with environment(database) as env:
        conversation, goods = shop(env, 10)
        order = env["sale.order"].create(
            {"partner_id": conversation.partner_id.id, "sop_conversation_id": conversation.id, "sop_payment": "cod",
             "order_line": [(0, 0, {"product_id": product.id}) for product in goods[:2]]})
        env.flush_all()
        ids = copy_rows(env, "sale_order", order.id, {"name": "'B' || n", "sop_request_ref": "NULL", "access_token": "NULL"}, count - 1)
        for line in order.order_line:
            copy_rows(env, "sale_order_line", line.id, {"order_id": "(%s::int[])[n]"}, count - 1, [ids])
        env.invalidate_all()
        job = env["sop.order.export"].create({"user_id": env.uid, "domain": [["sop_conversation_id", "=", conversation.id]],
                                              "lang": "en_US", "company_ids": env.companies.ids, "total": count})
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        start = time.perf_counter()
        tracemalloc.start()
        sheet = OrderSheet(path, job._headers())
        job._fill(sheet, None)
        sheet.close()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        os.unlink(path)
        return time.perf_counter() - start, peak, sheet.total


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    few, many = (form(suite, count, ROUNDS[scale]) for count in CATALOGUE[scale])
    rows = []
    for name in few:
        for measured, count in ((few, CATALOGUE[scale][0]), (many, CATALOGUE[scale][1])):
            rows.append(row(f"{name}, queries", count, "queries", [queries for _ms, queries in measured[name]], [TARGET]))
            rows.append(row(f"{name}, time", count, "ms", [spent for spent, _queries in measured[name]], [spent for spent, _queries in few[name]]))
    ours, theirs = confirm(suite, ROUNDS[scale])
    rows.append(row("confirm an order", 3, "ms", [spent for spent, _q in ours], [spent for spent, _q in theirs],
                    f"{ours[0][1]} queries against {theirs[0][1]} in Odoo's own form"))
    seconds, peak, lines = export(suite, EXPORT[scale])
    rows.append(row("export orders, memory", EXPORT[scale], "MB", [peak], [200], f"{lines} rows in {seconds:.0f} s, traced"))
    return rows
