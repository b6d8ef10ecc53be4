from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools.words import split_words, word_finder


class SopTagRule(models.Model):
    """Keywords of customers that tag the conversation automatically."""

    _name = "sop.tag.rule"
    _description = "Tag by Keywords"
    _inherit = ["sop.cached.mixin", "sop.guard.mixin"]
    _order = "sequence, id"

    name = fields.Char("Words", required=True, help="Words or phrases, separated by commas; written without accents they match both spellings.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    tag_id = fields.Many2one("crm.tag", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", default=lambda self: self.env.company)

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"tag_id": "read", "company_id": "read"}

    @api.constrains("name")
    def _check_name(self):
        for rule in self:
            if not split_words(rule.name):
                raise ValidationError(self.env._("Write at least one word."))

    @api.model
    @tools.ormcache("company_id")
    def _rules_of(self, company_id):
        """Return ((words, tag id), ...) of a company, kept until a rule changes."""
        # sudo: a visitor's message asks
        rules = self.sudo().search([("company_id", "in", (company_id, False))])
        return tuple((tuple(split_words(rule.name)), rule.tag_id.id) for rule in rules)

    @api.model
    def _tags_for(self, text, company):
        """Return the ids of the tags ``text`` earns in ``company``."""
        has_word = word_finder(text)
        return [tag_id for words, tag_id in self._rules_of(company.id) if has_word(words)]
