from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.image import image_process

from ...tools.facts import load
from ...tools.outcome import take
from ...tools.outgoing import File

PREFIX = "sop.provider."
PICTURE_SIDES = (2560, 1920, 1280, 960, 640)  # of a picture scaled down to a platform's limit, tried in turn
PLAIN = "\ufe0f"  # says that a sign is drawn as an emoji; platforms and browsers send it or not


class SopProvider(models.AbstractModel):
    """The contract of a platform: all that is ever asked of one.

    A platform is one model ``sop.provider.<name>`` that inherits this one; ``<name>`` is then a choice of ``sop.channel.app.provider`` and a part
    of its webhook's address, ``_description`` is what people call it. It overrides what it does differently; what it leaves alone is a channel of
    plain words without a window. Nothing outside a platform's own files names it or knows its JSON. ``docs/add_a_channel.md`` adds one, step by step.

    Where a hook runs decides what it may do:

    - in the platform's request (``verify``, ``handshake``, ``split``): no network, no writing, seconds at most; an exception is the platform's 500;
    - in the worker that applies events (``understand``): pure; an exception has the event tried again, later *Failed*;
    - in the worker that sends (``refuse``, ``talk``, ``profile``, ``post``, ``conversions``): reads what it needs and returns calls; these are
      made while no transaction is open, so a dialogue and the functions that read answers touch no record;
    - while a person waits (``window``, ``tag``, ``template``, ``reaction``): no network; UserError is shown;
    - when an administrator presses a button (``check``, ``subscribe``, ``templates``) or a token is refused (``renew``): network allowed.

    None is callable by a client.
    """

    _name = "sop.provider"
    _description = "Platform of conversations"

    #: Whether messages leave Odoo. Only the site's own live chat stays.
    _is_remote = True
    #: Fields of app and account an administrator fills in (app_ref, app_secret, oa_secret, verify_token, access_token, refresh_token), and
    #: abilities: "comments", "templates" (``templates``), "subscription" (``subscribe``), "renewal" (``renew``), "conversions" (``conversions``).
    #: Forms show these only (``sop.channel.app.uses``).
    _uses = frozenset({"app_ref", "app_secret", "access_token"})
    #: Whether its events say which account they are of (``Item.page``); if not, an app has one account only, and its events are that one's
    _names_account = True
    #: What ``talk`` can send: parts of ``tools.outgoing.OutgoingMessage``
    _parts = frozenset({"text"})
    #: Characters of one message (longer ones go in pieces), bytes of one file
    _text_limit = 2000
    _file_limit = 25 * 1024 * 1024
    #: Kinds of files it takes, by the end of their names; None: all. Bytes of a picture: larger ones are scaled down by us; None: see ``_file_limit``
    _file_types = None
    _picture_limit = None
    #: What the platform takes of one account: tuple of (parts, how many, within how many seconds); more waits here
    _limits = ()
    #: Hours after the customer's last message in which a reply is taken; None: always (see ``window``)
    _window_hours = None
    #: Days after a comment in which its one private answer is taken
    _private_days = 7
    #: Dict emoji -> the platform's word for it; None: any emoji; empty: the customer is shown none
    _reactions = {}
    #: Whether an echo of a message of ours always carries its ``client_ref``; else it is known by its words and its time
    _marks_echo = False
    #: Hours before its end that an access token is renewed by a job; 0: only people renew it
    _renew_ahead = 0
    #: Who gets reports of carts and orders, as a customer's consent names them (with "conversions")
    _ad_network = ""
    #: Signs of its conversations on the screen: an icon of Font Awesome for each kind, a colour
    _icons = {"message": "fa-comment", "comment": "fa-comments", "color": "#6b7280"}
    #: Module with ``split(body) -> [Item]`` and ``read(item) -> Fact`` (``tools.facts``): pure, take any JSON, never raise
    _tools = None
    #: Module with ``URL``, the platform's address, and ``talk(outgoing)`` (see ``talk``)
    _api = None

    # === WHICH ===

    @api.model
    def _installed(self):
        """Return the platforms there are: dict name -> service, those reached over the network first."""
        services = {name.removeprefix(PREFIX): self.env[name] for name in self.env.registry if name.startswith(PREFIX)}
        return dict(sorted(services.items(), key=lambda pair: not pair[1]._is_remote))

    @api.model
    def _find(self, name):
        """Return the service of a platform, None when its addon is not installed (any more)."""
        return self.env.get(f"{PREFIX}{name}")

    @api.model
    def _get(self, name):
        """Return the service of a platform; UserError when its addon is not installed (any more)."""
        service = self._find(name)
        if service is None:
            raise UserError(self.env._("There is no connector for %(provider)s yet.", provider=name))
        return service

    @api.model
    def _uses_of(self, name):
        """Return what a platform uses as words for ``invisible`` in views, "" for one that is not installed."""
        service = self._find(name)
        return "" if service is None else " ".join(sorted(service._uses))

    @api.private
    def label(self):
        """Return the platform's name as people know it."""
        return self._description

    # === INCOMING ===

    @api.private
    def verify(self, app, raw, headers):
        """Return whether the platform of ``app`` has signed ``raw``, the bytes of a request's body (``tools.signature.check``).

        :param app: ``sop.channel.app`` with the secrets, as superuser
        :param headers: case-insensitive mapping of the request's headers
        :return: bool, in constant time; False by default: without proof a request is refused
        """
        return False

    @api.private
    def handshake(self, app, params):
        """Answer the question (GET) whether the webhook's address is ours.

        :param params: dict of the query, from anybody
        :return: text of the answer (200), "" for a plain look, None when the platform does not know our word (403)
        """
        return ""

    @api.private
    def split(self, raw):
        """Return the ``Item`` rows of a verified body (bytes), one for each happening; one that is no JSON is an item too. Never raises."""
        body = load(raw)
        return self._tools.split({"raw": raw[:2000].decode("utf-8", "replace")} if body is None else body)

    @api.private
    def understand(self, item):
        """Return the ``Fact`` of one item, kind "unknown" for what is of no use here; pure."""
        return self._tools.read(item)

    # === OUTGOING ===

    @api.private
    def window(self, conversation):
        """Return whether the platform accepts a free reply now.

        :return: dict ``open`` (bool), ``until`` (naive UTC datetime or None), ``tag`` (why it is open although the plain window is not: goes out
            with the message; ""), ``note`` (a word for the composer, may be missing), and when closed ``reason`` and ``alternative``: sentences
        """
        result = {"open": True, "until": None, "tag": "", "reason": "", "alternative": ""}
        if not self._window_hours or conversation.kind != "message":
            return result
        until = self._closes(conversation.last_inbound_at, hours=self._window_hours)
        if until:
            return result | {"until": until}
        values = {"platform": self.label(), "hours": self._window_hours}
        reason = self.env._("%(platform)s takes replies for %(hours)s hours after the customer's last message; they are over.", **values)
        return result | {"open": False, "reason": reason, "alternative": self.env._("Call the customer, or wait until they write again.")}

    def _closes(self, since, **delta):
        """Return when a window that opened at ``since`` closes, or None when that is past or never was."""
        until = since and since + timedelta(**delta)
        return until if until and until > fields.Datetime.now() else None

    @api.private
    def tag(self, conversation, auto, payload):
        """Return why a message may go although the plain window is closed, "" when it needs no reason or has none.

        :param auto: whether a bot or the system writes it
        :param payload: its structured content (``mail.message.sop_payload``: an order's receipt), or None
        """
        window = self.window(conversation)
        return window["tag"] if window["open"] else ""

    @api.private
    def template(self, payload):
        """Return (part, data) for structured content the platform has a form of its own for, or None: then its words go.

        :param payload: dict with ``type``: receipt, product (with ``cards``) or info
        """
        return None

    @api.private
    def reaction(self, emoji):
        """Return the platform's word for an emoji the shop reacts with, "" for taking it back; UserError when it has none."""
        if not emoji or self._reactions is None:
            return emoji
        words = {known.rstrip(PLAIN): word for known, word in self._reactions.items()}
        if emoji.rstrip(PLAIN) in words:
            return words[emoji.rstrip(PLAIN)]
        if not words:
            raise UserError(self.env._("This channel shows the customer no reactions."))
        shown = {word: known for known, word in reversed(self._reactions.items())}
        raise UserError(self.env._("The customer can be shown these reactions only: %(reactions)s", reactions=" ".join(reversed(shown.values()))))

    @api.private
    def refuse(self, message):
        """Return the reason (a key of ``sop.channel.account._reason_text``) why the platform would refuse a row, or "".

        :param message: ``sop.channel.message`` about to go
        """
        if message.part not in self._parts:
            return "part"
        if message.part in ("file", "reply") and not (message.attachment_id or message.text):
            return "file"
        file = message.attachment_id
        if file and file.file_size > self._file_limit and not self._is_fitted(file):
            return "large"
        if message.part in ("reply", "op", "private", "reaction") and not message.target_ref:
            return "target"
        if message.part in ("text", "file", "cards", "receipt", "info", "reaction") and not message.tag:
            window = self.window(message.conversation_id)
            return "" if window["open"] and not window["tag"] else "window"
        return ""

    @api.private
    def check_files(self, attachments):
        """Raise UserError, before anything goes, with what the platform takes instead of one of these files."""
        if "file" not in self._parts:
            raise UserError(self.env._("This channel takes words only: send a link instead of the file."))
        for attachment in attachments:
            if self._is_fitted(attachment):
                continue
            values = {"platform": self.label(), "name": attachment.name, "size": self._file_limit // 2**20}
            kind = (attachment.name or "").rpartition(".")[2].lower()
            if self._file_types is not None and kind not in self._file_types:
                kinds = ", ".join(sorted(self._file_types))
                raise UserError(self.env._("%(platform)s does not take “%(name)s”: only pictures and %(kinds)s. Send a link.", kinds=kinds, **values))
            if attachment.file_size > self._file_limit:
                raise UserError(self.env._("“%(name)s” is too large for %(platform)s, which takes %(size)s MB. Send a link.", **values))

    @api.private
    def talk(self, outgoing):
        """Return the dialogue that sends one ``OutgoingMessage``: a generator of ``Call`` that is sent each ``Answer`` and returns the ``Outcome``.

        It runs in a thread without a database. The outcome separates what was surely not done ("retry", "failed") from what may have
        been ("unknown"): that never goes again by itself, its echo or a person settles it (``tools.outcome.take`` does this for plain HTTP).
        """
        return self._api.talk(outgoing)

    @api.private
    def judge(self, answer):
        """Return the ``Outcome`` of an answer to a call that only asks (``profile``, ``post``); pure."""
        return take(answer, repeatable=True)

    @api.private
    def profile(self, account, person):
        """Return the call that asks for a person, and the function of its body that returns (name, picture's address); None: cannot be asked."""
        return None

    @api.private
    def post(self, account, ref):
        """Return the call that asks for a post, and the function of its body that returns (words, picture's address, address); None: cannot be."""
        return None

    # === ACCOUNT ===

    @api.private
    def check(self, account, transport):
        """Ask the platform whether the account is set up.

        :param transport: function(Call) -> Answer
        :return: problems as sentences, none when all is well
        """
        return []

    @api.private
    def subscribe(self, account, transport):
        """Ask the platform to send the account's events to our app; UserError with the reason when it refuses. Idempotent."""
        raise UserError(self.env._("This platform needs no subscription: switch the events on in its console."))

    @api.private
    def renew(self, account):
        """Renew a refused or ending access token and commit the new one; returns whether there is one. Most tokens only people can renew."""
        return False

    @api.private
    def templates(self, account, transport):
        """Return the account's approved words for a closed window: list of dict ``name, language, body, state`` ("approved" or "other").

        They go as part "utility". UserError with the reason when the platform refuses.
        """
        raise UserError(self.env._("This channel has no templates."))

    @api.private
    def conversions(self, account, events, transport):
        """Return the dialogue that reports carts, orders and leads (see ``talk``); it returns an Outcome for each, in their order.

        :param events: list of dict ``kind`` (add_to_cart, purchase, lead), ``key``, ``at``, ``person``, ``phone``, ``email``, ``value``,
            ``currency``, ``contents``: with the customer's consent. The same key may come again after a crash: the platform has to know it
        :return: or the list of outcomes, when nothing can go
        """
        raise NotImplementedError

    # === HELPERS ===

    def _is_fitted(self, attachment):
        """Whether a file is a picture that we make as the platform takes it."""
        mimetype = attachment.mimetype or ""
        return bool(self._picture_limit) and mimetype.startswith("image/") and mimetype != "image/svg+xml"

    def _as_file(self, attachment):
        """Return an attachment as data: a picture as jpg or png not above the platform's limit."""
        name, raw, mimetype = attachment.name, attachment.raw or b"", attachment.mimetype or "application/octet-stream"
        if not self._is_fitted(attachment) or (mimetype in ("image/jpeg", "image/png") and len(raw) <= self._picture_limit):
            return File(name, raw, mimetype)
        for side in PICTURE_SIDES:
            small = image_process(raw, size=(side, side), quality=85, output_format="JPEG")
            if len(small) <= self._picture_limit:
                return File(f"{name.rpartition('.')[0] or name}.jpg", small, "image/jpeg")
        return File(name, raw, mimetype)

    def _url(self, app):
        """Address of the platform: the real one unless a system administrator points to a double."""
        return (app.api_url or self._api.URL).rstrip("/")

    def _answer_problem(self, outcome, answer):
        """Sentence for a check that the platform did not answer well."""
        if answer.status == 0:
            return self.env._("The platform cannot be reached from this server.")
        return self.env["sop.channel.account"]._reason_text(outcome.reason, outcome.code, outcome.detail)

    @api.model
    def _raise_refusal(self, outcome):
        raise UserError(self.env["sop.channel.account"]._reason_text(outcome.reason, outcome.code, outcome.detail))
