import hashlib
import json
import secrets

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.arguments import is_clean
from ..tools.exchange import is_signed, parse
from ..tools.exchange_examples import EXAMPLES
from ..tools.people import first_active
from ..tools.phone import normalize_phone, spaced
from ..tools.transactions import made_once
from ..tools.vacuum import vacuum

#: Headers in which exchanges send their signature
SIGNATURE_HEADERS = ("X-Sop-Signature", "X-Signature", "X-Hub-Signature-256", "X-Stringee-Signature")
LONGEST_EVENT = 64 * 1024
EVENT_DAYS = 31
#: A call that was dialled with the button and reported by the exchange is one call within this time
ADOPT_MINUTES = 10


class SopExchange(models.Model):
    """A telephone exchange that reports calls over HTTP (row P11).

    ``POST /sop/call-event/<key>`` takes one event. Events of one call may come in any order, twice, or
    at the same time: they make one ``sop.call``. The person who talked is asked for the rating in
    their open browser, and nothing else about the call differs from one made with the button.
    """

    _name = "sop.exchange"
    _inherit = ["sop.hidden.mixin"]
    _description = "Telephone Exchange"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("generic", "Signed JSON (any exchange)"), ("stringee", "Stringee"), ("omicall", "OmiCall")], required=True, default="generic"
    )
    key = fields.Char(readonly=True, copy=False, required=True, default=lambda self: secrets.token_urlsafe(24), groups="base.group_system")
    secret = fields.Char(
        copy=False,
        default=lambda self: secrets.token_urlsafe(32),
        groups="base.group_system",
        help="The exchange signs each event with it: HMAC-SHA256 of the body, in the header X-Sop-Signature.",
    )
    unsigned = fields.Boolean(
        "Cannot Sign",
        groups="base.group_system",
        help="For providers that do not sign: anyone who knows the address can report calls. Keep it secret.",
    )
    address = fields.Char(compute="_compute_address", groups="base.group_system")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", "Sales Team", check_company=True, ondelete="set null")
    user_id = fields.Many2one(
        "res.users",
        "Else to",
        required=True,
        default=lambda self: self.env.uid,
        domain="[('share', '=', False)]",
        help="Who gets calls of extensions and leads without a salesperson.",
    )
    create_leads = fields.Boolean("Unknown Numbers Become Leads", default=True)
    extension_ids = fields.One2many("sop.exchange.extension", "exchange_id", string="Extensions", copy=True)
    refused_at = fields.Datetime("Last Refused", readonly=True, copy=False)
    refused_why = fields.Selection(
        [("signature", "The signature is missing or wrong"), ("long", "Longer than 64 kB"), ("json", "The body is no JSON")],
        "Refused Because",
        readonly=True,
        copy=False,
    )
    last_event_at = fields.Datetime("Last Event", compute="_compute_health")
    error_count = fields.Integer("Not Understood", compute="_compute_health")
    example = fields.Text(compute="_compute_example", help="An event of an answered call as exchanges of this kind send it.")

    _key_unique = models.UniqueIndex("(key)", "Another exchange has this key.")

    def _compute_address(self):
        for exchange in self:
            exchange.address = f"{exchange.get_base_url()}/sop/call-event/{exchange.key}"

    def _compute_health(self):
        # sudo: events are the system administrator's, their number is not
        events = self.env["sop.exchange.event"].sudo()
        last = dict(events._read_group([("exchange_id", "in", self.ids)], ["exchange_id"], ["create_date:max"]))
        errors = dict(events._read_group([("exchange_id", "in", self.ids), ("error", "!=", False)], ["exchange_id"], ["__count"]))
        for exchange in self:
            exchange.last_event_at = last.get(exchange, False)
            exchange.error_count = errors.get(exchange, 0)

    @api.constrains("kind", "unsigned")
    def _check_unsigned(self):
        # sudo: the field is for administrators, the rule for everyone
        if any(exchange.unsigned and exchange.kind == "generic" for exchange in self.sudo()):
            raise ValidationError(self.env._("The generic format is always signed."))

    def action_new_key(self):
        """Give the exchange a new address and secret; the old ones stop at once.

        :raise AccessError: for users who may not set up exchanges
        """
        self.check_access("write")
        for exchange in self:
            exchange.write({"key": secrets.token_urlsafe(24), "secret": secrets.token_urlsafe(32)})
        return True

    @api.depends("kind")
    def _compute_example(self):
        for exchange in self:
            exchange.example = json.dumps(EXAMPLES[exchange.kind], indent=2) if exchange.kind else False

    def action_test(self):
        """Try the example of this kind: what is understood of it, and whose such a call would be. Nothing is recorded.

        :return: client action that shows it
        :raise AccessError: for users who may not set up exchanges
        """
        self.ensure_one()
        self.check_access("write")
        fact = parse(self.kind, EXAMPLES[self.kind], fields.Datetime.now())
        new_lead = self.create_leads and self.team_id
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("The example is understood"),
                "message": self.env._(
                    "Extension %(extension)s talked %(seconds)s seconds with %(number)s: it goes to %(user)s; an unknown number makes %(lead)s.",
                    extension=fact.extension,
                    seconds=fact.talk_seconds,
                    number=spaced(self._sop_number(fact)),
                    user=self._sop_user(fact).name,
                    lead=self.env._("a new lead") if new_lead else self.env._("no lead"),
                ),
                "type": "success",
                "sticky": True,
            },
        }

    # === RECEIVING ===

    @api.model
    def _sop_receive(self, key, raw, headers):
        """Take an event of an exchange: check it, store it, apply it.

        Runs as the system. One transaction: what is answered with 200 is stored. A repeat is answered
        alike and changes nothing.

        :param str key: from the address
        :param raw: the body as it came (bytes), None when it is too long to be read
        :param headers: mapping with the request's headers
        :return: HTTP status: 200 stored, 400 no JSON, 403 not signed, 404 no such exchange, 413 too long
        """
        exchange = self.with_user(SUPERUSER_ID).search([("key", "=", key)], limit=1) if key and is_clean(key) else None
        if not exchange:
            return 404
        exchange = exchange.with_company(exchange.company_id)
        if raw is None or len(raw) > LONGEST_EVENT:
            return exchange._sop_refuse(413, "long")
        signed = any(is_signed(exchange.secret, raw, headers.get(name)) for name in SIGNATURE_HEADERS)
        if not signed and not exchange.unsigned:
            return exchange._sop_refuse(403, "signature")
        try:
            payload = json.loads(raw)
            text = json.dumps(payload, ensure_ascii=False).replace("\\u0000", "")
            text.encode()
        except (ValueError, RecursionError):
            return exchange._sop_refuse(400, "json")
        exchange._sop_store(hashlib.sha256(raw).hexdigest(), text)
        return 200

    def _sop_refuse(self, status, why):
        """Note on the exchange that an event was refused and why, so that the administrator who sets it up sees it; its content is not kept.

        At most once in ten seconds for one reason, and without waiting: anybody can send rubbish.

        :return: ``status``
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
            UPDATE sop_exchange SET refused_at = %(now)s, refused_why = %(why)s
             WHERE id = (SELECT id FROM sop_exchange
                          WHERE id = %(id)s AND (refused_at IS NULL OR refused_at < %(lately)s OR refused_why <> %(why)s)
                     FOR UPDATE SKIP LOCKED)
            """,
                now=now,
                why=why,
                id=self.id,
                lately=fields.Datetime.subtract(now, seconds=10),
            )
        )
        self.invalidate_recordset(["refused_at", "refused_why"], flush=False)
        return status

    def _sop_store(self, digest, text):
        """Keep an event once, and apply it if it is new."""
        self.ensure_one()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
            INSERT INTO sop_exchange_event (exchange_id, digest, payload, create_uid, create_date, write_uid, write_date)
                 VALUES (%(exchange)s, %(digest)s, %(text)s, %(uid)s, %(now)s, %(uid)s, %(now)s)
            ON CONFLICT (exchange_id, digest) DO NOTHING RETURNING id
            """,
                exchange=self.id,
                digest=digest,
                text=text,
                uid=self.env.uid,
                now=now,
            )
        )
        if rows:
            self._sop_apply(self.env["sop.exchange.event"].browse(rows[0][0]))

    def _sop_apply(self, event):
        """Bring the call in line with an event; what cannot be understood is noted on the event."""
        self.ensure_one()
        # sudo: calls are written by the system only
        exchange = self.sudo()
        try:
            fact = parse(exchange.kind, json.loads(event.payload), received_at=event.create_date.replace(microsecond=0))
        except ValueError as error:
            event.error = str(error)
            return
        if exchange._sop_is_internal(fact):
            event.error = False
            return
        call = exchange._sop_find_call(fact) or exchange._sop_make_call(fact)
        event.write({"call_id": call.id, "error": False})
        call._sop_belong(exchange._sop_person_news(call, fact))
        call._sop_apply_fact(fact)

    def _sop_is_internal(self, fact):
        """A call between colleagues: the exchange says so, or the other end is one of its extensions. It makes no lead and is not rated."""
        return fact.internal or bool(fact.customer and fact.customer in self.extension_ids.mapped("extension"))

    def _sop_find_call(self, fact):
        """The call an event is about: reported before, or dialled with the button just now."""
        source = f"exchange:{self.id}"
        Call = self.env["sop.call"]
        call = Call.search([("source", "=", source), ("external_id", "=", fact.external_id)], limit=1)
        if call or fact.direction == "in" or not fact.customer:
            return call
        at = fact.started_at or fact.answered_at or fact.ended_at or fields.Datetime.now()
        call = Call.search(
            [
                ("source", "=", "button"),
                ("external_id", "=", False),
                ("number", "=", self._sop_number(fact)),
                ("user_id", "=", self._sop_user(fact).id),
                ("company_id", "in", [self.company_id.id, False]),
                ("started_at", ">=", fields.Datetime.subtract(at, minutes=ADOPT_MINUTES)),
                ("started_at", "<=", fields.Datetime.add(at, minutes=ADOPT_MINUTES)),
            ],
            limit=1,
        )
        call.write({"source": source, "external_id": fact.external_id, "exchange_id": self.id})
        return call

    def _sop_number(self, fact):
        """The customer's number as leads keep it, or as the exchange wrote it; None when the event names none."""
        if not fact.customer:
            return None
        partner = self.env["res.partner"].with_company(self.company_id)
        return (
            normalize_phone(fact.customer)
            or partner._phone_format(number=fact.customer, country=self.company_id.country_id, force_format="E164")
            or fact.customer
        )

    def _sop_user(self, fact, lead=None):
        """Who talked: the extension's person, else the lead's, else the exchange's; of those who are still there."""
        lead = lead or self.env["crm.lead"]
        return first_active(self._sop_extension_user(fact), lead.user_id, self.user_id, self.team_id.user_id, self.create_uid, self.user_id)

    def _sop_extension_user(self, fact):
        """The user whose extension an event names; empty where it has no user, or the user has left."""
        return self.extension_ids.filtered(lambda line: fact.extension and line.extension == fact.extension).user_id.filtered("active")

    def _sop_make_call(self, fact):
        """Insert the call; of two events at once the second is replayed and finds it."""
        values = {
            "source": f"exchange:{self.id}",
            "exchange_id": self.id,
            "external_id": fact.external_id,
            "started_at": fact.started_at or fact.answered_at or fact.ended_at or fields.Datetime.now(),
            **self._sop_person_values(fact),
        }
        with made_once(self.env):
            return self.env["sop.call"].create(values)

    def _sop_person_values(self, fact):
        """Whose call it is, as far as this event says: customer, lead, and who talked to them."""
        number = self._sop_number(fact)
        lead = self._sop_find_lead(fact, number)
        return {
            "number": number,
            "lead_id": lead.id,
            "partner_id": lead.partner_id.id or self._sop_find_partner(number).id,
            "user_id": self._sop_user(fact, lead).id,
            "team_id": lead.team_id.id or self.team_id.id,
            "company_id": lead.company_id.id or self.company_id.id,
            "direction": fact.direction or "out",
        }

    def _sop_person_news(self, call, fact):
        """What an event adds about the people of a call; events may come in any order.

        The extension says who talked; only without one it is the lead's salesperson.
        """
        known = self._sop_extension_user(fact)
        news = {}
        if fact.customer and not call.number:
            news = self._sop_person_values(fact)
            if not known and call.user_id != self.user_id:  # an event before named the extension
                news["user_id"] = call.user_id.id
        elif known and known != call.user_id and not call.interest:
            news = {"user_id": known.id}
        return news

    def _sop_find_lead(self, fact, number):
        """The lead of a number: open ones first, of the person who talked, the latest; or a new one.

        :return: ``crm.lead``, empty when the number is unknown and makes no lead
        """
        if not number:
            return self.env["crm.lead"]
        leads = self.env["crm.lead"].search(
            [
                ("phone_sanitized", "=", number),
                ("company_id", "in", [self.company_id.id, False]),
                ("won_status", "=", "pending"),
            ],
            order="write_date desc, id desc",
            limit=20,
        )
        user = self._sop_user(fact)
        lead = leads.filtered(lambda lead: lead.user_id == user)[:1] or leads[:1]
        if lead or not self.create_leads or not self.team_id:
            return lead
        return self.env["crm.lead"].create(self._sop_lead_values(fact, number))

    def _sop_lead_values(self, fact, number):
        """Hook: values of the lead an unknown number makes, in stage 1 of the exchange's team."""
        partner = self._sop_find_partner(number)
        env = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang).env  # an exchange has no language
        shown = spaced(number)
        return {
            "name": env._("Call from %(number)s", number=shown) if fact.direction == "in" else env._("Call to %(number)s", number=shown),
            "type": "opportunity",
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "phone": number,
            "partner_id": partner.id,
            "user_id": self._sop_user(fact).id,
            "stage_id": self.env["crm.stage"]._get_by_code("collect").id if self.team_id.sop_process else False,
        }

    def _sop_find_partner(self, number):
        """The one customer with a number; empty where several share it."""
        partners = self.env["res.partner"]
        if number:
            partners = partners.search([("phone_sanitized", "=", number), ("company_id", "in", [self.company_id.id, False])], limit=2)
        return partners if len(partners) == 1 else partners.browse()

    @api.autovacuum
    def _gc_events(self):
        """Erase events after a month: what they said is in the call."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=EVENT_DAYS)
        # sudo: housekeeping over all companies
        return vacuum(self.env["sop.exchange.event"].sudo(), [("create_date", "<", limit)])
