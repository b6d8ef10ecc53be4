"""Errors with which PostgreSQL says that another transaction got in the way: the same work, done again, may succeed."""

from odoo.exceptions import ConcurrencyError
from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

CONFLICTS = (ConcurrencyError, SerializationFailure, DeadlockDetected, LockNotAvailable)
