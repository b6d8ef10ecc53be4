"""The search of the inbox at 10 thousand, 100 thousand and 1 million conversations with ten messages each, beside SQL by hand.

What a person types into the search bar, as an agent among fifty, within the open conversations: the first page as the screen asks for it
(``web_search_read``), against SQL written by hand for the same rows, rights included. At most 100 ms at the 95th percentile.
"""

from contextlib import closing

import psycopg2
from bench_inbox import HAND, PAGE, SPECIFICATION, Shop, grow, timed
from odoo_bench import environment, row, vacuum

SIZES = {"small": (10_000,), "medium": (10_000, 100_000), "large": (10_000, 100_000, 1_000_000)}
ROUNDS = 20
FAMILY = ("nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly")
MIDDLE = ("thi", "van", "huu", "duc", "minh", "ngoc", "thanh", "quoc", "kim", "hong", "xuan", "bao")
GIVEN = (
    "an",
    "anh",
    "binh",
    "chau",
    "dao",
    "dung",
    "giang",
    "ha",
    "hanh",
    "hoa",
    "hung",
    "lan",
    "linh",
    "mai",
    "nam",
    "nga",
    "phuc",
    "quan",
    "thu",
    "yen",
)
LINES = (
    "shop oi con hang khong a", "gia bao nhieu vay shop", "da con a, minh lay size nao a", "ship ve da nang bao nhieu tien", "cho minh xin bang size",
    "da em gui minh nhe", "minh dat mot cai, dia chi hai lam le loi", "don cua minh den dau roi", "hang bi loi duong may doi giup minh", "cam on shop",
    "co mau kem khong shop", "mau xanh reu con size lon khong", "de minh hoi lai chi gai", "mai minh chuyen khoan nhe",
)  # fmt: skip
#: what is typed -> about how many have it
ASKED = {
    "a name many have": "Nguyễn",
    "a name few have": "Hoàng Ngọc Phúc",
    "words said everywhere": "còn hàng không",
    "words said once in ten thousand": "mã giảm giá TETA7",
    "a number": "0912 004 321",
    "a word nobody has said": "xe đạp thống nhất",
}
NAMES = """
    UPDATE sop_conversation c SET search_text = (%(family)s::text[])[1 + c.id %% 16] || ' ' || (%(middle)s::text[])[1 + (c.id / 16) %% 12] || ' '
           || (%(given)s::text[])[1 + (c.id / 7) %% 20] || ' 0912' || lpad((c.id %% 1000000)::text, 6, '0')
     WHERE search_text IS NULL
"""
MESSAGES = """
    INSERT INTO mail_message (model, res_id, body, message_type, date, create_date, sop_side, sop_folded)
         SELECT 'discuss.channel', c.channel_id, '', 'comment', c.last_message_at, c.last_message_at, CASE WHEN g %% 2 = 0 THEN 'in' ELSE 'out' END,
                CASE WHEN (c.id::bigint * 10 + g) %% 10000 = 7 THEN 'cho minh dung ma giam gia teta7 nhe'
                     ELSE (%(lines)s::text[])[1 + (c.id::bigint * 7919 + g * 104729) %% 14] || ' ' || c.id END
           FROM sop_conversation c, generate_series(1, 10) g
          WHERE NOT EXISTS (SELECT 1 FROM mail_message m WHERE m.model = 'discuss.channel' AND m.res_id = c.channel_id AND m.sop_folded IS NOT NULL)
"""
FOUND = """c.id IN (
        SELECT id FROM sop_conversation WHERE search_text ILIKE %(words)s
         UNION
        SELECT s.id FROM mail_message m JOIN sop_conversation s ON s.channel_id = m.res_id
         WHERE m.model = 'discuss.channel' AND m.sop_side IS NOT NULL AND m.sop_folded ILIKE %(words)s)"""


def fill(database):
    """Names, numbers and ten messages for every conversation; the indexes of words are made once, at the end."""
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%' AND tablename IN ('mail_message', 'sop_conversation')"
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(NAMES, {"family": list(FAMILY), "middle": list(MIDDLE), "given": list(GIVEN)})
        cursor.execute(MESSAGES, {"lines": list(LINES)})
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        connection.commit()
    vacuum(database, "sop_conversation", "mail_message")


def by_hand(shop, text):
    """The page of these words in one statement."""
    words = shop.env["sop.conversation.search"]
    folded, number = words._folded(text)
    parameters = {"company": shop.company.id, "me": shop.user.id, "words": f"%{number or folded}%"}
    shop.env.cr.execute(HAND.format(where=FOUND), parameters)
    return shop.env.cr.fetchall()


def searches(shop, count):
    for label, text in ASKED.items():
        domain = [("state", "=", "open"), ("words", "ilike", text)]
        ours, hand = timed(
            shop.env,
            ROUNDS,
            lambda: shop.conversations.web_search_read(domain, SPECIFICATION, limit=PAGE, count_limit=81),  # noqa: B023
            lambda: by_hand(shop, text),  # noqa: B023
        )
        yield row(f"search: {label}", count, "ms", ours, hand, f"“{text}”; at most 100 ms")


def run(scale, suite):
    """The table of the search; see the module's text."""
    rows = []
    for count in SIZES[scale]:
        grow(suite, count, messages=False)
        fill(suite)
        with environment(suite) as env:
            rows += searches(Shop(env), count)
    return rows
