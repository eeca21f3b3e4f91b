"""The weekly questions about health: scores, weeks, answers, reminders."""
