"""A report that a stranger can rerun: its data, its numbers, and scripts that reach them without us."""
