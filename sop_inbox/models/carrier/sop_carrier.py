from odoo import models

from ...tools.carrier_base import CarrierError
from ...tools.transport import ask_all, make_send

SHIP_BUDGET = 15.0  # seconds for handing a parcel over
LIST_BUDGET = 120.0  # seconds for a carrier's whole list of wards; no person waits for it


def _refuse(ward):
    raise CarrierError("unserved", ward)


class SopCarrier(models.AbstractModel):
    """What a carrier with an interface of its own must be able to do.

    A carrier is a model ``sop.carrier.<delivery type>`` that inherits this one, says the three
    things below and leaves the rest to a pure module of ``tools`` that speaks its language; nothing
    else knows its JSON.
    """

    _name = "sop.carrier"
    _description = "Carrier"
    #: module with ``quote``, ``create``, ``cancel`` and perhaps ``ask`` (see tools/carrier_base.py)
    _api = None
    #: module with the life of a parcel (see tools/parcel_life.py)
    _life = None
    #: address of the carrier's interface, unless the carrier's record has another
    _url = ""
    #: page on which customers follow their parcel, with ``{tracking}``
    _tracking_url = ""

    def _quote_job(self, config, parcel):
        """Return a function of the deadline that asks for a price; safe to run in any thread."""
        api = self._api
        for address in (parcel.sender, parcel.receiver):
            if address.closed:
                return lambda deadline, ward=address.ward: _refuse(ward)
        return lambda deadline: api.quote(config, parcel, make_send(deadline, config.trusted))

    def _call(self, operation, config, *arguments, **options):
        """Run a function of the carrier's modules now ('create', 'ask', 'cancel', 'follow' ...), within fifteen seconds.

        :return: what it returns
        :raise CarrierError: with a code the person's sentence is made of
        """
        function = getattr(self._api, operation, None) or getattr(self._life, operation)
        jobs = {0: lambda deadline: function(config, *arguments, make_send(deadline, config.trusted), **options)}
        result = ask_all(jobs, SHIP_BUDGET)[0]
        if isinstance(result, CarrierError):
            raise result
        return result

    def _places(self, config):
        """Return the carrier's own list of wards, as its module's ``places`` gives it; [] of a carrier that has none."""
        fetch = getattr(self._api, "places", None)
        if not fetch:
            return []
        result = ask_all({0: lambda deadline: fetch(config, make_send(deadline, config.trusted))}, LIST_BUDGET)[0]
        if isinstance(result, CarrierError):
            raise result
        return result

    def _looks_up(self):
        """Whether the carrier says what became of a parcel by our reference."""
        return hasattr(self._api, "ask")

    def _is_signed(self, headers, query, body, config):
        """See tools/parcel_life.py."""
        return self._life.is_signed(headers, query, body, config)

    def _read_webhook(self, body):
        """Return the events of a webhook; Unreadable when there is none in it."""
        return self._life.read(body)

    def _hand_over(self, config, parcel, again):
        """Hand a parcel over; after an unknown outcome the carrier is asked first.

        The same reference never makes a second parcel at the carrier, so where it cannot say, or not clearly, handing over
        again is the question; a refusal then leaves the outcome unknown.

        :param again: whether it was handed over before, and what became of it is unknown
        :return: its Shipment
        :raise CarrierError: see ``_call``; ``in_doubt`` separates a refusal from an unknown outcome
        """
        absent = not again
        if again and self._looks_up():
            try:
                if found := self._call("ask", config, parcel):
                    return found
                absent = True
            except CarrierError as error:
                if error.code != "refused":
                    raise CarrierError(error.code, error.detail, sent=True) from None
        try:
            return self._call("create", config, parcel)
        except CarrierError as error:
            if absent:
                raise
            raise CarrierError(error.code, error.detail, sent=True) from None
