"""What every reader and writer of files relies on."""
