"""Pages that hang: the watchdog that ends their worker, and the list that keeps them out of later tries."""
