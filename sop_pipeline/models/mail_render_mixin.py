from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.rendering_tools import parse_inline_template

from ..tools.rendering import code_of_markup, names_database, rendering


class MailRenderMixin(models.AbstractModel):
    """Mails, of any model, reach neither hidden fields nor the database behind them."""

    _inherit = "mail.render.mixin"

    @api.model
    def _render_template_inline_template(self, template_txt, model, res_ids, add_context=None, options=None):
        """Render a text; see core for the contract. :raise AccessError: when it names the database"""
        self._sop_check_code("\n".join(code for _text, code, _default in parse_inline_template(str(template_txt or ""))))
        with rendering(self.env):
            return super()._render_template_inline_template(template_txt, model, res_ids, add_context=add_context, options=options)

    @api.model
    def _render_template_qweb(self, template_src, model, res_ids, add_context=None, options=None):
        """Render markup; see core for the contract. :raise AccessError: when it names the database"""
        if template_src:
            self._sop_check_code(code_of_markup(template_src))
        with rendering(self.env):
            return super()._render_template_qweb(template_src, model, res_ids, add_context=add_context, options=options)

    @api.model
    def _sop_check_code(self, code):
        if names_database(code):
            raise AccessError(self.env._("A template may not use the database itself: please use fields of the record."))
