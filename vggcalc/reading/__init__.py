"""Files and YAML: texts within bounds, nodes with places, typed reading, whole-number expressions."""
