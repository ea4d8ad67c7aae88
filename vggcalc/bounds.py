"""What is worked with: every bound in one place, each with its reason. Who meets one is told so.

All are far beyond any network that was ever published; what lies beyond them is a mistake, or meant to hurt.
"""

from __future__ import annotations

FILE_BYTES = 16 * 1024 * 1024
"""A spec, table or document: a thousand times a long one, and still read in a second."""

PIPE_SECONDS = 2
"""Who names a pipe has started whoever writes into it; so long that one may take to begin."""

YAML_DEPTH = 100
"""Levels of nesting in a text; the parser and the reader go down one call each."""

EXPRESSION_CHARACTERS = 200
EXPRESSION_NUMBER = 10**40
"""Far more than any figure needs, and few enough digits to stay quick."""

FIELD = 10**9
"""Numbers of layers and settings: nothing counts so many channels, pixels or images."""

ELEMENTS = 10**15
"""Values of one map: four petabytes of float32. Who sees more pixels than that sees padding."""

PARTS = 10**1000
"""Parts of a pixel by which the fields of two units differ: each resizing there and back multiplies them."""

FIELDS = 200_000
"""Receptive fields of a network beside one for each layer: those of further inputs, and of units that see more or less
than their neighbours, as resizing makes them. SegNet has 5,444 of them, and each takes microseconds."""

LAYERS = 1_000_000
"""Layers of one network, unfolded: ResNet-1001 has 3,350 of them."""

STEPS = 250_000
"""Turns and blocks that add no layer, over three for each layer: unfolding nothing must end too."""

NAME_CHARACTERS = 200
"""A layer's name, with those of the blocks round it."""

NESTING = 50
"""Blocks, turns, branches and variants inside each other."""

SHARED_ANSWERS = 10_000
"""Equal layers are counted once; of so many different ones, few are equal."""

FAULTS = 100
"""Whoever has more of them in a file is told of these first."""

COMPARED_NAMES = 2_000
"""Each of them is compared with a misspelt one, letter by letter."""

HINTED_NAMES = 60
"""A hint that lists more names than this helps nobody."""

TABLE_CELLS = 100_000
TABLE_COLUMNS = 1_000
"""A table of published figures; the largest has some hundreds of cells."""

ORDER_STATES = 20_000
ORDER_LAYERS = 500
"""How far the best order of execution is searched for; beyond, the network's own stays."""
