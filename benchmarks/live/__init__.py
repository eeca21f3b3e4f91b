"""What live coaching costs, and what it keeps: a real server, lifters who send what a browser sends, nobody else."""
