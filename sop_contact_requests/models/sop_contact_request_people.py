from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes


class SopContactRequest(models.Model):
    """A seller's company with several people: who has a request, who was shown its number, and handing it over."""

    _inherit = "sop.contact.request"

    user_id = fields.Many2one("res.users", "In the hands of", readonly=True, copy=False, ondelete="set null", help="Of the seller's people.")

    def _take_in_hand(self):
        """Who of the seller's people works on a request first has it from then on. Step of :meth:`_touch`."""
        free = self.sudo().filtered(lambda request: not request.user_id and request._is_seller(self.env.user))  # sudo: as there
        free._sop_follow_up({"user_id": self.env.uid})

    @takes(user_id=record_id)
    def action_hand_over(self, user_id):
        """Give the request, with its reminder, to another of the seller's people, who is notified. Idempotent.

        Access: as for the status.

        :raise UserError: when that person does not work for this seller
        """
        request = self._check_work()
        user = request._get_seller_people().filtered(lambda person: person.id == user_id)
        if not user:
            raise UserError(self.env._("This person does not work for the seller."))
        if request.user_id != user:
            request._sop_follow_up({"user_id": user.id})
            if request.reminder_at and not request.reminder_sent_at:
                request._sop_follow_up({"reminder_user_id": user.id})
            if user != self.env.user:
                news = {"id": request.id, "name": request.buyer_name, "by": self.env.user.name}
                user._bus_send("sop_contact_requests/handed", news)
        request._touch()
        return True

    @api.model
    def _get_colleagues(self):
        """The people of the current user's own company: list of (id, name); sudo."""
        seller = self.env.user.commercial_partner_id
        # sudo: names of one's own colleagues
        people = self.env["res.users"].sudo().search([("partner_id.commercial_partner_id", "=", seller.id)], order="name, id", limit=100)
        return [(user.id, user.name) for user in people]

    @api.model
    def _get_shown_by(self, requests):
        """Who was shown the numbers of these requests: dict id -> list of (name, moment), each person's last time, newest first."""
        lines = self.env["sop.contact.reveal"].sudo().search([("request_id", "in", requests.ids)])  # sudo: the rows are the caller's own
        shown = {request.id: {} for request in requests}
        for line in lines:
            own = line.user_id.partner_id.commercial_partner_id == line.seller_id
            name = line.user_id.name if own else self.env._("the shop")
            shown[line.request_id.id].setdefault(name, line.revealed_at)
        return {key: list(names.items()) for key, names in shown.items()}
