from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import made_once

from ...tools.text import clean, snippet


class SopChannelPost(models.Model):
    """A page's post: what its comments are about, whether they are hidden."""

    _name = "sop.channel.post"
    _description = "Post"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"
    _rec_name = "title"

    account_id = fields.Many2one("sop.channel.account", "Page", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    external_id = fields.Char("ID on the Platform", required=True, readonly=True)
    title = fields.Char(compute="_compute_title", store=True)
    message = fields.Text("Content", readonly=True)
    url = fields.Char("Address", readonly=True)
    image_512 = fields.Image("Picture", max_width=512, max_height=512, readonly=True)
    auto_hide = fields.Selection(
        [("none", "None"), ("phone", "With a phone number"), ("all", "All")],
        "Hide Comments",
        help="Empty: as the page does.",
    )
    conversation_ids = fields.One2many("sop.conversation", "post_id")

    _external_unique = models.UniqueIndex("(account_id, external_id)", "This post is known already.")

    @api.model
    def _sop_kept(self):
        """What the platform reported of a post."""
        return super()._sop_kept() | {"account_id", "company_id", "external_id", "title", "message", "url", "image_512"}

    @api.depends("message", "external_id")
    def _compute_title(self):
        for post in self:
            post.title = snippet(post.message or "", 100) or post.external_id

    @api.model
    def _get_or_create(self, account, ref):
        """Return the post; its words and picture are asked for at first sight. Race safe by unique index."""
        posts = self.sudo()  # sudo: the worker is the system
        post = posts.search([("account_id", "=", account.id), ("external_id", "=", ref)], limit=1)
        if post:
            return post
        with made_once(self.env):
            post = posts.create({"account_id": account.id, "external_id": ref})
        self.env["sop.channel.media"]._queue_post(post)
        return post

    def _fill(self, message, url):
        """Words and address of the post have come; its threads show them."""
        self.write({"message": clean(message), "url": url})
        # sudo: the worker is the system
        self.sudo().conversation_ids.write({"thread_title": self.title, "thread_url": url or False})

    def _take_live_comment(self, row, at):
        """Hook: a comment was made or edited below this post.

        :param row: the comment's ``sop.channel.message``
        :param at: when its text was written (naive UTC)
        """
