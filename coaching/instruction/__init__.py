"""What the instructor says of a film or a lesson, in both groups alike: words, cues, points, the next load."""
