"""The command that lists what is odd in the history of stages; see ``SopPipelineCheck.run``."""

import sys

from odoo import SUPERUSER_ID, api
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class SopPipelineCheck(Command):
    """List what is odd in the history of stages and in customers' phases; with --fix derive the phases again."""

    name = "sop_pipeline_check"

    def run(self, args):
        """Print one line for each oddity; exit code 1 when there was one.

        The history itself is never changed: it is evidence.
        """
        fix = "--fix" in args
        config.parse_config([argument for argument in args if argument != "--fix"], setup_logging=True)
        found = 0
        for name in config["db_name"]:
            with Registry(name).cursor() as cr:
                check = api.Environment(cr, SUPERUSER_ID, {})["sop.history.check"]
                for oddity in check._sop_find_oddities():
                    found += 1
                    sys.stdout.write("{model} {id}: {what}\n".format(**oddity))
                if fix:
                    check._sop_fix_phases()
        raise SystemExit(1 if found else 0)
