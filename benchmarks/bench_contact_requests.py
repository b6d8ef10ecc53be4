"""The seller's list and the buyer's form at a hundred and at a hundred thousand requests.

The baseline is the same page, or the same form, with a hundred requests in the same database.
"""

from odoo_bench import environment, measure, row

MANY = {"small": 100_000, "medium": 100_000, "large": 1_000_000}
FEW = 100
ROUNDS = 15


def fill(env, seller, listing, count):
    """Requests by plain SQL, as the form leaves them; every tenth is highlighted."""
    env.cr.execute(
        "INSERT INTO sop_contact_request (seller_id, company_id, listing_id, listing_name, buyer_name, phone, phone_hint, message, note,"
        " state, requested_at, last_requested_at, touched_at, first_touched_at, response_hours, request_count, active)"
        " SELECT %(seller)s, %(company)s, %(listing)s, 'Máy ảnh cũ', 'Khách ' || n, '+849' || lpad(n::text, 8, '0'), '••• 123',"
        " 'Còn hàng không?', 'Còn hàng không?', (ARRAY['not_contacted','contact_again','contacted'])[1 + n %% 3],"
        " now() - n * interval '1 minute', now() - n * interval '1 minute',"
        " CASE WHEN n %% 10 > 0 THEN now() END, CASE WHEN n %% 10 > 0 THEN now() END, CASE WHEN n %% 10 > 0 THEN n / 60.0 END, 1, TRUE FROM generate_series(1, %(count)s) n",
        {"seller": seller.id, "company": env.company.id, "listing": listing.id, "count": count},
    )
    env.cr.execute("ANALYZE sop_contact_request")
    env.invalidate_all()


def prepare(env):
    """A seller with a portal user, the right to use the list, and a listing."""
    seller = env["res.partner"].create({"name": "Shop", "is_company": True})
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create({"name": "Seller", "login": "bench_seller", "group_ids": [(6, 0, env.ref("base.group_portal").ids)]})
    )
    user.partner_id.parent_id = seller
    env["sop.seller.entitlement"].create({"seller_id": seller.id, "start": "2020-01-01", "end": "2040-01-01"})
    listing = env["product.template"].create({"name": "Máy ảnh cũ", "sop_seller_id": seller.id, "is_published": True})
    return seller, user, listing


def once(database, count):
    """Open the pages and store a form over ``count`` requests.

    :return: dict of step -> list of (milliseconds, queries)
    """
    with environment(database) as env:
        seller, user, listing = prepare(env)
        fill(env, seller, listing, count)
        website = env["website"].search([], limit=1)
        request, staff = env["sop.contact.request"].with_user(user), env["sop.contact.request"].with_user(env.ref("base.user_admin"))
        names = dict.fromkeys(
            (
                "buyer_name",
                "requested_at",
                "phone_hint",
                "listing_name",
                "state",
                "note",
                "reminder_at",
                "is_new",
                "is_overdue",
                "is_locked",
                "has_lead",
            ),
            {},
        )
        numbers = iter(range(10**6))

        def store():
            number = next(numbers)
            env["sop.contact.request"]._store_form(
                {"listing": listing, "external": None, "nonce": f"bench{number}", "name": "Mua", "phone": f"+84888{number:06}", "message": "Hỏi"},
                website,
            )

        page = request._get_page({})
        steps = {
            "seller's first page": lambda: request._get_page({})["requests"].read(["buyer_name", "phone_hint", "note", "state"]),
            "seller's whole page, with counters and figures": lambda: request._get_page_values({}),
            "seller's second page": lambda: request._get_page({}, page["next"]),
            "seller's counters": request.get_counters,
            "staff list of 80": lambda: staff.web_search_read([], names, limit=80, count_limit=10001),
            "store a form": store,
        }
        result = {}
        for name, step in steps.items():
            step()
            result[name] = [measure(env, step) for _round in range(ROUNDS)]
        return result


def run(scale, plain, suite):
    """See benchmarks/run.py."""
    count = MANY[scale]
    few, many = once(suite, FEW), once(suite, count)
    rows = []
    for name, measured in many.items():
        queries = measured[-1][1], few[name][-1][1]
        rows.append(
            row(
                name,
                count,
                "ms",
                [spent for spent, _q in measured],
                [spent for spent, _q in few[name]],
                f"{queries[0]} queries, {queries[1]} with {FEW} requests",
            )
        )
    return rows
