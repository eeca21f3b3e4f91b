"""Before the data: how many students a study needs, and what a class of a given size can see."""
