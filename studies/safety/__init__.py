"""Alerts that an instructor must see at once."""
