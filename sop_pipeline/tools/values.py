"""What ``create`` and ``write`` are given, read as the ORM reads it."""


def written(records, vals, name):
    """Return the value that ``vals`` gives a field: a record for a many2one, a datetime for a text.

    The ORM takes records, ids, dates as text and more; code that looks at values before they are stored
    must not expect one of these.

    :param records: the records to be written, or the model
    :param dict vals: as ``create`` or ``write`` has them
    :param str name: a field of the model; one that is not in ``vals`` reads as empty
    """
    field = records._fields[name]
    return field.convert_to_record(field.convert_to_cache(vals.get(name), records), records)
