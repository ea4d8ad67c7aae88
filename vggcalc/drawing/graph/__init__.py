"""The graph of a network: its boxes and arrows, where they stand, and how they are drawn or written."""
