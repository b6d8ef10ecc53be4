from datetime import date, datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...tools.words import fold, national_digits, number_asked
from ...tools.words_sql import folded_sql, like_words

FEW = 2000  # conversations or messages with the words: so many are looked up by index and named one by one
MESSAGES = 500  # of the newest with words that more have; a search for a word that common is for the newest
WINDOW, COMMON = 2_000, 20  # words that so many of the newest messages have are common: their index would name a good part of the table


@api.depends("name", "partner_id.name", "partner_id.phone", "phone", "phones", "tag_ids.name", "order_ids.name")
def compute_search_text(conversations):
    """What a conversation is found by beside its messages: who, numbers, tags, orders."""
    for conversation in conversations:
        partner = conversation.partner_id
        numbers = {national_digits(number) for number in [*(conversation.phones or conversation.phone or "").split(), partner.phone or ""]}
        names = [conversation.name, partner.name, *conversation.tag_ids.mapped("name"), *conversation.order_ids.mapped("name")]
        conversation.search_text = fold(" ".join(filter(None, dict.fromkeys([*names, *sorted(numbers)]))))


class SopConversation(models.Model):
    """Finding a conversation: by who it is with, by a number in any form, by anything that was said, with or without accents."""

    _inherit = "sop.conversation"

    search_text = fields.Text(compute=compute_search_text, store=True, index="trigram", compute_sudo=True, groups="sop_inbox.sop_inbox_group_user")
    words = fields.Char("Everything", store=False, search=lambda self, *asked: self.env["sop.conversation.search"]._search_words(*asked))
    talked = fields.Char("Messages on", store=False, search=lambda self, *asked: self.env["sop.conversation.search"]._search_talked(*asked))

    def _auto_init(self):
        """One statement for the conversations there are."""
        cr = self.env.cr
        if column_exists(cr, "sop_conversation", "name") and not column_exists(cr, "sop_conversation", "search_text"):
            create_column(cr, "sop_conversation", "search_text", "text")
            who = SQL("concat_ws(' ', c.name, p.name, regexp_replace(c.phone, '^[+]84', '0'), regexp_replace(p.phone_sanitized, '^[+]84', '0'))")
            cr.execute(
                SQL(
                    """UPDATE sop_conversation s SET search_text = %s
                         FROM sop_conversation c LEFT JOIN res_partner p ON p.id = c.partner_id WHERE c.id = s.id""",
                    folded_sql(who),
                )
            )
        return super()._auto_init()


class SopConversationSearch(models.AbstractModel):
    """How words, numbers and days are met: domains of conversations."""

    _name = "sop.conversation.search"
    _description = "Search of Conversations"

    @api.model
    def _search_talked(self, operator, value):
        """Conversations with a message on these days, not only their last one: "today", "yesterday", "week" or "2026-11-01/2026-11-03"."""
        return Domain.OR([self._talked_domain(text) for text in value]) if operator == "in" else NotImplemented

    @api.model
    def _search_words(self, operator, value):
        """Customer, number, tag, order, or what was said; see ``tools.words`` for how words and numbers are met."""
        if operator not in ("ilike", "in"):
            return NotImplemented
        asked = [text for text in (value if operator == "in" else [value]) if isinstance(text, str) and text.strip()]
        return Domain.OR([self._words_domain(text) for text in asked]) if asked else Domain.TRUE

    @api.model
    def _talked_domain(self, text):
        zone = pytz.timezone(self.env.company._sop_zone(self.env.user))
        first, last = self._days(text, datetime.now(zone).date())
        since, until = (
            zone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None) for day in (first, last + timedelta(days=1))
        )
        self.env["mail.message"].flush_model(["date", "sop_side"])
        said = SQL(
            "(SELECT res_id FROM mail_message WHERE model = 'discuss.channel' AND sop_side IS NOT NULL AND date >= %s AND date < %s)", since, until
        )
        return Domain("channel_id", "in", said)

    @api.model
    def _days(self, text, today):
        """Return the first and the last day a filter names."""
        named = {"today": (0, 0), "yesterday": (1, 1), "week": (6, 0)}
        if text in named:
            return tuple(today - timedelta(days=days) for days in named[text])
        try:
            first, last = sorted(map(date.fromisoformat, str(text).split("/")))
            return max(first, date(1970, 1, 1)), min(last, today + timedelta(days=1))
        except ValueError:
            raise UserError(self.env._("“%(text)s” names no days: choose the first and the last one.", text=text))

    @api.model
    def _words_domain(self, text):
        """Return the domain of conversations that have these words, or in which they were said; what one may see of them is the search's own.

        Rare words are looked up by their own indexes and named by id. Common ones are met within the first rows of the list:
        there its order is the quick way.
        """
        asked = [f"%{like_words(words)}%" for words in dict.fromkeys(self._folded(text)) if words]
        if not asked:
            return Domain.TRUE
        said, named = self._said(asked[0]), self._named(asked)
        if named is None:
            return Domain.OR([Domain("search_text", "ilike", pattern[1:-1]) for pattern in asked] + [Domain("id", "in", said)])
        return Domain("id", "in", sorted({*named, *said}))

    @api.model
    def _folded(self, text):
        """Return what is looked for as words and, where it is (a part of) one, as a number."""
        return fold(" ".join(text.split())), number_asked(text)

    @api.model
    def _named(self, patterns):
        """Return the ids of conversations whose search text has one of these patterns; None when many have."""
        self.env["sop.conversation"].flush_model(["search_text"])
        column = self.env.registry.unaccent(SQL("search_text"))  # as the index has it
        met = SQL(" OR ").join(SQL("%s ILIKE %s", column, pattern) for pattern in patterns)
        rows = self.env.execute_query(SQL("SELECT id FROM sop_conversation WHERE %s LIMIT %s", met, FEW + 1))
        return None if len(rows) > FEW else [row[0] for row in rows]

    @api.model
    def _said(self, pattern):
        """Return the ids of conversations in which this was said: all but notes and notices; of many the newest."""
        self.env["mail.message"].flush_model(["sop_folded", "sop_side"])
        column = self.env.registry.unaccent(SQL("sop_folded"))  # as the index has it
        met = SQL("model = 'discuss.channel' AND sop_side IS NOT NULL AND %s ILIKE %s", column, pattern)
        newest = SQL("SELECT id, model, res_id, sop_side, sop_folded FROM mail_message ORDER BY id DESC LIMIT %s", WINDOW)
        chats = self.env.execute_query(SQL("SELECT res_id FROM (%s) AS newest WHERE %s LIMIT %s", newest, met, COMMON))
        is_common = len(chats) == COMMON
        if not is_common:
            chats = self.env.execute_query(SQL("SELECT res_id FROM mail_message WHERE %s LIMIT %s", met, FEW + 1))
        if is_common or len(chats) > FEW:
            chats = self.env.execute_query(SQL("SELECT res_id FROM mail_message WHERE %s ORDER BY id DESC LIMIT %s", met, MESSAGES))
        if not chats:
            return []
        ids = tuple({row[0] for row in chats})
        return [row[0] for row in self.env.execute_query(SQL("SELECT id FROM sop_conversation WHERE channel_id IN %s", ids))]
