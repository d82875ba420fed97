"""The statistics of the product: pure functions of counts, standard library only."""
