"""Housekeeping in rounds, for methods under ``api.autovacuum``."""

ROUND = 10_000  # rows one round deletes


def vacuum(model, domain):
    """Delete a round of the oldest rows of ``domain`` with the rights of ``model``.

    :return: (rows deleted, whether there may be more): Odoo then calls again
    """
    old = model.search(domain, limit=ROUND, order="id")
    old.unlink()
    return len(old), len(old) == ROUND
