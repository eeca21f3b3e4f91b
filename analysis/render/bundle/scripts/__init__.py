"""Files of a bundle that are the same in each, or but for one place. They import nothing of LiftLab."""
