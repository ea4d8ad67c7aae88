"""Pictures in SVG: a canvas, and what is drawn on it."""
