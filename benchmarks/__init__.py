"""How fast the product is, judged against what the stack allows, in one run on one machine."""
