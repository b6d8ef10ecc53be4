from odoo import api, fields, models


class CrmLead(models.Model):
    """Leads made of contact requests: a rated call closes the request, a merge keeps the link."""

    _inherit = 'crm.lead'

    sop_from_request = fields.Boolean(
        "Made of a Contact Request", readonly=True, copy=False,
        help="While it has no salesperson, only its team and those who see all leads read it: the buyer's number is in it.")
    sop_request_ids = fields.One2many('sop.contact.request', 'lead_id', "Contact requests")

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {'sop_from_request'}

    def _sop_call_rated(self, call):
        """The customer was spoken to: his requests are contacted."""
        result = super()._sop_call_rated(call)
        # sudo: whoever may rate the call may not see every seller's requests
        self.sudo().sop_request_ids.filtered(lambda request: request.state != 'contacted').write({'state': 'contacted'})
        return result

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        leads = (self | opportunities).sudo()  # sudo: requests follow their lead, whoever merges
        made = all(any(lead.sop_request_ids.mapped('lead_made')) for lead in leads)
        # With what the shop itself knew of the customer, the lead is no longer the buyer's to erase.
        if any(leads.mapped('sop_from_request')):
            self.sudo().sop_from_request = True
        leads.sop_request_ids.write({'lead_id': self.id, **({} if made else {'lead_made': False})})
        return result

    def action_sop_requests(self):
        """Open the requests this lead was made of. Access: that of the requests."""
        self.ensure_one()
        self.check_access('read')
        self.env['sop.contact.request'].check_access('read')
        action = self.env['ir.actions.act_window']._for_xml_id('sop_contact_requests.sop_contact_request_action')
        action['domain'] = [('lead_id', '=', self.id)]
        return action

    def _sop_erase_buyer(self):
        """Forget the buyer in leads made of his requests; sudo. Leads with orders keep what the law wants kept."""
        for lead in self.filtered(lambda lead: not lead.order_ids):
            about = self.env['mail.message'].search([('model', '=', 'crm.lead'), ('res_id', '=', lead.id)])
            about.unlink()
            self.env['sop.call'].search([('lead_id', '=', lead.id)]).write({'number': False, 'note': False})
            lead.with_context(tracking_disable=True).write({
                'name': lead.sop_request_ids[:1].listing_name or '—', 'contact_name': False, 'partner_name': False,
                'phone': False, 'email_from': False, 'description': False})
