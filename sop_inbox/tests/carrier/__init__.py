"""Fees, parcels and collected cash of carriers."""
