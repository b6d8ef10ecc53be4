def uninstall_hook(env):
    """Take the trigger that keeps the chips' numbers off the conversations; Odoo drops tables, not functions."""
    env.cr.execute("DROP FUNCTION IF EXISTS sop_conversation_tally() CASCADE")
