"""A semester that never was: invented students by the protocol's numbers, to see the report before there are data."""
