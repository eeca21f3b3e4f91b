"""Promises about data and how they are kept: keys, expiry, erasure, exports by pseudonym (docs/privacy.md)."""
