import base64
import logging
import time
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.image import image_process

from odoo.addons.sop_pipeline.tools.vacuum import vacuum

from ...tools.at_once import run_all
from ...tools.text import clean
from ...tools.transport import MEDIA_SECONDS, MediaError, fetch_media, file_name, perform

_logger = logging.getLogger(__name__)

AT_ONCE = 6
LEASE_SECONDS = 300
# a stopped account's token is dead, and a page of the demo that is not connected asks nothing
FETCHED = SQL("(p.is_demo IS NOT TRUE OR p.api_url <> '') AND (q.kind = 'file' OR a.is_paused IS NOT TRUE)")
ACCOUNT = SQL("JOIN sop_channel_account a ON a.id = q.account_id LEFT JOIN sop_channel_app p ON p.id = a.app_id")


class SopChannelMedia(models.Model):
    """Something to fetch from a platform: a message's file, a person's name and picture, a post's words and picture.

    Fetched apart from events, for media servers are slow; the row is leased before and closed in the
    transaction that keeps what came, so a crash fetches again and keeps once.
    """

    _name = "sop.channel.media"
    _inherit = ["sop.queue.mixin", "sop.hidden.mixin"]
    _description = "File to Fetch"
    _order = "id"
    _rec_name = "kind"
    _queue_job = "sop_inbox.sop_channel_media_cron_fetch"
    _queue_reason = "reason"

    account_id = fields.Many2one("sop.channel.account", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    kind = fields.Selection([("file", "File"), ("profile", "Person"), ("post", "Post")], required=True, readonly=True)
    row_id = fields.Many2one("sop.channel.message", "Message", ondelete="cascade", index="btree_not_null", readonly=True)
    identity_id = fields.Many2one("sop.identity", ondelete="cascade", index="btree_not_null", readonly=True)
    post_id = fields.Many2one("sop.channel.post", ondelete="cascade", index="btree_not_null", readonly=True)
    url = fields.Char(readonly=True, groups="base.group_system")
    name = fields.Char(readonly=True)
    media_kind = fields.Char(readonly=True)
    state = fields.Selection([("queued", "Waiting"), ("done", "Here"), ("failed", "Missing")], required=True, default="queued", readonly=True)
    reason = fields.Char(readonly=True)

    _todo_idx = models.Index("(next_attempt_at, id) WHERE state = 'queued'")
    _failed_idx = models.Index("(account_id) WHERE state = 'failed'")

    # === QUEUEING ===

    @api.model
    def _queue_files(self, row, media):
        """Queue the files of a message; shares are links and stay so."""
        files = [item for item in media if item.kind != "share" and item.url]
        self._queue(
            [{"account_id": row.account_id.id, "kind": "file", "row_id": row.id, "url": f.url, "name": f.name, "media_kind": f.kind} for f in files]
        )

    @api.model
    def _queue_profile(self, identity):
        """Queue a person's name and picture, where the platform has them."""
        if identity.account_id._get_provider().profile(identity.account_id, identity.external_id) is None:
            return
        self._queue([{"account_id": identity.account_id.id, "kind": "profile", "identity_id": identity.id}])

    @api.model
    def _ask_name_again(self, identity):
        """The platform did not say who this is: it is asked again, once a day at most, while they write."""
        if identity.is_nameless:
            asked = [("identity_id", "=", identity.id), ("kind", "=", "profile"), "|", ("state", "=", "queued"), ("write_date", ">", "-1d")]
            if not self.sudo().search_count(asked, limit=1):  # sudo: the worker is the system
                self._queue_profile(identity)

    @api.model
    def _queue_post(self, post):
        """Queue a post's words and picture, where the platform has them."""
        if post.account_id._get_provider().post(post.account_id, post.external_id) is None:
            return
        self._queue([{"account_id": post.account_id.id, "kind": "post", "post_id": post.id}])

    @api.model
    def _queue(self, vals_list):
        if vals_list:
            self.sudo().create(vals_list)  # sudo: the worker is the system
            self._queue_wake()

    def action_retry(self):
        """Fetch missing files again. Idempotent, batch."""
        self.env["sop.channel.account"].check_access("write")
        self.check_access("read")
        self.sudo()._queue_replay()  # sudo: users cannot write these rows
        return True

    # === WORKER ===

    @api.model
    def _cron_fetch(self):
        """Fetch what waits, several at once; commits before and after. Several copies may run.

        Whatever servers do, it is over half a minute after its time for a run is up.
        """
        self._queue_run(self._fetch_some)

    def _fetch_some(self):
        """Fetch some files; returns how many."""
        media = self._in_own_transaction(self._lease)
        if not media:
            return 0
        results = run_all({item: partial(self._run, *item._job()) for item in media}, MEDIA_SECONDS)
        self._in_own_transaction(lambda: self._keep(results))
        return len(media)

    def _lease(self):
        """Take some rows for this worker."""
        return self._queue_due(AT_ONCE, ACCOUNT, FETCHED)._queue_lease(LEASE_SECONDS)

    def _job(self):
        """Return what a thread needs: (call or None, judge of its answer, reader, address of the file, address that is trusted)."""
        trusted = self.account_id.app_id._trusted()
        if self.kind == "file":
            return None, None, None, self.url, trusted
        service = self.account_id._get_provider()
        about = (service.profile, self.identity_id) if self.kind == "profile" else (service.post, self.post_id)
        call, reader = about[0](self.account_id, about[1].external_id)
        return call, service.judge, reader, "", trusted

    @staticmethod
    def _run(call, judge, reader, url, trusted, deadline=None):
        """Fetch in a thread: (values read, bytes, media type) or the MediaError that stopped it. No database."""
        values = ()
        deadline = deadline or time.monotonic() + MEDIA_SECONDS
        try:
            if call:
                answer = perform(call, trusted, deadline)
                outcome = judge(answer)  # a platform may say 200 when it refuses; a dead token is renewed
                if outcome.state != "sent":
                    raise MediaError("refused" if outcome.state == "failed" else "unreachable", outcome.state == "failed")
                values = reader(answer.body)
                url = values[1]
            return values, *(fetch_media(url, trusted, seconds=deadline - time.monotonic()) if url else (b"", ""))
        except MediaError as error:
            return (values, b"", "") if values else error

    def _keep(self, results):
        """Keep what came; what did not is tried again later, or given up and shown as missing."""
        for item, result in results.items():
            if not item.exists() or item.state != "queued":
                continue
            # what is shown is in the company's language: a worker has none of its own
            item = item.with_context(lang=item.company_id.partner_id.lang)
            if isinstance(result, Exception):
                item._note_failure(result)
            else:
                getattr(item, f"_keep_{item.kind}")(*result)
                item.write({"state": "done", "reason": False, "url": False})

    def _note_failure(self, error):
        if not isinstance(error, MediaError):
            if not isinstance(error, TimeoutError):
                _logger.error("file %s could not be fetched", self.id, exc_info=error)
            error = MediaError("slow" if isinstance(error, TimeoutError) else "unreachable")
        self.write({**self._queue_failed(self.attempts, error.final), "reason": self._reason_text(error.reason)})

    def _keep_file(self, _values, content, media_type):
        """The file takes the place of the words that stood for it."""
        row = self.row_id
        message = row.mail_message_id
        if not message or row.is_removed:
            return
        name = file_name(self.name, self.media_kind, media_type)
        mimetype = "text/plain" if name.endswith(".txt") else media_type
        attachment = self.env["ir.attachment"].create(
            {"name": name, "raw": content, "mimetype": mimetype, "res_model": "discuss.channel", "res_id": row.conversation_id.channel_id.id}
        )
        channel = row.conversation_id.channel_id
        channel._message_update_content(message, body=None, attachment_ids=(message.attachment_ids | attachment).ids, strict=False)
        if not row.text:
            message.body = ""
            row.conversation_id._on_message_edited(message)

    def _keep_profile(self, values, content, _media_type):
        identity, name = self.identity_id, clean(values[0] or "")
        if content:
            identity.image_128 = _picture(content)
            identity.guest_id.image_1920 = identity.image_128
        if name:
            identity._rename(name)

    def _keep_post(self, values, content, _media_type):
        message, _picture_url, url = values
        self.post_id._fill(message, url)
        if content:
            self.post_id.image_512 = _picture(content)

    @api.model
    def _reason_text(self, reason):
        return {
            "large": self.env._("The file is too large."),
            "slow": self.env._("The platform's server was too slow."),
            "address": self.env._("The file's address is not one of the open internet."),
            "gone": self.env._("The file is not there any more."),
            "refused": self.env._("The platform refused to say."),
            "redirects": self.env._("The file's address leads nowhere."),
        }.get(reason, self.env._("The platform could not be reached; it is tried again."))

    @api.autovacuum
    def _gc_done(self):
        return vacuum(self, [("state", "=", "done"), ("write_date", "<", "-7d")])


def _picture(content):
    """Return a picture as a field wants it; False when the bytes are none."""
    try:
        return base64.b64encode(image_process(content, size=(512, 512)))
    except (UserError, ValueError, OSError):
        return False
