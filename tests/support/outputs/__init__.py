"""What programs print while they work, written down from how they look, with what a person reads from it."""
