from odoo import api, models

from ..tools import carrier_base
from ..tools.http_budget import run_all

SHIP_BUDGET = 15.0  # seconds for handing a parcel over


class SopCarrier(models.AbstractModel):
    """What a carrier with an interface of its own must be able to do.

    A carrier is a model ``sop.carrier.<delivery type>`` that inherits this one and a pure module
    of ``tools`` that speaks its language; nothing else knows its JSON.
    """

    _name = "sop.carrier"
    _description = "Carrier"

    @api.private
    def vendor(self):
        """Return the module with ``quote``, ``create`` and ``cancel`` (see tools/carrier_base.py)."""
        raise NotImplementedError

    @api.private
    def default_url(self):
        """Address of the carrier's interface, unless the carrier's record has another."""
        raise NotImplementedError

    @api.private
    def tracking_url(self, tracking):
        """Return where the customer follows his parcel."""
        raise NotImplementedError

    @api.private
    def quote_job(self, config, parcel):
        """Return a function of ``send`` that asks for a price; safe to run in any thread."""
        vendor = self.vendor()
        return lambda send: vendor.quote(config, parcel, send)

    @api.private
    def call(self, operation, *arguments):
        """Run 'create' or 'cancel' of the carrier now; raises CarrierError."""
        function = getattr(self.vendor(), operation)
        result = run_all({0: lambda send: function(*arguments, send)}, SHIP_BUDGET)[0]
        if isinstance(result, carrier_base.CarrierError):
            raise result
        return result
