"""Do the intervals cover as often as they say, and do the tests reject as rarely? By simulation, at a class's size."""
