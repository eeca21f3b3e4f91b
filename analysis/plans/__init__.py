"""The analysis plan of a study: what will be tested, how, on whom, and what happens to gaps. `document` is the file."""
