from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.facts import load
from ...tools.outcome import Outcome, converse
from ...tools.parcel import File, Parcel
from ...tools.transport import perform

PLAIN = "\ufe0f"  # says that a sign is drawn as an emoji; vendors and browsers send it or not


class SopProviderRemote(models.AbstractModel):
    """What vendors reached over HTTP have in common. A vendor adds its parser, its talks and its windows."""

    _name = "sop.provider.remote"
    _inherit = "sop.provider"
    _description = "Vendor reached over HTTP"

    _text_limit = 2000  # characters of one message
    _file_limit = 25 * 1024 * 1024  # bytes of one file
    _limits = ()  # of one page: (parts, how many, within how many seconds)
    _asks_info = False  # the vendor has a form that asks the customer for his phone
    _reactions = None  # dict emoji -> the vendor's word for it; None: the vendor takes any emoji
    _tools = None  # module with split, read
    _api = None  # module with URL, talk, profile_call, read_profile

    # === IN ===

    @api.private
    def split(self, raw):
        """Return the items of a verified body (bytes); one that is no JSON is an item too. Never raises."""
        body = load(raw)
        return self._tools.split({"raw": raw[:2000].decode("utf-8", "replace")} if body is None else body)

    @api.private
    def understand(self, item):
        """Return the fact of one item; pure."""
        return self._tools.read(item)

    @api.private
    def parse(self, body):
        """Return the facts of a whole decoded body; pure, never raises on odd input."""
        return self._tools.parse(body)

    @api.private
    def profile(self, account, person):
        """Return the call that asks for a person's name and picture, and the function that reads its answer."""
        return self._api.profile_call(self._url(account.app_id), person, account.access_token), self._api.read_profile

    # === OUT ===

    @api.private
    def send(self, message):
        """Hand one outgoing row to the vendor; network, never in a user's transaction (see ``sop.provider.send``)."""
        refusal = self.refuse(message)
        outcome = Outcome("failed", reason=refusal) if refusal else converse(self.talk(message), self._transport(message.account_id))
        return outcome._asdict()

    @api.private
    def talk(self, message):
        """Return the dialogue (see ``tools.outcome.converse``) that sends one row; reads everything it needs now."""
        return self._api.talk(self._parcel(message))

    @api.private
    def refuse(self, message):
        """Return the reason (a key of ``sop.channel.account._reason_text``) why the vendor would refuse a row, or ""."""
        if message.part in ("file", "reply") and not (message.attachment_id or message.text):
            return "file"
        if message.attachment_id and message.attachment_id.file_size > self._file_limit:
            return "large"
        if message.part in ("reply", "op", "private", "reaction") and not message.target_ref:
            return "target"
        if message.part in ("text", "file", "cards", "receipt", "info", "reaction") and not message.tag:
            window = self.window(message.conversation_id)
            return "" if window["open"] and not window.get("tag") else "window"
        return ""

    @api.private
    def reaction(self, emoji):
        """Return the vendor's word for an emoji the shop reacts with, "" for taking it back; UserError when it has none."""
        if not emoji or self._reactions is None:
            return emoji
        words = {known.rstrip(PLAIN): word for known, word in self._reactions.items()}
        if emoji.rstrip(PLAIN) not in words:
            shown = {word: known for known, word in reversed(self._reactions.items())}
            raise UserError(self.env._("The customer can be shown these reactions only: %(reactions)s", reactions=" ".join(reversed(shown.values()))))
        return words[emoji.rstrip(PLAIN)]

    def _parcel(self, message):
        account = message.account_id
        return Parcel(
            part=message.part,
            url=self._url(account.app_id),
            token=account.access_token or "",
            page=account.external_id,
            person=message.person_ref or "",
            target=message.target_ref or "",
            text=message.text or "",
            data=message.payload or {},
            file=self._file(account, message.attachment_id),
            nonce=message.nonce or "",
            tag=message.tag or "",
            quote="" if message.is_comment else message.parent_ref or "",
        )

    def _file(self, account, attachment):
        if not attachment:
            return None
        ref = self.env["sop.channel.upload"]._ref_of(account, attachment)
        return File(attachment.name, b"" if ref else attachment.raw, attachment.mimetype or "application/octet-stream", ref)

    def _transport(self, account):
        """Return function(Call) -> Answer for calls made for an account."""
        return partial(perform, trusted=account.app_id._trusted())

    def _url(self, app):
        """Address of the vendor's API: the real one unless a system administrator points to a double."""
        return (app.api_url or self._api.URL).rstrip("/")

    # === WINDOWS ===

    def _closes(self, since, **delta):
        """Return when a window that opened at ``since`` closes, or None when that is past."""
        until = since and since + timedelta(**delta)
        return until if until and until > fields.Datetime.now() else None

    # === ACCOUNT ===

    @api.private
    def renew(self, account):
        """Renew a refused access token; returns whether it was. Most vendors' tokens only people can renew."""
        return False

    @api.private
    def check(self, account, transport):
        """Ask the vendor whether the account is set up; returns problems as sentences, none when all is well."""
        return []

    def _answer_problem(self, outcome, answer):
        """Sentence for a check that the vendor did not answer well."""
        if answer.status == 0:
            return self.env._("The vendor cannot be reached from this server.")
        return self.env["sop.channel.account"]._reason_text(outcome.reason, outcome.code, outcome.detail)

    @api.model
    def _raise_refusal(self, outcome):
        raise UserError(self.env["sop.channel.account"]._reason_text(outcome.reason, outcome.code, outcome.detail))
