"""A set reviewed before its reviewer has seen what the coach said."""
