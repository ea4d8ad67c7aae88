"""Networks as bubbles: cost across, accuracy up, another figure as area; drawn, or as data for those who edit."""
