"""A class list as a file: read (`tables`), understood (`columns`, `checks`), previewed and enrolled (`imports`)."""
