"""What the coach is worth, as commands: on real clips, on the simulator and on labelled tables."""
