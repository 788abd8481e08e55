"""The two ways to run the lab, local processes and Compose, and what both need."""
