from odoo import api, fields, models


class SopChannelPost(models.Model):
    """The livestream that is sold under a post."""

    _inherit = "sop.channel.post"

    live_session_ids = fields.One2many("sop.live.session", "post_id")
    is_live = fields.Boolean("Livestream Running", readonly=True, copy=False)

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"is_live"}

    def _take_live_comment(self, row, at):
        """A comment was made while a livestream sold below this post: it is read for orders, whenever it is heard.

        :param at: when its text was written: after the end requests no longer change
        """
        super()._take_live_comment(row, at)
        # one comment, one livestream: the minutes before a start may be those before another one's end
        on = self.live_session_ids.filtered(lambda session: session._is_on_at(row.at) and session._is_on_at(at))
        for session in on.sorted("started_at")[:1]:
            session._take_comment(row)
