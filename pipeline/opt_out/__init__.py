"""Files by which sites opt out, given to a run, brought together with its pages."""
