from odoo.http import HttpDispatcher


class SignedDispatcher(HttpDispatcher):
    """Routes with ``type="sop_signed"``: a machine posts bytes and signs them.

    The body is left as it came: ``type="http"`` takes it apart where the content type is a form's, as that of
    ``curl -d`` is, and nothing is left to check the signature over. Parameters come from the address alone. There is
    no CSRF token: the signature is what proves who calls.
    """

    routing_type = "sop_signed"

    def dispatch(self, endpoint, args):
        """Call the endpoint; see core for the contract."""
        self.request.params = {**self.request.httprequest.args, **args}
        return self.request.registry["ir.http"]._dispatch(endpoint)
