"""The inbox at 10 thousand, 100 thousand and 1 million conversations, beside the same queries by hand.

- any chip or pair of chips, first page as an agent: ``web_search_read`` (what the screen calls) against
  SQL written by hand for the same rows, rights included
- a page 100 pages down, by its predecessor's last row, against the first page
- the numbers of all chips in one statement against one count each without limit
- a message into a conversation against the same message into plain live chat, time and queries
"""

import itertools
import statistics
import time

from odoo_bench import environment, measure, row, vacuum

SIZES = {"small": (10_000,), "medium": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
ROUNDS = {"small": 15, "medium": 15, "large": 15}
PAGE = 40
SPECIFICATION = {
    name: {}
    for name in (
        "name",
        "kind",
        "provider",
        "state",
        "unread_count",
        "is_unanswered",
        "has_phone",
        "order_count",
        "preview",
        "preview_side",
        "last_message_at",
        "last_inbound_ref",
        "reply_due_at",
        "snoozed_until",
        "thread_title",
    )
} | {
    "account_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "tag_ids": {"fields": {"display_name": {}, "color": {}}},
}
#: chip -> (domain, SQL by hand)
CHIPS = {
    "all": ([], "TRUE"),
    "messages": ([("kind", "=", "message")], "c.kind = 'message'"),
    "comments": ([("kind", "=", "comment")], "c.kind = 'comment'"),
    "unread": ([("unread_count", ">", 0)], "c.unread_count > 0"),
    "unanswered": ([("is_unanswered", "=", True)], "c.is_unanswered IS TRUE"),
    "tag": ("tag", "EXISTS (SELECT 1 FROM sop_conversation_tag_rel r WHERE r.conversation_id = c.id AND r.tag_id = %(tag)s)"),
    "phone": ([("has_phone", "=", True)], "c.has_phone IS TRUE"),
    "date": ([("last_message_at", ">=", "today -6d")], "c.last_message_at >= (now() AT TIME ZONE 'UTC')::date - 6"),
    "order": ([("order_count", ">", 0)], "c.order_count > 0"),
    "assignee": ("user", "c.user_id = %(user)s"),
}
HAND = """
    SELECT c.id, c.name, c.kind, c.provider, c.state, c.unread_count, c.is_unanswered, c.has_phone, c.order_count, c.preview, c.preview_side,
           c.last_message_at, c.reply_due_at, c.snoozed_until, c.thread_title, a.name, p.name,
           ARRAY(SELECT t.name->>'en_US' FROM sop_conversation_tag_rel r JOIN crm_tag t ON t.id = r.tag_id WHERE r.conversation_id = c.id)
      FROM sop_conversation c
      JOIN sop_channel_account a ON a.id = c.account_id
      LEFT JOIN res_users u ON u.id = c.user_id
      LEFT JOIN res_partner p ON p.id = u.partner_id
     WHERE c.state = 'open' AND c.company_id IN (%(company)s)
       AND (c.user_id = %(me)s OR c.team_id IS NULL OR c.team_id IN (
            SELECT t.id FROM crm_team t WHERE t.user_id = %(me)s OR EXISTS (
                SELECT 1 FROM crm_team_member m WHERE m.crm_team_id = t.id AND m.user_id = %(me)s AND m.active)))
       AND {where}
     ORDER BY c.last_message_at DESC, c.id DESC LIMIT 40
"""
BUILD = """
    CREATE TEMP TABLE fresh AS SELECT i, nextval('discuss_channel_id_seq') AS channel, nextval('sop_identity_id_seq') AS identity,
           nextval('sop_conversation_id_seq') AS conversation, random() AS dice, random() AS other, random() AS third
      FROM generate_series(%(start)s, %(count)s) AS i;
    INSERT INTO discuss_channel (id, name, channel_type, active, uuid, create_date)
         SELECT channel, 'Khách ' || i, 'sop_inbox', TRUE, 'bench' || channel, now() FROM fresh;
    INSERT INTO sop_identity (id, name, account_id, company_id, external_id)
         SELECT identity, 'Khách ' || i, (%(accounts)s::int[])[1 + i %% %(account_count)s], %(company)s, 'bench' || identity FROM fresh;
    INSERT INTO sop_conversation (id, name, account_id, provider, kind, identity_id, thread_ref, channel_id, company_id, team_id, user_id, state,
           last_message_at, last_inbound_at, reply_due_at, unread_count, is_unanswered, has_phone, order_count, preview, preview_side,
           last_inbound_ref, last_message_ref, read_message_ref)
         SELECT conversation, 'Khách ' || i, (%(accounts)s::int[])[1 + i %% %(account_count)s], 'livechat',
                CASE WHEN dice < .6 THEN 'message' WHEN dice < .9 THEN 'comment' ELSE 'livechat' END,
                identity, '', channel, %(company)s, CASE WHEN other < .5 THEN %(team)s ELSE %(other_team)s END,
                CASE WHEN third < .85 THEN (%(users)s::int[])[1 + (i * 7) %% %(user_count)s] END,
                CASE WHEN other < .25 OR i %% 50 = 0 THEN 'open' WHEN dice < .97 THEN 'done' ELSE 'spam' END,
                now() AT TIME ZONE 'UTC' - i * interval '40 seconds', now() AT TIME ZONE 'UTC' - i * interval '40 seconds',
                CASE WHEN third < .09 AND (other < .25 OR i %% 50 = 0) THEN now() AT TIME ZONE 'UTC' - i * interval '40 seconds' + interval '1 hour' END,
                CASE WHEN third < .06 THEN 1 + i %% 4 ELSE 0 END, third < .09, dice < .3, CASE WHEN other > .9 THEN 1 ELSE 0 END,
                'Shop ơi còn hàng không ạ', 'in', 0, 0, 0
           FROM fresh;
    INSERT INTO sop_conversation_tag_rel (conversation_id, tag_id)
         SELECT DISTINCT conversation, (%(tags)s::int[])[1 + floor(random() * random() * %(tag_count)s)::int]
           FROM fresh, generate_series(1, 2) WHERE dice < .75;
    UPDATE discuss_channel d SET sop_conversation_id = f.conversation FROM fresh f WHERE f.channel = d.id;
"""
MESSAGES = """
    INSERT INTO mail_message (model, res_id, body, message_type, date, create_date, sop_side)
         SELECT 'discuss.channel', channel, '<p>Shop ơi còn hàng không ạ</p>', 'comment', now(), now(), 'in'
           FROM fresh, generate_series(1, 3);
"""


def grow(database, count, messages=True):
    """Bring the database to ``count`` conversations of one agent among fifty, two teams and twenty pages, as a shop has
    them: committed, vacuumed and analysed.

    :param messages: with three messages each, up to 100 thousand conversations
    """
    with environment(database, commit=True) as env:
        shop = Shop(env) if env["res.users"].search_count([("login", "=", "bench_0")]) else Shop(env, make=True)
        users = env["res.users"].search([("login", "=like", "bench_%")], order="id")
        env.flush_all()
        env.cr.execute(
            BUILD,
            {
                "start": env["sop.conversation"].search_count([]) + 1,
                "count": count,
                "accounts": shop.accounts.ids,
                "account_count": 20,
                "company": shop.company.id,
                "team": shop.teams[0].id,
                "other_team": shop.teams[1].id,
                "users": users.ids,
                "user_count": len(users),
                "tags": shop.tags.ids,
                "tag_count": 20,
            },
        )
        if messages and count <= 100_000:
            env.cr.execute(MESSAGES)
    vacuum(database, "sop_conversation", "sop_conversation_tag_rel", "sop_conversation_tally", "sop_identity", "discuss_channel", "mail_message")


class Shop:
    """What the benchmarks ask of a database that ``grow`` filled."""

    def __init__(self, env, make=False):
        self.env = env
        self.company = env.ref("base.main_company")
        if make:
            self.make()
        self.user = env["res.users"].search([("login", "=", "bench_0")])
        self.teams = env["crm.team"].search([("name", "like", "Bench")], order="id")
        self.accounts = env["sop.channel.account"].search([("external_id", "like", "bench-")], order="id")
        self.tags = env["crm.tag"].search([("name", "like", "Bench")], order="id")
        self.conversations = env["sop.conversation"].with_user(self.user).with_context(bin_size=True)

    def make(self):
        env = self.env
        group = env.ref("sop_inbox.sop_inbox_group_user")
        users = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create([{"name": f"Bench {i}", "login": f"bench_{i}", "group_ids": [(6, 0, group.ids)]} for i in range(50)])
        )
        teams = env["crm.team"].create([{"name": f"Bench {i}", "sequence": 99} for i in range(2)])
        env["crm.team.member"].create({"crm_team_id": teams[0].id, "user_id": users[0].id})
        env["sop.channel.account"].create([{"name": f"Page {i}", "provider": "livechat", "external_id": f"bench-{i}"} for i in range(20)])
        env["crm.tag"].create([{"name": f"Bench {i}"} for i in range(20)])

    def domain(self, *chips):
        """Domain of the screen: the open ones, with chips."""
        values = {"tag": [("tag_ids", "in", [self.tags[3].id])], "user": [("user_id", "=", self.user.id)]}
        parts = [CHIPS[chip][0] for chip in chips]
        return [("state", "=", "open"), *itertools.chain.from_iterable(values.get(part, part) if isinstance(part, str) else part for part in parts)]

    def page(self, domain):
        return self.conversations.web_search_read(domain, SPECIFICATION, limit=PAGE, count_limit=81)

    def hand(self, *chips):
        where = " AND ".join(CHIPS[chip][1] for chip in chips)
        parameters = {"company": self.company.id, "me": self.user.id, "tag": self.tags[3].id, "user": self.user.id}
        self.env.cr.execute(HAND.format(where=where), parameters)
        return self.env.cr.fetchall()


