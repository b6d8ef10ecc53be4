"""A reminder on a buyer who was reached is an appointment: those that are set count as such."""


def migrate(cr, version):
    cr.execute(
        """UPDATE sop_contact_request SET appointment_at = COALESCE(touched_at, requested_at)
            WHERE appointment_at IS NULL AND state = 'contacted' AND reminder_at IS NOT NULL"""
    )
