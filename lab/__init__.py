"""What runs the lab: the table, the two runtimes, and the commands behind `make`."""
