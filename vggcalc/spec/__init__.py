"""YAML text to networks: places, shorthand, expressions, blocks, and the catalogue of bundled specs."""
