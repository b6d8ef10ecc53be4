from odoo import api, models

from ...tools import facebook, facebook_api
from ...tools.facts import list_of, ref_of, text_of
from ...tools.signature import check_facebook


class SopProviderFacebook(models.AbstractModel):
    """Messenger and comments of Facebook pages."""

    _name = "sop.provider.facebook"
    _inherit = "sop.provider.remote"
    _description = "Facebook"

    # Meta counts 300 a second (words), 10 (files), and 750 private answers an hour; a part is left to other tools
    _limits = ((("text", "cards", "receipt"), 250, 1), (("file",), 8, 1), (("private",), 700, 3600))
    _tools = facebook
    _api = facebook_api

    def verify(self, app, raw, headers):
        """Meta signs the bytes with the app's secret; no secret, no event."""
        return check_facebook(app.app_secret or "", raw, headers.get("X-Hub-Signature-256"))

    # === WINDOWS ===

    def window(self, conversation):
        """24 hours from the customer's last message, 7 days from an ad's, 7 days for people where Meta has approved it."""
        result = super().window(conversation) | {"tag": ""}
        if conversation.kind == "comment":
            return result
        ends = [self._closes(conversation.last_inbound_at, hours=24), self._closes(conversation.ad_at, days=7)]
        until = max(filter(None, ends), default=None)
        if until:
            return result | {"until": until}
        agent = self._closes(conversation.last_inbound_at, days=7)
        if agent and conversation.account_id.human_agent:
            return result | {"until": agent, "tag": "human_agent"}
        if not conversation.last_inbound_at:
            reason = self.env._("The customer has not answered the private message yet: only his answer opens Messenger.")
        else:
            reason = self.env._("Messenger takes free replies for 24 hours after the customer's last message; they are over.")
        alternative = self.env._("Call the customer, or wait until he writes again.")
        if conversation.last_inbound_at and conversation.sudo()._open_templates():  # sudo: only whether there are any
            alternative = self.env._("Send one of the page's templates about an order, call the customer, or wait until he writes again.")
        elif agent:
            alternative = self.env._("Have Meta approve the page for Human Agent (7 days), call the customer, or wait until he writes.")
        return result | {"open": False, "reason": reason, "alternative": alternative}

    # === OUT ===

    @api.private
    def template(self, payload):
        """Return (part, data) for structured content Meta has a form for, or None: then the words go."""
        if payload.get("type") == "receipt" and facebook_api.receipt_payload(payload):
            return "receipt", payload
        if payload.get("type") == "product" and payload.get("cards"):
            return "cards", payload
        return None

    # === ACCOUNT ===

    def check(self, account, transport):
        """Whose token is it, and are the page's events sent to us."""
        calls = facebook_api.check_calls(self._url(account.app_id), account.external_id, account.access_token)
        page = transport(calls["page"])
        if page.status != 200:
            return [self._answer_problem(facebook_api.take(page, repeatable=True), page)]
        problems = []
        if ref_of(page.body, "id") != account.external_id:
            problems.append(self.env._("The token is of another page: %(name)s.", name=text_of(page.body, "name")))
        answer = transport(calls["fields"])
        apps = [app for app in list_of(answer.body, "data") if ref_of(app, "id") == account.app_id.app_ref]
        have = {name for app in apps for name in app.get("subscribed_fields") or []}
        missing = [name for name in facebook_api.SUBSCRIBED.split(",") if name not in have]
        if missing:
            problems.append(self.env._('Meta does not send us: %(fields)s. Press "Subscribe".', fields=", ".join(missing)))
        if not account.last_event_at:
            problems.append(self.env._("No event has come yet. Is the webhook's address entered at Meta, and the app live?"))
        return problems

    @api.private
    def subscribe(self, account, transport):
        """Tell Meta to send the page's events to our app; UserError with the reason when it refuses."""
        call = facebook_api.subscribe_call(self._url(account.app_id), account.external_id, account.access_token)
        answer = transport(call)
        outcome = facebook_api.take(answer, repeatable=True)
        if outcome.state != "sent":
            self._raise_refusal(outcome)

    @api.private
    def post(self, account, ref):
        """Return the call that asks for a post's words and picture, and the function that reads its answer."""
        return facebook_api.post_call(self._url(account.app_id), ref, account.access_token), facebook_api.read_post
