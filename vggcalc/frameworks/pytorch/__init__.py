"""Networks of PyTorch: live modules, and exported programs."""