def timed(env, rounds, *runs):
    """Milliseconds of each of ``rounds`` runs on a cold ORM cache, after one to warm up; several in turns, so that all feel the same machine."""
    times = [[] for _run in runs]
    for turn in range(rounds + 1):
        for run, spent in zip(runs, times, strict=True):
            env.invalidate_all()
            start = time.perf_counter()
            run()
            if turn:
                spent.append((time.perf_counter() - start) * 1000)
    return times


def p95(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def chips(shop, count, rounds):
    """The slowest chip and pair, measured against twice the SQL by hand plus 15 ms."""
    singles = [(chip,) for chip in CHIPS]
    pairs = list(itertools.combinations([chip for chip in CHIPS if chip != "all"], 2))
    for label, choices in (("a chip", singles), ("a pair of chips", pairs)):
        results = []
        for choice in choices:
            domain = shop.domain(*choice)
            ours, hand = timed(shop.env, rounds, lambda: shop.page(domain), lambda: shop.hand(*choice))  # noqa: B023
            results.append((p95(ours) - 2 * p95(hand), choice, ours, hand))
        worst = max(results, key=lambda result: result[0])
        over = [choice for excess, choice, _ours, _hand in results if excess > 15]
        everything = [value for _e, _c, ours, _h in results for value in ours]
        by_hand = [value for _e, _c, _o, hand in results for value in hand]
        yield row(f"inbox: {label}, first page", count, "ms", everything, by_hand, f"all {len(choices)}; over 2x by hand + 15 ms: {len(over)}")
        yield row(f"inbox: {label}, the worst", count, "ms", worst[2], worst[3], " + ".join(worst[1]))


def deep(shop, count, rounds):
    domain = shop.domain("all")
    offset = min(PAGE * 100, count // 20)
    last = shop.conversations.search(domain, offset=offset, limit=1)
    older = ["&", ("last_message_at", "<=", last.last_message_at), "|", ("last_message_at", "<", last.last_message_at), ("id", "<", last.id)]
    first, below = timed(shop.env, rounds, lambda: shop.page(domain), lambda: shop.page(domain + older))
    yield row("inbox: page far down", count, "ms", below, first, f"{offset} rows down; baseline: first page; at most 2")


def counters(shop, count, rounds):
    domains = [[("state", "=", "open"), *chip] for chip in shop.conversations.env["sop.inbox.screen"]._chip_domains().values()]
    ours, each = timed(shop.env, rounds, shop.conversations.get_counters, lambda: [shop.conversations.search_count(domain) for domain in domains])
    yield row("inbox: numbers of all chips", count, "ms", ours, each, "one statement, kept as numbers; baseline: a count of each")


def chat(env, suite):
    """A live chat session with a first message, as a visitor opens it; returns the environment to write in."""
    operator = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create({"name": "Bench operator", "login": f"bench_operator_{suite}", "group_ids": [(4, env.ref("im_livechat.im_livechat_group_user").id)]})
    )
    livechat = env["im_livechat.channel"].create({"name": "Bench", "user_ids": [(6, 0, operator.ids)]})
    guest = env["mail.guest"].create({"name": "Visitor"})
    public = env["discuss.channel"].with_user(env.ref("base.public_user")).sudo().with_context(guest=guest)
    return public.create(
        {
            "name": "Bench",
            "channel_type": "livechat",
            "livechat_channel_id": livechat.id,
            "livechat_operator_id": operator.partner_id.id,
            "channel_member_ids": [
                (0, 0, {"guest_id": guest.id, "livechat_member_type": "visitor"}),
                (0, 0, {"partner_id": operator.partner_id.id, "livechat_member_type": "agent"}),
            ],
        }
    )


def messages(database, suite, rounds):
    """(milliseconds, queries) of each message of a visitor, its notification included."""
    results = []
    with environment(database) as env:
        channel = chat(env, suite)
        for number in range(rounds + 3):
            results.append(measure(env, lambda: write(channel, number)))  # noqa: B023
    return results[3:]


def write(channel, number):
    words = f"Shop ơi còn hàng không ạ, size {number}"
    channel.message_post(body=words, message_type="comment", subtype_xmlid="mail.mt_comment")
    channel.env.cr.precommit.run()


def message_cost(plain, suite, rounds):
    ours, base = [], []
    for _turn in range(3):  # in turns, so that both feel the same machine
        base += messages(plain, False, rounds)
        ours += messages(suite, True, rounds)
    queries = [statistics.median(count for _ms, count in side) for side in (ours, base)]
    note = "baseline: plain live chat; at most 1.3"
    yield row("inbox: message into a conversation", len(ours), "ms", [ms for ms, _q in ours], [ms for ms, _q in base], note)
    yield row("inbox: message into a conversation", len(ours), "queries", [queries[0]], [queries[1]], "at most 1.3")


def run(scale, plain, suite):
    """The table of the inbox; see the module's text."""
    rows = list(message_cost(plain, suite, {"small": 30, "medium": 60, "large": 60}[scale]))
    for count in SIZES[scale]:
        rounds = ROUNDS[scale]
        grow(suite, count)
        with environment(suite) as env:
            shop = Shop(env)
            rows += [*chips(shop, count, rounds), *deep(shop, count, rounds), *counters(shop, count, rounds)]
    return rows
