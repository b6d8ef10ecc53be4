from odoo import api, fields, models

FAULTS = [
    ("buyer", "The buyer does not want it"),
    ("unclear", "Unclear"),
    ("shop", "The goods or the shop"),
    ("data", "Address, number or amount is wrong"),
    ("sender", "The sender asked for it"),
    ("carrier", "The carrier"),
]


class SopParcelReason(models.Model):
    """Why a carrier could not deliver: its code, its words, and whose doing that is. One that is not sorted yet is unclear."""

    _name = "sop.parcel.reason"
    _description = "Reason of a Carrier"
    _order = "delivery_type, code"

    name = fields.Char(required=True)
    delivery_type = fields.Selection(selection="_selection_delivery_type", string="Carrier", required=True, index=True)
    code = fields.Char(required=True)
    fault = fields.Selection(FAULTS, "Whose Doing", required=True, default="unclear")

    _once = models.UniqueIndex("(delivery_type, code)", "This reason is there already.")

    @api.model
    def _selection_delivery_type(self):
        return [("ghn", "GHN"), ("ghtk", "GHTK"), ("viettelpost", "Viettel Post"), ("jt", "J&T")]

    @api.model
    def _reason(self, delivery_type, code, words):
        """Return the reason of a code, made when it arrives for the first time; none without a code."""
        if not code:
            return self.browse()
        found = self.search([("delivery_type", "=", delivery_type), ("code", "=", code)])
        return found or self.create({"delivery_type": delivery_type, "code": code, "name": words or code})
