from odoo import fields, models
from odoo.exceptions import AccessError

from odoo.addons.sop_pipeline.tools.signals import send

from ..outbound.sop_channel_message import MARKS


class SopIdentity(models.Model):
    """A person at a vendor: whether he follows the shop, and how he is forgotten."""

    _inherit = "sop.identity"

    is_following = fields.Boolean(readonly=True, copy=False)
    follow_told_at = fields.Datetime(readonly=True, copy=False)

    delivered_until = fields.Datetime(readonly=True, copy=False)
    read_until = fields.Datetime(readonly=True, copy=False)

    def _note_mark(self, state, until):
        """The customer's app has, or he has read, everything until a moment; an older mark does nothing.

        :param state: "delivered" or "read"
        """
        column = MARKS[state]
        if not self[column] or until > self[column]:
            self[column] = until
            for conversation in self.conversation_ids.filtered(lambda conversation: conversation.kind == "message"):
                domain = [("conversation_id", "=", conversation.id), ("state", "in", ("sent", "delivered")), ("at", "<=", until)]
                conversation._mark_rows(self.env["sop.channel.message"].sudo().search(domain))  # sudo: rows are nobody's to write

    def action_erase(self):
        """Delete everything this person said and gave: events, messages, files, queues, search columns. For good.

        Orders stay, which the law asks a shop to keep; their link to the conversation goes. The customer's
        record in the address book is not a vendor's and is erased there. Idempotent, batch; managers only.
        """
        if not self.env.user.has_group("sop_inbox.sop_inbox_group_manager"):
            raise AccessError(self.env._("Only a manager of the inbox may erase a customer."))
        self.check_access("read")
        for identity in self.sudo():  # sudo: rows nobody may write or delete by hand
            identity._erase()
        return True

    def _erase(self):
        """Delete one person; other ids of the same person are erased by themselves."""
        account, conversations, guest = self.account_id, self.conversation_ids, self.guest_id
        rows = self.env["sop.channel.message"].search(["|", ("conversation_id", "in", conversations.ids), *self._own("person_ref")])
        self.env["sop.channel.event"].search(
            [("page_ref", "=", account.external_id), ("app_id", "=", account.app_id.id), ("person_ref", "=", self.external_id)]
        ).unlink()
        # what the page answered stands in events without a person: found by the comment it answers
        self._erase_answers([f'"{ref}"' for ref in rows.filtered("is_comment").mapped("external_ref") if ref])
        self.env["sop.conversion.event"].search([("conversation_id", "in", conversations.ids)]).unlink()
        rows.unlink()
        self._erase_leads(conversations.lead_id)
        self._erase_chats(conversations)
        self.unlink()
        guest.unlink()

    def _erase_answers(self, refs):
        """Delete the page's own events that name one of these comments, in one reading."""
        events = self.env["sop.channel.event"]
        events.flush_model()
        self.env.cr.execute(
            """SELECT id FROM sop_channel_event e WHERE app_id = %s AND page_ref = %s AND COALESCE(person_ref, '') = ''
                  AND EXISTS (SELECT 1 FROM unnest(%s::text[]) ref WHERE position(ref IN e.payload) > 0)""",
            [self.account_id.app_id.id, self.account_id.external_id, refs],
        )
        events.browse([row[0] for row in self.env.cr.fetchall()]).unlink()

    def _erase_leads(self, leads):
        """What the chat told a lead is gone; a lead with an order is kept as the order is, and the others still count in reports."""
        leads = leads.with_context(active_test=False, tracking_disable=True).filtered(lambda lead: not lead.order_ids)
        said = dict.fromkeys(("contact_name", "partner_name", "phone", "email_from", "description", "referred", "street", "street2"), False)
        for lead in leads:
            lead.write({**said, "name": self.env._("Erased customer %(id)s", id=lead.id)})

    def _own(self, name):
        return ["&", ("account_id", "=", self.account_id.id), (name, "=", self.external_id)]

    def _erase_chats(self, conversations):
        """Delete chats with their messages and files, and the notes about them."""
        channels = conversations.channel_id
        messages = self.env["mail.message"].search([("model", "=", "discuss.channel"), ("res_id", "in", channels.ids)])
        files = messages.attachment_ids | self.env["ir.attachment"].search([("res_model", "=", "discuss.channel"), ("res_id", "in", channels.ids)])
        self.env["sop.picture"].search([("attachment_id", "in", files.ids)]).unlink()
        conversations.twin_id.twin_id = False
        conversations.unlink()
        send(messages, sop_no_push=True).unlink()
        files.exists().unlink()
        channels.unlink()
