from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, float_compare

from ..tools import intervals

PAID = ("paid", "in_payment")


class SaleOrderLine(models.Model):
    """Packages: what has been paid for a line decides which rights it gives.

    Every accounting or payment event only says "look again" (:meth:`_sop_sync_packages`);
    the answer is computed from the facts, so events may repeat, race or come in any order.
    """

    _inherit = "sale.order.line"

    sop_entitlement_ids = fields.One2many("sop.seller.entitlement", "sale_line_id", groups="sop_contact_requests.group_user")

    def _sop_sync_packages(self, paid_at=None):
        """Bring the rights of these lines in line with what is paid. Idempotent, batch.

        :param datetime paid_at: when the payment succeeded (default now), for new rights
        """
        # sudo: payments are processed on behalf of buyers, who may not touch rights
        for line in self.sudo().filtered(lambda line: line.product_id.sop_is_package or line.sop_entitlement_ids):
            line._sop_sync_package(paid_at or fields.Datetime.now())

    def _sop_sync_package(self, paid_at):
        """See :meth:`_sop_sync_packages`; one line, sudo."""
        rows = self.sop_entitlement_ids
        if any(row.revoke_reason in ("manual", "chargeback") for row in rows):
            return  # people decided; money facts do not overrule them
        units, revenue = self._sop_get_paid()
        active = rows.filtered(lambda row: not row.revoked_at)
        revoked = rows - active
        unit_days = rows[:1].unit_days or self.product_id.sop_package_days
        days = min(unit_days * units, timedelta.max.days)
        seconds = intervals.whole_seconds(intervals.remaining_length(timedelta(days=days), revoked._get_intervals()))
        if active and not units:
            self.env["sop.seller.entitlement"]._lock_seller(active.seller_id)
            active.write({"revoked_at": fields.Datetime.now(), "revoke_reason": self._sop_get_revoke_reason()})
        elif active and active.duration != seconds:
            active.write({"duration": seconds})
        elif not active and seconds:
            self._sop_start_package(paid_at, seconds, unit_days, len(rows))
        self._sop_note_revenue(units, revenue)

    def _sop_note_revenue(self, units, revenue):
        """Write what is earned with this line on its latest right, and nothing on those before."""
        rows = self.sop_entitlement_ids.sorted("id")
        for row in rows:
            vals = {"units": units, "revenue": revenue} if row == rows[-1:] else {"units": 0, "revenue": 0}
            if any(row[name] != value for name, value in vals.items()):
                row.write(vals)

    def _sop_start_package(self, paid_at, seconds, unit_days, part):
        """Insert the right unless this source already made one, however many try at once."""
        # once given to somebody else, it stays theirs
        seller = self.sop_entitlement_ids[:1].seller_id or self.order_id.partner_id.commercial_partner_id
        source = f"sale.order.line,{self.id}" + (f",{part}" if part else "")
        self.env["sop.seller.entitlement"]._lock_seller(seller)
        end = paid_at + timedelta(seconds=seconds)
        inserted = self.env.execute_query(
            SQL(
                """INSERT INTO sop_seller_entitlement
                   (seller_id, company_id, kind, start, "end", source, paid_at, duration, unit_days, sale_line_id,
                    amount, currency_id, create_uid, write_uid, create_date, write_date)
               VALUES (%s, %s, 'package', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (source) DO NOTHING RETURNING id""",
                seller.id,
                self.company_id.id,
                paid_at,
                end,
                source,
                paid_at,
                seconds,
                unit_days,
                self.id,
                self.price_total if not part else 0,
                self.currency_id.id,
                self.env.uid,
                self.env.uid,
                paid_at,
                paid_at,
            )
        )
        self.invalidate_recordset(["sop_entitlement_ids"])
        self.env["sop.seller.entitlement"].browse(row[0] for row in inserted)._reschedule()

    def _sop_get_paid(self):
        """Units of this line that are paid for and not given back, and what is earned with them.

        A paid invoice decides; without one, done transactions that cover the confirmed order.
        A zero invoice counts as paid: gift cards and full promotions are paid elsewhere.

        :return: tuple (units, money without tax in the company's currency)
        """
        posted = self.invoice_lines.filtered(lambda line: line.parent_state == "posted")
        paid = posted.filtered(lambda line: line.move_id.move_type == "out_invoice" and line.move_id.payment_state in PAID)
        if paid:
            bought, amount, earned = sum(paid.mapped("quantity")), sum(paid.mapped("price_subtotal")), -sum(paid.mapped("balance"))
        elif self._sop_is_order_paid_online():
            bought, amount = self.product_uom_qty, self.price_subtotal
            earned = self.currency_id._convert(amount, self.company_id.currency_id, self.company_id, self.order_id.date_order.date())
        else:
            return 0, 0
        credited = posted.filtered(
            lambda line: (
                line.move_id.move_type == "out_refund"
                and (not paid or not line.move_id.reversed_entry_id or line.move_id.reversed_entry_id in paid.move_id)
            )
        )
        if amount:
            share = sum(credited.mapped("price_subtotal")) / amount
        else:
            share = sum(credited.mapped("quantity")) / (bought or 1)
        # A provider's refund and the credit note that books it are one giving back, not two.
        share = max(share, self._sop_get_online_refund_share())
        left = self.company_id.currency_id.round(earned * max(1 - share, 0))
        return intervals.paid_units(bought, 1.0, share), left

    def _sop_get_payments(self):
        """Successful online payments of the order, refunds and card checks left out."""
        return self.order_id.transaction_ids.filtered(
            lambda tx: tx.state == "done" and tx.operation not in ("refund", "validation") and tx.payment_id.state not in ("canceled", "rejected")
        )

    def _sop_is_order_paid_online(self):
        order = self.order_id
        paid = sum(self._sop_get_payments().mapped("amount"))
        return order.state == "sale" and paid > 0 and float_compare(paid, order.amount_total, precision_rounding=order.currency_id.rounding) >= 0

    def _sop_get_online_refund_share(self):
        payments = self._sop_get_payments()
        refunds = payments.child_transaction_ids.filtered(lambda tx: tx.operation == "refund" and tx.state == "done")
        paid = sum(payments.mapped("amount"))
        return abs(sum(refunds.mapped("amount"))) / paid if paid else 0

    def _sop_get_revoke_reason(self):
        """Why the right ends: money given back, or a payment that no longer stands."""
        credited = self.invoice_lines.filtered(lambda line: line.parent_state == "posted" and line.move_id.move_type == "out_refund")
        if credited or self._sop_get_online_refund_share():
            return "refund"
        return "unpaid"
