import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import choice, takes
from odoo.addons.sop_pipeline.tools.transactions import replayed

from ...tools.carrier_base import CarrierError
from ...tools.parcel_life import FINAL, PART, ParcelEvent, fold, order

_logger = logging.getLogger(__name__)
QUIET = timedelta(hours=6)  # without a word for so long, the carrier is asked
ASK_AGAIN = timedelta(minutes=30)  # after a carrier did not answer
USUAL = timedelta(days=5)  # on the way, where nothing was promised
AHEAD = timedelta(minutes=15)  # a carrier's clock may be ahead of ours by so much
BY_HAND = ("delivered", "returned", "lost", "damaged", "returning", "failed")
GONE = tuple(sorted(FINAL))


class SopParcel(models.Model):
    """The life of a parcel after its carrier has it: its history, and the state that comes to (``tools/parcel_life.py``)."""

    _inherit = "sop.parcel"

    event_ids = fields.One2many("sop.parcel.event", "parcel_id", "History", readonly=True)
    since = fields.Datetime("In This State Since", readonly=True)
    tries = fields.Integer("Deliveries Tried", readonly=True)
    ask_at = fields.Datetime("Ask Again At", readonly=True)
    expected_at = fields.Datetime("Promised Until", readonly=True, help="What the carrier promises.")
    due_at = fields.Datetime("Due", readonly=True, help="When it is late: what the carrier promises, else the usual time on the way.")
    reason_id = fields.Many2one("sop.parcel.reason", "Why It Failed", readonly=True, index="btree_not_null", ondelete="restrict")
    reason = fields.Char(readonly=True)
    collected = fields.Float("Cash the Carrier Collected", digits=(16, 0), readonly=True)
    carrier_fee = fields.Float("Carrier's Final Fee", digits=(16, 0), readonly=True)
    carrier_return_fee = fields.Float("Carrier's Return Fee", digits=(16, 0), readonly=True)
    part_returned = fields.Boolean("A Part Came Back", readonly=True)
    weighed = fields.Integer("Weight at the Carrier (g)", readonly=True)
    proof = fields.Char("Picture of the Delivery", readonly=True)
    tracking_url = fields.Char(compute="_compute_tracking_url")

    _ask_idx = models.Index("(ask_at) WHERE ask_at IS NOT NULL")
    _late_idx = models.Index("(due_at) WHERE due_at IS NOT NULL")

    @api.depends("tracking_ref", "carrier_id")
    def _compute_tracking_url(self):
        for parcel in self:
            carrier = parcel.sudo().carrier_id  # sudo: the page is public
            known = parcel.tracking_ref and carrier.delivery_type in dict(self.env["sop.parcel.reason"]._selection_delivery_type())
            parcel.tracking_url = carrier._sop_service()._tracking_url.format(tracking=parcel.tracking_ref) if known else False

    # === HISTORY ===

    def _absorb(self, events, received=None):
        """Add events of one parcel, which is locked, to its history and let them move it. Repetitions change nothing.

        :param events: list of ParcelEvent
        :param received: when they came; no event is later than that
        :return: whether anything was new
        """
        self.ensure_one()
        latest = (received or fields.Datetime.now()) + AHEAD
        known = self.event_ids
        keys = set(known.mapped("key"))
        fresh = {event.key: event for event in events if event.key not in keys}
        vals_list = [self.event_ids._values(self, event) | {"at": min(event.at, latest)} for event in fresh.values()]
        if not vals_list:
            return False
        self.env["sop.parcel.event"].create(vals_list)
        self._learn([*(event._read_event() for event in known), *fresh.values()])
        reported = [event for event in fresh.values() if event.source == "webhook"]
        doubtful = any(not event.trusted and event.state in FINAL for event in reported)
        due = bool(self.ask_at and self.ask_at <= fields.Datetime.now())  # what came late takes back no question the carrier has not answered
        self._refold(ask_now=doubtful or due and len(reported) == len(fresh))
        return True

    def _learn(self, events):
        """Take over what proved events say of money, weight, promise and picture: the carrier's time decides, not when it came."""
        vals = {}
        for event in sorted(events, key=order):
            sure = event.trusted or event.source == "asked"
            money = {"collected": event.cod, "carrier_fee": event.fee, "carrier_return_fee": event.return_fee, "weighed": event.weight}
            facts = (money if sure else {}) | {"expected_at": event.expected, "proof": event.proof or None}
            facts["part_returned"] = event.kind in PART or None
            vals |= {name: value for name, value in facts.items() if value is not None}
        if vals:
            self.write(vals)

    def _refold(self, ask_now=False):
        """Set the state that a parcel's history comes to, and what follows from it. Idempotent."""
        self.ensure_one()
        if not self.event_ids or not self.tracking_ref and self.state in ("new", "unknown"):
            return
        before = self.state
        life = fold([event._read_event() for event in self.event_ids])
        vals = {"state": life.state, "since": life.since, "tries": life.tries, **self._why(life), **self._when(life.state, ask_now)}
        self.write({name: value for name, value in vals.items() if self[name] != value and (self[name] or value)})
        if life.state != before:
            self._moved(before)

    def _why(self, life):
        """Return the columns of the reason; it stays with what comes of a failure, and goes when the parcel goes out again."""
        event = life.why
        if not event:
            return {"reason_id": False, "reason": False}
        reason = self.env["sop.parcel.reason"]._reason(self.carrier_id.delivery_type, event.reason_code, event.reason)
        return {"reason_id": reason.id, "reason": event.reason or reason.name}

    def _when(self, state, ask_now=False):
        """Return the columns that say when to ask and from when on it is late."""
        now = fields.Datetime.now()
        over = state in FINAL
        asked = self.carrier_id._sop_can_be_followed()
        days = timedelta(days=self.carrier_id.sop_days + 1) if self.carrier_id.sop_days else USUAL
        late = self.expected_at or self.create_date + days
        return {
            "ask_at": (now if ask_now else False if over else now + QUIET) if asked else False,
            "due_at": late if state in ("waiting", "picked", "moving", "out") else False,
        }

    def _moved(self, before):
        """Hook: what happens when a parcel's state has changed.

        :param before: the state it had
        """
        self._follow_failure()
        self._notify_of_state()
        if self.state == "delivered":
            early = [("parcel_id", "=", self.id), ("kind", "=", "not_delivered")]
            self.env["sop.cod.claim"].search(early).line_id._judge_again()  # a statement said so before the webhook
        if self.state == "returned" and not self.return_id:
            self._propose_return()

    def _after_note(self, vals):
        """What follows from a call to the carrier that was written down: who has a waybill is followed."""
        self.ensure_one()
        if vals.get("state") == "cancelled":
            self._absorb([self._by_person("cancelled")])
        elif vals.get("tracking_ref"):
            self.write(self._when("waiting"))
            self._refold()

    def _by_person(self, state):
        return ParcelEvent(self.tracking_ref or "", fields.Datetime.now(), state, "person", words=self.env.user.name, source="person")

    # === ASKING ===

    def _follow(self):
        """Ask the carrier where one parcel is and write down what it says.

        :raise CarrierError: it does not say
        """
        config = self.carrier_id._sop_config()
        try:
            events = self._ask_where(config)
        finally:
            self.carrier_id._sop_keep_session(config.session)
        self._take_where(events)

    def _ask_where(self, config):
        """Return what the carrier says of one parcel: list of ParcelEvent. Nothing is written.

        :raise CarrierError: it does not say
        """
        self.ensure_one()
        return self.carrier_id._sop_service()._call("follow", config, self.tracking_ref, self.our_ref) or []

    def _take_where(self, events):
        """Write down what the carrier said; a parcel that somebody holds is left to them."""
        if self.try_lock_for_update(allow_referencing=True) and not self._absorb(events):
            self.write(self._when(self.state))

    def action_follow(self):
        """Ask the carriers where these parcels are now. Idempotent. Right: writing parcels.

        :raise UserError: a carrier has no such look-up, or does not answer
        """
        self.check_access("write")
        for parcel in self.sudo().filtered("tracking_ref"):  # sudo: the right was checked; the history is the system's
            if not parcel.carrier_id._sop_can_be_followed():
                raise UserError(self.env._("%(carrier)s cannot be asked where a parcel is: it says so by itself.", carrier=parcel.carrier_id.name))
            try:
                parcel._follow()
            except CarrierError as error:
                raise UserError(parcel.carrier_id._sop_error(error))

    @takes(state=choice(*BY_HAND))
    def action_set_state(self, state):
        """Say by hand what became of parcels, where their carrier does not. Idempotent, batch. Right: writing parcels.

        :param state: delivered, returned, lost, damaged, returning or failed
        """
        self.check_access("write")
        for parcel in self.sudo().filtered("tracking_ref"):  # sudo: the right was checked; the history is the system's
            if parcel.state != state:
                parcel._absorb([parcel._by_person(state)])
                parcel.event_ids.sorted("id")[-1:].user_id = self.env.uid

    @api.model
    @replayed
    def _cron_follow(self):
        """Ask about parcels of which nothing came for six hours, or came without proof; commits before and after each.

        What a webhook writes between the question and its answer is a conflict for who writes the answer: that is done again, the question is not.
        """
        commit = self.env["ir.cron"]._commit_progress
        left, asked = commit(remaining=1), self.browse()
        while left and (parcels := self.search([("ask_at", "<=", fields.Datetime.now()), ("id", "not in", asked.ids)], order="ask_at", limit=50)):
            asked |= parcels
            for parcel in parcels:
                config, events = parcel.carrier_id._sop_config(), None
                try:
                    events = parcel._ask_where(config)
                except CarrierError as error:
                    _logger.info("parcel %s cannot be followed now: %s", parcel.id, error.code)
                self._in_own_transaction(partial(parcel._take_answer, config, events))
                left = commit(1, remaining=1)
                if not left:
                    return
        commit(remaining=0)

    def _take_answer(self, config, events):
        """Write down what the carrier answered in the course of the job, and when it is asked again.

        :param events: see ``_ask_where``; None where it did not say
        """
        self.carrier_id._sop_keep_session(config.session)
        if events is not None:
            self._take_where(events)
        if self.ask_at and self.ask_at <= fields.Datetime.now():  # it did not say, says nothing, or somebody holds the parcel
            self.ask_at = fields.Datetime.now() + ASK_AGAIN
