"""Consent: versioned texts, an answer for each purpose, guardians of minors, withdrawal, and what each answer does."""
