"""Lists are in the order of the last time a buyer asked: each request has one."""


def migrate(cr, version):
    cr.execute("UPDATE sop_contact_request SET last_requested_at = requested_at WHERE last_requested_at IS NULL")
