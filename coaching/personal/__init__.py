"""A student's own history: the dial of what is told, earlier sets as the reference, progress over the sets."""
