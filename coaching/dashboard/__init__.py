"""The class at a glance for its instructor, and a student's own training for home."""
