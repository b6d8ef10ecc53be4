from odoo import api, models
from odoo.fields import Domain


class DiscussChannelMember(models.Model):
    """Membership of chats the inbox works on ends by the inbox, not by age."""

    _inherit = "discuss.channel.member"

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("sop_gc"):
            domain = Domain(domain) & self.env["discuss.channel"]._sop_finished_domain("channel_id.sop_conversation_id")
        return super()._search(domain, *args, **kwargs)

    @api.autovacuum
    def _gc_unpin_livechat_sessions(self):
        return super(DiscussChannelMember, self.with_context(sop_gc=True))._gc_unpin_livechat_sessions()
