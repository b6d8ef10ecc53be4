from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.signals import received, send


class DiscussChannelMember(models.Model):
    """Membership of chats the inbox works on ends by the inbox, not by age."""

    _inherit = "discuss.channel.member"

    @api.model_create_multi
    def create(self, vals_list):
        """Who is in a chat with a customer follows from whose conversation it is; see core for the contract.

        :raise AccessError: somebody is invited by hand
        """
        members = super().create(vals_list)
        if not self.env.su and any(channel.channel_type == "sop_inbox" for channel in members.sudo().channel_id):  # sudo: only its kind
            raise AccessError(self.env._("Users cannot be invited to a chat with a customer: assign the conversation to them instead."))
        return members

    @api.model
    def _search(self, domain, *args, **kwargs):
        if received(self.env, "sop_gc"):
            domain = Domain(domain) & self.env["discuss.channel"]._sop_finished_domain("channel_id.sop_conversation_id")
        return super()._search(domain, *args, **kwargs)

    @api.autovacuum
    def _gc_unpin_livechat_sessions(self):
        return super(DiscussChannelMember, send(self, sop_gc=True))._gc_unpin_livechat_sessions()
