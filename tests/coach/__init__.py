"""The coach on plain arrays: no camera, no pose model, no Django."""
