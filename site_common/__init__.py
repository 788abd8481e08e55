"""What the lab's sites share: settings, look, health check, lists. The kit holds none of it."""
