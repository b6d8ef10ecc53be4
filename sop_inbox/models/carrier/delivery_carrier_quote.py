import logging
import time

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.signals import send
from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

from ...tools.carrier_base import CarrierError

_logger = logging.getLogger(__name__)


class DeliveryCarrier(models.Model):
    """Prices of all carriers side by side, for an order that may not exist yet."""

    _inherit = "delivery.carrier"

    def _sop_quote(self, order, answered=None):
        """Return what each carrier of ``self`` that delivers to the order's address asks.

        Carriers with an interface are asked at once, within two seconds all together; one that fails,
        is slow or answers rubbish says so in its row and the others are not touched.

        :param order: ``sale.order``; a draft is enough, nothing is written on it
        :param answered: dict to put the carriers' answers in, for a caller that takes back its savepoint
            and keeps them afterwards (``_sop_keep_rates``)
        :return: list of dict ``id, name, ok, price`` (what the customer pays, taxes and margin included),
            ``cost`` (what the carrier asks us), ``days`` (0: unknown), ``error``, ``warning``, ``cod``
            (collects cash), ``cheapest``, ``fastest``; cheapest first, failed ones last
        """
        carriers = self.available_carriers(order.partner_shipping_id, order)
        answers = carriers._sop_fetch_rates(order)
        rows = [carrier._sop_quote_row(order, answers) for carrier in carriers]
        if answered is None:
            self._sop_keep_rates(answers)
        else:
            answered.update(answers)
        self._sop_name_others(rows, answers)
        return self._sop_mark(sorted(rows, key=lambda row: (not row["ok"], row["price"], row["name"])))

    def _sop_name_others(self, rows, answers):
        """Say beside a carrier that does not go to the address which ones do."""
        others = ", ".join(sorted(row["name"] for row in rows if row["ok"]))
        these = self.env._("These deliver there: %(carriers)s.", carriers=others)
        for row in rows:
            answer = answers.get(row["id"])
            if others and isinstance(answer, CarrierError) and answer.code in ("unserved", "address"):
                row["error"] = f"{row['error']} {these}"

    def _sop_quote_row(self, order, answers):
        row = {"id": self.id, "name": self.name, "ok": False, "price": 0.0, "cost": 0.0, "days": 0, "error": "", "warning": ""}
        started = time.monotonic()
        try:
            with self.env.cr.savepoint():
                rate = send(self, sop_rates=answers).rate_shipment(order)
        except UserError as error:
            rate = {"success": False, "error_message": str(error)}
        except CONFLICTS:
            raise  # the request is replayed
        except Exception:  # a carrier of another module: whatever it raises, the others remain
            _logger.warning("carrier %s failed to quote", self.id, exc_info=True)
            rate = {"success": False, "error_message": self.env._("%(carrier)s cannot be reached now.", carrier=self.name)}
        row |= {"cod": self.allow_cash_on_delivery, "seconds": round(time.monotonic() - started, 3)}
        if not rate["success"]:
            return row | {"error": rate["error_message"] or self.env._("%(carrier)s gave no price.", carrier=self.name)}
        return row | {
            "ok": True,
            "price": order._sop_paid_price(self.product_id, rate["price"]),
            "cost": order.currency_id.round(rate.get("sop_cost", rate.get("carrier_price", rate["price"]))),
            "days": rate.get("sop_days") or self.sop_days,
            "warning": rate["warning_message"] or "",
        }

    def _sop_keep_rates(self, answers):
        """Remember what was asked just now."""
        for carrier_id, answer in answers.items():
            if isinstance(answer, dict) and "keep" in answer:
                self.env["sop.carrier.rate"]._keep(carrier_id, *answer["keep"])
                self.browse(carrier_id)._sop_keep_session(answer["session"])

    def _sop_mark(self, rows):
        """Mark the cheapest and the fastest of the rows that have a price."""
        good = [row for row in rows if row["ok"]]
        cheapest = min((row["price"] for row in good), default=None)
        fastest = min((row["days"] for row in good if row["days"]), default=None)
        for row in rows:
            row["cheapest"] = row["ok"] and row["price"] == cheapest
            row["fastest"] = bool(row["ok"] and fastest and row["days"] == fastest)
        return rows
