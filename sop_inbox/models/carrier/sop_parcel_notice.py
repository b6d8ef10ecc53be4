import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

_logger = logging.getLogger(__name__)
EVENTS = [("picked", "Handed Over"), ("out", "Out for Delivery"), ("failed", "Delivery Failed"), ("delivered", "Delivered to Customer")]
BLANKS = ("customer", "order", "carrier", "tracking", "link", "reason", "cash")
STALE = timedelta(hours=12)  # older news is not sent


class SopParcelNotice(models.Model):
    """Messages sent to customers, inside the platform's window, when their parcel moves; one row an event."""

    _name = "sop.parcel.notice"
    _description = "News of a Parcel to the Customer"
    _order = "sequence"
    _rec_name = "event"

    event = fields.Selection(EVENTS, required=True, readonly=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("On", default=True)
    words = fields.Text(
        "Message",
        required=True,
        translate=True,
        help="{customer}, {order}, {carrier}, {tracking}, {link}, {reason} and {cash} are filled in; a line in which one is empty is left out.",
    )

    _event_unique = models.UniqueIndex("(event)", "There is one row for each event.")

    @api.constrains("words")
    def _check_words(self):
        for notice in self:
            try:
                notice.words.format_map(dict.fromkeys(BLANKS, ""))
            except (KeyError, ValueError, IndexError, AttributeError):
                raise ValidationError(self.env._("Only these may stand in braces: %(blanks)s.", blanks=", ".join(BLANKS)))

    def _fill(self, values):
        """Return the words with what they name; lines that name something there is not are left out."""
        lines = [line for line in self.words.split("\n") if all(values[name] for name in BLANKS if f"{{{name}}}" in line)]
        return "\n".join(lines).format_map(values)


class SopParcel(models.Model):
    """A parcel whose customer hears of it in the chat."""

    _inherit = "sop.parcel"

    notified = fields.Char("Customer Notified Of", readonly=True, help="Events that are not sent again.")

    def _notify_of_state(self):
        """Send the customer the news of the state the parcel is in now. Step of ``_moved``."""
        event = {"moving": "picked"}.get(self.state, self.state)
        if event in dict(EVENTS) and self.conversation_id:
            self._notify_customer(event)

    def _notify_customer(self, event):
        """Post the news of an event once, when it is on, fresh, and the platform's window is open."""
        key = f"{event}{self.tries if event in ('out', 'failed') else ''}"
        sent = (self.notified or "").split()
        notice = self.env["sop.parcel.notice"].search([("event", "=", event)])
        if not notice or key in sent or "delivered" in sent or self.since and self.since < fields.Datetime.now() - STALE:
            return
        thread = self.conversation_id._personal_thread()
        if not thread or thread.kind == "comment" or not thread._panel._panel_window()["open"]:
            return
        try:
            with self.env.cr.savepoint():
                thread._post_outbound(self._news_words(notice), auto=True)
                self.notified = " ".join([*sent, key])
        except UserError as error:
            _logger.info("the customer of parcel %s was not notified: %s", self.id, type(error).__name__)

    def _news_words(self, notice):
        """Return a notice in the customer's language."""
        lang = self.order_id.partner_id.lang or self.company_id.partner_id.lang or self.env.lang
        parcel, currency = self.with_context(lang=lang), self.order_id.currency_id
        values = {
            "customer": parcel.order_id.partner_id.name or "",
            "order": parcel.order_id.name or "",
            "carrier": parcel.carrier_id.name or "",
            "tracking": parcel.tracking_ref or "",
            "link": parcel.tracking_url or "",
            "reason": parcel.reason or "",
            "cash": currency.with_context(lang=lang).format(parcel.cod_amount) if parcel.cod_amount else "",
        }
        return notice.with_context(lang=lang)._fill(values)
