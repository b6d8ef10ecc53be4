"""Leads that were made of a request say so: while they have no salesperson, their team alone reads the number."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE crm_lead SET sop_from_request = TRUE
          FROM sop_contact_request request
         WHERE request.lead_id = crm_lead.id AND request.lead_made AND crm_lead.sop_from_request IS NOT TRUE
        """
    )
