"""Injuries: entered, corrected, read."""
