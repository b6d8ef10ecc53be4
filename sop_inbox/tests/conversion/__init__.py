"""Consent, and conversions reported to platforms."""
