from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.vacuum import vacuum

KEEP_DAYS = 6  # platforms forget uploads, the quickest after a week


class SopChannelUpload(models.Model):
    """A file a page has uploaded to its platform: sent again by its id there."""

    _name = "sop.channel.upload"
    _description = "Uploaded File"

    account_id = fields.Many2one("sop.channel.account", required=True, ondelete="cascade", index=True)
    checksum = fields.Char(required=True)
    ref = fields.Char(required=True)

    _once = models.UniqueIndex("(account_id, checksum)")

    @api.model
    def _ref_of(self, account, attachment):
        """Return the platform's id of this file on the account, "" when it has to be uploaded."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        domain = [("account_id", "=", account.id), ("checksum", "=", attachment.checksum), ("write_date", ">", since)]
        return self.search(domain, limit=1).ref or ""

    @api.model
    def _remember(self, account, attachment, ref):
        """Keep the platform's id of a file; the last one counts. Idempotent, safe when done twice at once."""
        self.env.cr.execute(
            """INSERT INTO sop_channel_upload (account_id, checksum, ref, create_date, write_date)
               VALUES (%s, %s, %s, now() at time zone 'UTC', now() at time zone 'UTC')
               ON CONFLICT (account_id, checksum) DO UPDATE SET ref = EXCLUDED.ref, write_date = EXCLUDED.write_date""",
            [account.id, attachment.checksum, ref],
        )

    @api.autovacuum
    def _gc_old(self):
        return vacuum(self, [("write_date", "<", f"-{KEEP_DAYS}d")])
