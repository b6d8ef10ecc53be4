"""Errors with which PostgreSQL says that another transaction got in the way: the same work, done again, may succeed."""

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

__all__ = ["CONFLICTS"]
