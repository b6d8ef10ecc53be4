from odoo import api, fields, models
from odoo.tools import SQL


class SopAdTouch(models.Model):
    """One time an ad or a link brought a customer to a conversation."""

    _name = "sop.ad.touch"
    _description = "Ad Touch"
    _order = "at desc, id desc"
    _rec_name = "title"

    conversation_id = fields.Many2one("sop.conversation", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="conversation_id.company_id", store=True, index=True, precompute=True)
    at = fields.Datetime("Time", required=True, readonly=True)
    ad_ref = fields.Char("Ad", readonly=True, required=True, default="")
    title = fields.Char(readonly=True)
    ref = fields.Char("Link", readonly=True, required=True, default="")
    source = fields.Char(readonly=True)

    _once = models.UniqueIndex("(conversation_id, at, ad_ref, ref)", "This touch is known already.")

    @api.model
    def _record(self, conversation, referral, at):
        """Keep one touch. Idempotent, safe when done twice at once.

        :param referral: dict of ``ad_id, ad_title, ref, source`` as far as the platform sent them
        """
        conversation.flush_recordset()
        self.env.execute_query(
            SQL(
                """INSERT INTO sop_ad_touch (conversation_id, company_id, at, ad_ref, title, ref, source, create_date, write_date)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, now() at time zone 'UTC', now() at time zone 'UTC')
                   ON CONFLICT DO NOTHING RETURNING id""",
                conversation.id,
                conversation.company_id.id,
                at,
                referral.get("ad_id") or "",
                referral.get("ad_title") or None,
                referral.get("ref") or "",
                referral.get("source") or None,
            )
        )
        conversation.invalidate_recordset(["ad_touch_ids"])
