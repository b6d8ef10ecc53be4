"""The command that counts the inbox's counters again; see ``Command.run``."""

import sys

from odoo import SUPERUSER_ID, api
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class SopInboxCheck(Command):
    """Count every counter of the inbox again from the messages; with --fix write what is not true."""

    name = "sop_inbox_check"

    def run(self, args):
        """Print one line for each column that is not true; exit code 1 when there was one and --fix was not given."""
        fix = "--fix" in args
        config.parse_config([argument for argument in args if argument != "--fix"], setup_logging=True)
        wrong = 0
        for name in config["db_name"]:
            with Registry(name).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                recount, tally = env["sop.conversation.recount"], env["sop.conversation.tally"]
                drift = recount._find_drift()
                for item in drift:
                    sys.stdout.write("{id}: {column} is {kept}, counted {counted}\n".format(**item))
                if fix:
                    recount.browse({item["id"] for item in drift})._recount()
                groups = tally._find_drift()
                for item in groups:
                    sys.stdout.write(f"number on the chips: {item}\n")
                if fix and groups:
                    tally._count_again()
                wrong += 0 if fix else len(drift) + len(groups)
        raise SystemExit(1 if wrong else 0)
