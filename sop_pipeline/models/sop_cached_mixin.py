from odoo import api, models


class SopCachedMixin(models.AbstractModel):
    """Few rows that are read at every step: what is made of them stays in the registry's cache (``ormcache``) until one of them changes."""

    _name = "sop.cached.mixin"
    _description = "Rows Kept in the Registry's Cache"

    @api.model_create_multi
    def create(self, vals_list):
        """Forget what was cached; see core for the contract."""
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        """Forget what was cached; see core for the contract."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Forget what was cached; see core for the contract."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
