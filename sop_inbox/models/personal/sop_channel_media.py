from odoo import api, models
from odoo.fields import Domain


class SopChannelMedia(models.Model):
    """A file or picture of a person that is to be fetched; it goes with its message or person."""

    _name = "sop.channel.media"
    _inherit = ["sop.channel.media", "sop.personal.data.mixin"]

    _sop_personal_sequence = 12

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("url", "name", "reason"), False)

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("identity_id", "in", person.ids("sop.identity"))
        return domain | Domain("row_id", "in", person.ids("sop.channel.message"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []
