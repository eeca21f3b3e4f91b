"""Could data give what a paper prints? Recomputed p, granularity, and the whole numbers behind a table.

Every figure is text as printed: ".50" and ".5" are different statements. A printed figure stands for all values that
round to it, by either way of rounding a 5. So "impossible" is no matter of rounding.
"""
