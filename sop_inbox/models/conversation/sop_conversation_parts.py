from odoo import api, fields, models
from odoo.fields import Domain


class SopConversation(models.Model):
    """The screen's sides of a conversation are models of their own; the doors that clients know stay here."""

    _inherit = "sop.conversation"

    has_avatar = fields.Boolean(compute="_compute_has_avatar")

    @api.depends("identity_id")
    def _compute_has_avatar(self):
        domain = [("res_model", "=", "sop.identity"), ("res_field", "=", "image_128"), ("res_id", "in", self.identity_id.ids)]
        # sudo: only whether there is a picture, in one query for a page of the list
        known = {row[0] for row in self.env["ir.attachment"].sudo()._read_group(domain, ["res_id"])}
        for conversation in self:
            conversation.has_avatar = conversation.identity_id.id in known

    def action_open_inbox(self):
        """Return the action that opens this conversation in the inbox."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_inbox.sop_conversation_action")
        return {**action, "context": {"sop_conversation_id": self.id}}

    # === LIST ===

    @api.model
    @api.readonly
    def get_counters(self, domain=None):
        """Return how many conversations each chip would show; see ``sop.inbox.screen.get_counters``."""
        return self.env["sop.inbox.screen"].get_counters(domain)

    def action_bulk(self, operation, value=None, last_message_ids=None):
        """Do one operation on up to 500 conversations; see ``sop.inbox.screen.action_bulk``."""
        return self.env["sop.inbox.screen"].browse(self._ids).action_bulk(operation, value, last_message_ids)

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        """As everywhere; how many rows there are is a kept number, or is found by the same search as the rows."""
        if not limit or not count_limit or count_limit <= offset + limit or self.env.context.get("force_search_count"):
            return super().web_search_read(domain, specification, offset, limit, order, count_limit)
        if self.env["sop.conversation.tally"]._domain(Domain(domain)) is None:
            found = self.search(domain, limit=count_limit, order=order).ids
            page = self.browse(found[offset : offset + limit])
            return {"length": len(found), "records": page.web_read(specification)}
        result = super().web_search_read(domain, specification, offset, limit, order, count_limit=offset + limit)
        if len(result["records"]) == limit:
            length = self.env["sop.inbox.screen"]._count_each({"length": Domain(domain)}, count_limit)["length"]
            result["length"] = min(length, count_limit)
        return result

    # === PANEL ===

    @property
    def _panel(self):
        return self.env["sop.conversation.panel"].browse(self._ids)

    def get_panel(self):
        """Return everything the panel beside the chat shows; see ``sop.conversation.panel.get_panel``."""
        return self._panel.get_panel()

    # === REPLIES ===

    @property
    def _replies(self):
        return self.env["sop.conversation.reply"].browse(self._ids)

    def action_send_canned(self, canned_id, product_id=None):
        """Send a canned answer at one click; see ``sop.conversation.reply.action_send_canned``."""
        return self._replies.action_send_canned(canned_id, product_id)

    def action_send_product(self, product_id):
        """Send a product's card; see ``sop.conversation.reply.action_send_product``."""
        return self._replies.action_send_product(product_id)
