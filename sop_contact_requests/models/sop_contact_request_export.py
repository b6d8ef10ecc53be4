import io

from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.sheet import Sheet

COLUMNS = (
    ("buyer_name", "text"),
    ("last_requested_at", "datetime"),
    ("phone", "text"),
    ("listing_name", "text"),
    ("state", "text"),
    ("outcome", "text"),
    ("message", "text"),
    ("note", "text"),
    ("reminder_at", "datetime"),
    ("user_id", "text"),
)
ROWS = 20_000


class SopContactRequest(models.Model):
    """The seller's list as a file of their own (source 001: "lưu trữ")."""

    _inherit = "sop.contact.request"

    @api.model
    def _export_list(self, filters):
        """The seller's list with the page's filters as .xlsx, newest first, at most 20 000 rows.

        A number is in it only if the current user was shown it, the right still runs and the buyer did not take it back;
        else its hint is.

        :return: bytes
        """
        requests = self.search(self._get_seller_domain() & self._get_filter_domain(filters), limit=ROWS)
        known = self._get_known_numbers(requests)
        headers = {name: self._fields[name]._description_string(self.env) for name, _kind in COLUMNS if name != "phone"}
        file = io.BytesIO()
        sheet = Sheet(file, COLUMNS, {**headers, "phone": self.env._("Phone number")}, self.env._("Contact list")[:31])
        labels = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("state", "outcome")}
        for row in requests:
            sheet.append(
                {
                    **{name: row[name] for name in ("buyer_name", "listing_name", "message", "note")},
                    **{name: labels[name].get(row[name]) for name in labels},
                    **{name: self._in_zone(row[name]) for name in ("last_requested_at", "reminder_at")},
                    "phone": known.get(row.id) or row.phone_hint,
                    "user_id": row.sudo().user_id.name,  # sudo: the name of a colleague
                }
            )
        sheet.close()
        return file.getvalue()

    @api.model
    def _in_zone(self, moment):
        """A moment as the user's calendar has it, or None."""
        return moment and fields.Datetime.context_timestamp(self, moment).replace(tzinfo=None) or None

    @api.model
    def _get_known_numbers(self, requests):
        """Numbers of these requests the current user was shown before and may still see: dict id -> number as people write it."""
        open_now = requests.filtered(lambda r: not (r.is_locked or r.consent_withdrawn_at or r.erased_at))
        # sudo: the user's own lines of the log, and the numbers they were given by them
        seen = self.env["sop.contact.reveal"].sudo().search([("request_id", "in", open_now.ids), ("user_id", "=", self.env.uid)])
        return {request.id: f"0{request.phone.removeprefix('+84')}" for request in seen.request_id if request.phone}
