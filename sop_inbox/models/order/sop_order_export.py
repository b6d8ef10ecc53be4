import base64
import os
import tempfile

import pytz
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tools.arguments import each, or_nothing, read_domain, record_id, takes, text
from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

from ...tools.order_sheet import COLUMNS, OrderSheet

BATCH = 500  # orders read at once
LEASE_SECONDS = 900  # a worker that reports nothing for so long is dead
AT_ONCE = 2000  # up to so many the file is made while one waits; above it is made in the background


class SopOrderExport(models.Model):
    """An .xlsx file of orders for other stock systems: one row a line, columns in a fixed order.

    Made with the rights and the language of who asked for it. Memory does not grow with the number
    of orders; the file is kept for a day.
    """

    _name = "sop.order.export"
    _inherit = ["sop.queue.mixin"]
    _description = "Order Export"
    _order = "id desc"
    _queue_job = "sop_inbox.sop_order_export_cron"
    _queue_waiting = ("waiting", "running")

    name = fields.Char(readonly=True, default=lambda self: self.env._("Orders"))
    user_id = fields.Many2one("res.users", required=True, readonly=True, default=lambda self: self.env.user, ondelete="cascade")
    domain = fields.Json(readonly=True)
    sheet_id = fields.Many2one("sop.order.sheet", "Excel Template", readonly=True, ondelete="set null")
    lang = fields.Char(readonly=True)
    company_ids = fields.Json(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Ready"), ("failed", "Failed")], required=True, default="waiting", readonly=True
    )
    total = fields.Integer(readonly=True)
    done = fields.Integer(readonly=True)
    rows = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    file = fields.Binary(attachment=True, readonly=True)

    _waiting_idx = models.Index("(next_attempt_at, id) WHERE state IN ('waiting', 'running')")

    # === REQUEST ===

    @api.model
    @takes(sheet_id=or_nothing(record_id), states=or_nothing(each(text(20), 5)))
    def action_export(self, domain=None, sheet_id=None, states=None):
        """Begin an export of the orders ``domain`` finds among those made in conversations.

        Up to two thousand orders the file is ready at once, above a worker makes it and ``get_progress`` returns how far it is.

        :param domain: of ``sale.order``; default all that came from conversations
        :param sheet_id: ``sop.order.sheet`` with the columns; default all of them
        :param states: of the orders; default the template's, without one all
        :return: what ``get_progress`` returns
        """
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You may not export."))
        orders = self.env["sale.order"]
        today = fields.Date.context_today(self.with_context(tz=self.env.company._sop_zone(self.env.user)))
        found = read_domain(orders, domain) & Domain("sop_conversation_id", "!=", False)
        sheet = self.env["sop.order.sheet"].browse(sheet_id or []).exists()
        sheet.check_access("read")
        if states or sheet:
            found &= Domain("state", "in", states or sheet._states())
        export = self.sudo().create(  # sudo: users cannot write exports; they are their owner's
            {
                "name": self.env._("Orders %(date)s.xlsx", date=f"{sheet.name.replace('/', '-')} {today}" if sheet else today),
                "sheet_id": sheet.id,
                "user_id": self.env.uid,
                "domain": list(found),
                "lang": self.env.lang,
                "company_ids": self.env.companies.ids,
                "total": orders.search_count(found),
            }
        )
        if export.total > AT_ONCE:
            export._queue_wake()
        else:
            export._make()
        return export._progress()

    def get_progress(self):
        """Return how far an export is: dict ``id, state, done, total, rows, error, url``; only one's own."""
        self.ensure_one()
        self.check_access("read")
        return self._progress()

    def _progress(self):
        return {
            "id": self.id,
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "rows": self.rows,
            "error": self.error or "",
            "url": f"/web/content/sop.order.export/{self.id}/file/{self.name}?download=true" if self.state == "done" else "",
        }

    # === CREATION ===

    @api.model
    def _cron_export(self):
        """Make the files that wait, one after the other; each is taken by one worker, and again when that one died."""
        self._queue_run(self._make_one)

    def _make_one(self):
        """Make one file that waits; returns how many."""
        export = self._in_own_transaction(self._claim)
        if export:
            export._make_later()
        return len(export or ())

    def _claim(self):
        """Take a file for this worker; as long as it reports how far it is, no other worker does."""
        export = self._queue_due(1)._queue_lease(LEASE_SECONDS)
        export.state = "running"
        return export

    def _make_later(self):
        """Write the file in a scheduled job: what goes wrong is kept as a sentence, for the person is not there any more."""
        try:
            self._make(self._note_progress)
        except Exception as error:
            self.env.cr.rollback()  # nothing but the progress was written since the last commit
            self.write({**self._queue_failed(self.attempts, not isinstance(error, CONFLICTS)), "error": str(error)[:500]})

    def _note_progress(self, done):
        """Let the person see how far it is. Commits: only in a scheduled job."""
        until = fields.Datetime.add(fields.Datetime.now(), seconds=LEASE_SECONDS)
        self.write({"done": done, "next_attempt_at": until})
        self.env["ir.cron"]._commit_progress()

    def _make(self, progress=None):
        """Write the file now.

        :param progress: function of the number of orders done, called after each batch
        """
        self.ensure_one()
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        try:
            columns = self.sheet_id._columns()
            sheet = OrderSheet(path, self._headers(), self.with_context(lang=self.lang).env._("Orders"), columns=columns)
            self._fill(sheet, progress)
            sheet.close()
            with open(path, "rb") as file:
                content = base64.b64encode(file.read())
            self.write({"file": content, "state": "done", "done": self.total, "rows": sheet.total})
        finally:
            os.unlink(path)

    def _fill(self, sheet, progress):
        reader = self._reader()
        ids = reader["sale.order"].search(Domain(self.domain), order="date_order, id").ids
        for start in range(0, len(ids), BATCH):
            for row in self._order_rows(reader["sale.order"].browse(ids[start : start + BATCH])):
                sheet.append(row)
            reader.invalidate_all()
            if progress:
                progress(min(start + BATCH, len(ids)))

    def _reader(self):
        """Return the environment of the user who asked: their rights, companies and language decide what is in the file."""
        return self.with_user(self.user_id).with_context(lang=self.lang, allowed_company_ids=self.company_ids).env

    def _headers(self):
        """Titles of the columns: the template's, else ours in the language of who asked."""
        own = {column.source: column.title for column in self.sheet_id.column_ids if column.title}
        return self._titles(self.with_context(lang=self.lang).env) | own

    @api.model
    def _titles(self, env):
        """Our titles of all columns: dict column -> title in the language of ``env``."""
        # pylint: disable=prefer-env-translation; it is the environment's own
        _ = env._
        titles = (
            _("Order"), _("Date"), _("State"), _("Customer"), _("Phone"), _("Street"), _("Ward"), _("Province"), _("Product Code"),
            _("Product"), _("Quantity"), _("Unit"), _("Unit Price"), _("Discount (%)"), _("Line Total"), _("Kind of Line"),
            _("Order Total"), _("To Collect (COD)"), _("Currency"), _("Payment"), _("Paid"), _("Carrier"), _("Tracking"),
            _("Warehouse"), _("Channel"), _("Sales Person"), _("Note"),
        )  # fmt: skip
        return {name: title for (name, _kind), title in zip(COLUMNS, titles, strict=True)}

    def _order_rows(self, orders):
        """Yield the rows of orders, one a line; the file of a seller holds only what they may see."""
        # pylint: disable=prefer-env-translation; it is the environment's own
        _ = orders.env._
        states = dict(orders._fields["state"]._description_selection(orders.env))
        payments = dict(orders._fields["sop_payment"]._description_selection(orders.env))
        zone = pytz.timezone(orders.env.company._sop_zone(self.user_id))
        orders.order_line.mapped("tax_ids")  # of all lines at once
        for order in orders:
            # sudo: names of warehouse, channel, address and delivery of an order one may see
            plain = order.sudo()
            address, totals = plain.partner_shipping_id, plain._sop_totals()
            head = {
                "order": order.name,
                "date": pytz.utc.localize(order.date_order).astimezone(zone).replace(tzinfo=None),
                "state": states[order.state],
                "customer": plain.partner_id.name,
                "phone": address.phone or plain.partner_id.phone,
                "street": ", ".join(filter(None, [address.street, address.street2])),
                "ward": address.city,
                "province": address.state_id.name,
                "order_total": order.amount_total,
                "cod": totals["cod"] if order.state == "sale" else 0,
                "currency": order.currency_id.name,
                "payment": payments.get(order.sop_payment),
                "paid": _("Yes") if order.sop_is_paid else _("No"),
                "carrier": plain.carrier_id.name,
                "tracking": ", ".join(filter(None, plain.picking_ids.mapped("carrier_tracking_ref"))),
                "warehouse": plain.warehouse_id.name,
                "channel": plain.sop_account_id.name,
                "seller": plain.user_id.name,
                "note": self._note(plain),
            }
            for line in plain._sop_goods() if self.sheet_id.goods_only else plain.order_line.filtered("product_id"):
                yield {**head, **self._line_values(line, _)}

    def _unit_price(self, line):
        """What one costs before its discount, all taxes in it, as in the line's total."""
        taxes = line.tax_ids.compute_all(line.price_unit, line.currency_id, 1.0, line.product_id, line.order_id.partner_shipping_id)
        return taxes["total_included"]

    def _note(self, order):
        """The order's own words: the terms that core puts on every order are left out."""
        terms = order.with_context(lang=order.partner_id.lang or self.env.lang).company_id.invoice_terms  # as core wrote them
        note, terms = (html2plaintext(text or "").strip() for text in (order.note, terms))
        return note.replace(terms, "").strip() if terms else note

    def _line_values(self, line, _):
        # pylint: disable=prefer-env-translation; the environment of who asked
        kind = _("Shipping fee") if line.is_delivery else _("Discount") if line._sop_is_discount() else _("Product")
        return {
            "product_code": line.product_id.default_code,
            "product": line.product_id.with_context(display_default_code=False).display_name,
            "quantity": line.product_uom_qty,
            "unit": line.product_uom_id.name,
            "unit_price": self._unit_price(line),
            "discount_percent": line.discount,
            "line_total": line.price_total,
            "line_kind": kind,
        }

    @api.autovacuum
    def _gc_exports(self):
        self.search([("create_date", "<", "-1d")]).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_others(self):
        """Only one's own; those of yesterday go by themselves."""
        if not self.env.su and self.user_id - self.env.user:
            raise UserError(self.env._("This export is somebody else's."))
