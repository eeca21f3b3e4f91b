"""How much was trained: lessons, films, the calendar."""
