from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class SopChannelEvent(models.Model):
    """What a platform said about a person.

    Events without a person: what the page answered is found by the comment it answers, what was not understood by number
    or e-mail.
    """

    _name = "sop.channel.event"
    _inherit = ["sop.channel.event", "sop.personal.data.mixin"]

    _sop_personal_sequence = 10

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("payload", "person_ref", "key", "error"), False)

    @api.model
    def _sop_personal_find(self, person):
        identities = self.env["sop.identity"].browse(person.ids("sop.identity")).exists()
        own = Domain.OR(
            Domain(account._events_domain()) & Domain("person_ref", "in", people.mapped("external_id"))
            for account, people in identities.grouped("account_id").items()
            if account.app_id
        )
        found = self.browse() if own.is_false() else self.search(own)
        strays = person.said_in(self, SQL("COALESCE(person_ref, '') = ''"), "payload", "error")
        return found | self._sop_answers(person) | strays

    @api.model
    def _sop_answers(self, person):
        """Return the page's own events that name a comment of theirs, in one reading."""
        rows = self.env["sop.channel.message"].browse(person.ids("sop.channel.message")).exists().filtered("is_comment")
        refs = [f'"{ref}"' for ref in rows.mapped("external_ref") if ref]
        if not refs:
            return self.browse()
        found = self.env.execute_query(
            SQL(
                """SELECT id FROM sop_channel_event e WHERE app_id IN %s AND page_ref IN %s AND COALESCE(person_ref, '') = ''
                  AND EXISTS (SELECT 1 FROM unnest(%s::text[]) ref WHERE position(ref IN e.payload) > 0)""",
                tuple(rows.account_id.app_id.ids) or (0,),
                (*rows.account_id.mapped("external_id"), ""),
                refs,
            )
        )
        return self.browse(row[0] for row in found)

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # the messages made of them are exported
