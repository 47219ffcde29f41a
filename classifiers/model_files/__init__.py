"""Where the files of models lie: in their folders, elsewhere on the machine, in the hub's cache."""
