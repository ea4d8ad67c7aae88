"""What would explain a wrong claim: a slip of the pen, another layer, another way of counting."""
