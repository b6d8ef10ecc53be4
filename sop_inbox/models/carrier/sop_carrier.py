from odoo import models

from ...tools.carrier_base import CarrierError
from ...tools.transport import ask_all, make_send

SHIP_BUDGET = 15.0  # seconds for handing a parcel over


class SopCarrier(models.AbstractModel):
    """What a carrier with an interface of its own must be able to do.

    A carrier is a model ``sop.carrier.<delivery type>`` that inherits this one, says the three
    things below and leaves the rest to a pure module of ``tools`` that speaks its language; nothing
    else knows its JSON.
    """

    _name = "sop.carrier"
    _description = "Carrier"
    #: module with ``quote``, ``create`` and ``cancel`` (see tools/carrier_base.py)
    _vendor = None
    #: address of the carrier's interface, unless the carrier's record has another
    _url = ""
    #: page on which the customer follows his parcel, with ``{tracking}``
    _tracking_url = ""

    def _quote_job(self, config, parcel):
        """Return a function of the deadline that asks for a price; safe to run in any thread."""
        vendor = self._vendor
        return lambda deadline: vendor.quote(config, parcel, make_send(deadline, config.trusted))

    def _call(self, operation, config, *arguments):
        """Run 'create' or 'cancel' of the carrier now, within fifteen seconds.

        :return: what the carrier's module returns
        :raise CarrierError: with a code the person's sentence is made of
        """
        function = getattr(self._vendor, operation)
        jobs = {0: lambda deadline: function(config, *arguments, make_send(deadline, config.trusted))}
        result = ask_all(jobs, SHIP_BUDGET)[0]
        if isinstance(result, CarrierError):
            raise result
        return result
