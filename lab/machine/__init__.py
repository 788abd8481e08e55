"""This machine: what is installed, ports, processes, waiting. Nothing of the lab's own."""
