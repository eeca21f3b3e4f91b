"""The report's figures: what each shows as values (`data`), and how it is drawn (`draw`)."""
