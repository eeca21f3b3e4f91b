"""Reports that were computed once and never change: built in the background, read for as long as the study lives."""
