from odoo import api, models


class SopProvider(models.AbstractModel):
    """What a vendor of conversations (a social network, a messenger) must be able to do.

    A vendor is one model ``sop.provider.<name>`` that inherits this one, ``<name>`` being a
    value of ``sop.channel.app.provider``. Nothing outside it knows the vendor's format.
    """

    _name = "sop.provider"
    _description = "Provider of conversations"

    @api.private
    def verify(self, app, raw, headers):
        """Tell whether ``raw`` (bytes of a request's body) was signed by the vendor of ``app``.

        :param app: ``sop.channel.app`` whose secrets sign
        :param headers: case-insensitive mapping of the request's headers
        :return: bool, in constant time; False is the answer of a provider that knows no signature
        """
        return False

    @api.private
    def parse(self, body):
        """Turn a decoded body into a list of facts; a pure function, never raises on odd input."""
        return []

    @api.private
    def send(self, message):
        """Hand one outgoing row to the vendor; network allowed, never called in a user's transaction.

        :param message: the outgoing row, whose ``conversation_id`` names account and identity
        :return: dict, at least ``state`` ('sent', 'retry', 'failed' or 'unknown')
        """
        raise NotImplementedError

    @api.private
    def window(self, conversation):
        """Tell whether the vendor takes a free reply now.

        :return: dict ``open`` (bool), ``until`` (naive UTC datetime or None), ``reason``
            (sentence for the composer when closed) and ``alternative`` (what else can be done)
        """
        return {"open": True, "until": None, "reason": "", "alternative": ""}
