"""A frozen report as files: one document, drawn in every format. Nothing here asks the database or computes a test."""
