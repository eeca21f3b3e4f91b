"""The instructor's corrections: one repetition at a time, beside the coach's verdict, never over it."""
