"""How complete the data of a study are, all groups together: for researcher, owner and instructors while it runs."""
