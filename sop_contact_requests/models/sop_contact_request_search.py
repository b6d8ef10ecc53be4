import re

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import clean_text
from odoo.addons.sop_pipeline.tools.person import fold

#: Texts of a request that are searched
TEXTS = ("buyer_name", "listing_name", "note", "message")
LENGTH = 100


class SopContactRequest(models.Model):
    """Requests are found by what people type: without accents, or a number they were shown, in any form."""

    _inherit = "sop.contact.request"

    search_words = fields.Char("Customer, listing, note or number", compute="_compute_search_words", search="_search_search_words")

    def _compute_search_words(self):
        """It is there to be searched; shown, it is the customer's name."""
        for request in self:
            request.search_words = request.buyer_name

    def _search_search_words(self, operator, value):
        if operator not in ("ilike", "in"):
            return NotImplemented
        asked = [text for text in (value if operator == "in" else [value]) if isinstance(text, str)]
        return Domain.OR(self._get_words_domain(text) for text in asked)

    def _get_words_domain(self, text):
        search = clean_text(text).strip()[:LENGTH]
        written = Domain.OR(Domain(name, "ilike", search) for name in TEXTS)
        return written | self._get_folded_domain(search) | self._get_number_domain(search)

    def _get_folded_domain(self, search):
        """Requests in which a word begins like this, accents and capitals aside: "nguyen" finds "Nguyễn"."""
        folded = fold(search)
        if not folded:
            return Domain.FALSE
        pattern = rf"\m{re.escape(folded)}" if folded[0].isalnum() else re.escape(folded)

        def to_sql(model, alias, _query):
            model.flush_model(TEXTS)
            texts = SQL(" || ' ' || ").join(SQL("COALESCE(%s, '')", SQL.identifier(alias, name)) for name in TEXTS)
            # as tools/person.py folds it
            plain = SQL("regexp_replace(normalize(translate(lower(%s), 'đĐ', 'dd'), NFD), '[\u0300-\u036f]', '', 'g')", texts)
            return SQL("%s ~ %s", plain, pattern)

        return Domain.custom(to_sql=to_sql)

    def _get_number_domain(self, search):
        """Requests whose number the current user, or somebody of their own company as a seller, was shown, by a part of it in any form."""
        digits = "".join(c for c in search if c.isdecimal() and c.isascii())
        if len(digits) < 4:
            return Domain.FALSE
        user, digits = self.env.user, digits.removeprefix("84").removeprefix("0")
        people = Domain("reveal_ids.user_id", "=", user.id)
        if not user._is_internal():
            people = Domain("seller_id", "=", user.commercial_partner_id.id) & Domain(
                "reveal_ids.user_id.partner_id.commercial_partner_id", "=", user.commercial_partner_id.id
            )
        # sudo: no user may search numbers; only those that were shown are found
        return Domain("id", "in", self.sudo()._search(people & Domain("phone", "like", digits)))
