"""The end of a study: what keeps it open, closing, opening again, and the release of the coach's feedback."""
