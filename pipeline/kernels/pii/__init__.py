"""Personal data in texts: found by presidio's recognisers, in the stretches that can hold any."""
