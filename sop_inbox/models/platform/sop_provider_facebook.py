import hmac

from odoo import models
from odoo.exceptions import UserError

from ...tools import facebook, facebook_api
from ...tools import facebook_conversions as conversions
from ...tools.facts import list_of, ref_of, text_of
from ...tools.outcome import Outcome


class SopProviderFacebook(models.AbstractModel):
    """Messenger and comments of Facebook pages."""

    _name = "sop.provider.facebook"
    _inherit = "sop.provider"
    _description = "Facebook"

    _uses = frozenset({"app_ref", "app_secret", "verify_token", "access_token", "comments", "templates", "subscription", "conversions"})
    _parts = facebook_api.PARTS
    _text_limit = facebook_api.TEXT_LIMIT
    _reactions = None
    _marks_echo = True
    _ad_network = "Meta"
    _icons = {"message": "fa-facebook-square", "comment": "fa-comments", "color": "#0866ff"}
    # Meta counts 300 a second (words), 10 (files), and 750 private answers an hour; a part is left to other tools
    _limits = ((("text", "cards", "receipt"), 250, 1), (("file",), 8, 1), (("private",), 700, 3600))
    _tools = facebook
    _api = facebook_api

    def verify(self, app, raw, headers):
        """Meta signs the bytes with the app's secret; no secret, no event."""
        return facebook.check(app.app_secret or "", raw, headers.get("X-Hub-Signature-256"))

    def handshake(self, app, params):
        """Meta asks with our word and takes its challenge back."""
        if params.get("hub.mode") != "subscribe":
            return ""
        known, given = app.verify_token or "", params.get("hub.verify_token") or ""
        if not known or not hmac.compare_digest(known.encode(), given.encode()):
            return None
        return params.get("hub.challenge") or ""

    # === WINDOWS ===

    def window(self, conversation):
        """24 hours from the customer's last message, 7 days from an ad's, 7 days for people where Meta has approved it."""
        result = super().window(conversation)
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
            reason = self.env._("The customer has not answered the private message yet: only their answer opens Messenger.")
        else:
            reason = self.env._("Messenger takes free replies for 24 hours after the customer's last message; they are over.")
        alternative = self.env._("Call the customer, or wait until they write again.")
        if conversation.last_inbound_at and self.env["sop.channel.template"].sudo()._open_for(conversation):  # sudo: only whether
            alternative = self.env._("Send one of the page's templates about an order, call the customer, or wait until they write again.")
        elif agent:
            alternative = self.env._("Have Meta approve the page for Human Agent (7 days), call the customer, or wait until they write.")
        return result | {"open": False, "reason": reason, "alternative": alternative}

    # === OUTGOING ===

    def tag(self, conversation, auto, payload):
        """A bot never goes as a human agent."""
        tag = super().tag(conversation, auto, payload)
        return "" if auto and tag == "human_agent" else tag

    def template(self, payload):
        """Receipts and product cards have forms of Meta's; short choices are buttons below the words."""
        if payload.get("type") == "receipt" and facebook_api.receipt_payload(payload):
            return "receipt", payload
        if payload.get("type") == "product" and payload.get("cards"):
            return "cards", payload
        if payload.get("type") == "question" and facebook_api.quick_replies(payload):
            return "text", payload
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

    def subscribe(self, account, transport):
        """Ask Meta to send the page's events to our app."""
        call = facebook_api.subscribe_call(self._url(account.app_id), account.external_id, account.access_token)
        answer = transport(call)
        outcome = facebook_api.take(answer, repeatable=True)
        if outcome.state != "sent":
            self._raise_refusal(outcome)

    def templates(self, account, transport):
        """The page's utility templates."""
        answer = transport(facebook_api.templates_call(self._url(account.app_id), account.external_id, account.access_token))
        if answer.status != 200:
            raise UserError(self._answer_problem(facebook_api.take(answer, repeatable=True), answer))
        return facebook_api.read_templates(answer.body)

    # === ASKING ===

    def judge(self, answer):
        """Meta's codes say more than the status."""
        return facebook_api.take(answer, repeatable=True)

    def profile(self, account, person):
        """Name and picture of who writes to the page."""
        return facebook_api.profile_call(self._url(account.app_id), person, account.access_token), facebook_api.read_profile

    def post(self, account, ref):
        """Words and picture of a page's post."""
        return facebook_api.post_call(self._url(account.app_id), ref, account.access_token), facebook_api.read_post

    # === CONVERSIONS ===

    def conversions(self, account, events, transport):
        """Events go into the page's dataset, which Meta makes at the first."""
        url = self._url(account.app_id)
        if not account.dataset_ref:
            answer = transport(conversions.dataset_call(url, account.external_id, account.access_token))
            account.dataset_ref = conversions.read_dataset(answer)
        if not account.dataset_ref:
            return [Outcome("retry", reason="unreachable")] * len(events)
        built = [conversions.build(page=account.external_id, **event) for event in events]
        return conversions.talk_good(url, account.dataset_ref, account.access_token, built, account.test_event_code or "")
