import logging

from odoo import models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class MailTemplate(models.Model):
    """A quotation is sent whether or not a PDF of it can be made: its mail carries the link to the portal."""

    _inherit = "mail.template"

    def _generate_template_attachments(self, res_ids, render_fields, render_results=None):
        """Leave reports out that cannot be made (no wkhtmltopdf, or it fails); see core for the contract."""
        try:
            return super()._generate_template_attachments(res_ids, render_fields, render_results=render_results)
        except UserError as error:
            if type(error) is not UserError or not self.report_template_ids or "report_template_ids" not in render_fields:
                raise  # rights and rules are not about the PDF
            _logger.warning("Template %s goes out without its report, which could not be made", self.id)
        results = {} if render_results is None else render_results
        for res_id in res_ids:  # half of them may have been made
            results.setdefault(res_id, {})["attachments"] = []
        return super()._generate_template_attachments(res_ids, set(render_fields) - {"report_template_ids"}, render_results=results)
