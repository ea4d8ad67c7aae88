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

YAML_PARTS = 400_000
"""Keys, values and brackets of a spec or table: a second of work, and 150 MB; the longest has some thousands."""

JSON_MARKS = 1_000_000
"""Quotes, brackets, commas and escapes of a text in JSON: parts that take memory, and a second to look through.
NASNetLarge, the longest of keras.applications, has 138,653 of them beside commas."""

ARCHIVE_BYTES = 1024 * 1024
"""The list of contents of an archive, or as much of it as is read at once."""

CALLS = 20_000
"""Layers of a Keras model, once models in it are unfolded; its largest have a thousand."""

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

CHANNELS = 1_000_000
"""Channels of all layers, each for each input, where some are left out and they are told apart: ShuffleNet v2
has 81,929."""

PLACES = 1_000_000
"""Places of maps that are followed from one unit down, or from one pixel up."""

LAYERS = 1_000_000
"""Layers of one network, unfolded: ResNet-1001 has 3,350 of them."""

FOREIGN_LAYERS = 20_000
FOREIGN_WORDS = 500_000
"""Layers of a text of another framework, and its words, signs and comments, or lines: of each, two seconds of work."""

STEPS = 150_000
"""Turns and blocks that add no layer, over three for each layer: unfolding nothing must end too."""

MATCHES = 1_000_000
"""Names that are held against patterns, each against each."""

NAME_CHARACTERS = 200
"""A layer's name, with those of the blocks round it."""

NESTING = 50
"""Blocks, turns, branches and variants inside each other."""

FOLDED = 600
"""Items, repetitions made, in which a spec that is written finds blocks: GhostNet has 214, DenseNet-264 has 47."""

SHARED_ANSWERS = 10_000
"""Equal layers are counted once; of so many different ones, few are equal."""

FAULTS = 33
"""Whoever has more of them in a file is told of these first: with its line and the place in it each takes three lines,
and all of them a hundred."""

FINDINGS = 1_000
"""Problems of one file that servers are told of; they show fewer."""

UNKNOWN_OPS = 20
UNKNOWN_PLACES = 5
"""Operations of a foreign file that nobody knows are told of one by one, and of each so many places."""

NOTES = 20
"""Notes on how a network differs from its foreign file; equal ones are told once."""

FAULTS_FOUND = 10_000
"""Here reading ends; they are counted each time that they are met, as in every turn of a repeat."""

MESSAGE = 500
HINT = 700
"""Characters of what is wrong, and of what would be right: room for two long names, and for all kinds of layer."""

TOLD = 20_000
"""Characters of all that is told of a file: with the lines that are quoted it stays below 100 KB in any script."""

EXCERPT = 160
"""Characters of a line that is quoted; a longer one is cut to what stands round the fault."""

VARIANTS_LAYERS = 50_000
"""Layers that are unfolded, after a first fault, to find those in the other networks of the file: a second of work."""

COMPARED_NAMES = 2_000
"""Each of them is compared with a misspelt one, letter by letter."""

HINTED_NAMES = 60
"""A hint that lists more names than this helps nobody."""

TABLE_CELLS = 10_000
TABLE_COLUMNS = 1_000
"""A table of published figures, or the numbers in a document; the largest has some hundreds of cells."""

DOCUMENT_SIGNS = 1_000_000
"""Comments and runs of backticks of a document in Markdown, each two microseconds of work."""

DOCUMENT_COMMANDS = 250
"""Tables of a document, each a run of vggcalc of its own that takes a few hundredths of a second."""

TABLE_LAYERS = 200_000
"""Layers that are built, counted or told of one by one for a table or document, beside its first network; the largest
table needs 18,000."""

HINTED_LAYERS = 100_000
"""The same for hints on what is wrong in it: six wrong totals of HRNets, other variants and inputs tried for each, have
less than that."""

DRAWN_ROWS = 3_000
"""Rows of a table that are drawn for a terminal, each half a millisecond; a larger one is written as into a pipe."""

DRAWN_LAYERS = 10_000
"""Layers of a network of which a picture is made; ResNet-1202, the longest that is bundled, has 4,211."""

DRAWN_PARTS = 5_000
"""Boxes and lines, maps or rows of one picture: beyond, nobody sees any, and frames are held against each box. The
graph of ResNet-1202 has 4,215 of them."""

ORDER_STATES = 20_000
ORDER_LAYERS = 500
"""How far the best order of execution is searched for; beyond, the network's own stays."""

WIRE_FIELDS = 500_000
"""Fields of an ONNX file that are looked at, each some microseconds of work: EfficientNet has 12,000; all numbers of a
weight are one."""

WIRE_DEPTH = 20
"""Graphs of branches and loops that stand in each other in an ONNX file."""

WIRE_TEXT = 10_000
"""Bytes of a name in an ONNX file."""

FOLDED_VALUES = 65_536
FOLDED_IN_ALL = 4_000_000
"""Values of a constant that is worked out, as a shape is, or the places of windows in an image, and of all of a file:
of these, two seconds of work."""
