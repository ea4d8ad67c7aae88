"""What is mutated: bundled specs and tables, the bad corpus, the files, marks and command lines of the docs."""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import Sequence
from functools import cache

from documents import DOCUMENTS, ROOT, blocks

from fuzzing.case import FRAMEWORKS, Case
from fuzzing.foreign import formats
from fuzzing.mutate import LARGEST, mutated, mutated_arguments

QUESTIONS = tuple(map(str.split, (
    "show NET", "show NET", "show NET", "show NET --format json", "show NET --format csv --all-layers",
    "show NET --format markdown", "show NET --format latex", "show NET --format html", "show NET --format github",
    "show NET --convention thop", "show NET --memory torchinfo", "show NET --batch 7 --dtype float16 --training",
    "show NET --until conv1_1", "show NET --no-top --dense", "show NET --input 64x64", "show NET --input 3x224x224",
    "show NET --classes 7 --set w=3", "show NET --columns layer,type,output,rf,jump,padding,center,params,macs",
    "show NET --sort macs --top 3", "show -", "explain NET", "explain NET conv1_1", "explain NET --format json",
    "rf NET", "rf NET --layer conv1_1", "rf NET --layer conv1_1 --at 3,3", "rf NET --layer conv1_1 --picture out.svg",
    "memory NET", "memory NET --fits 8GB --optimizer adam", "memory NET --format json", "why NET",
    "why NET --between thop fvcore", "compare NET NET", "compare NET A --format csv", "compare NET NET,batch=2",
    "check NET", "validate net.yaml", "validate net.yaml --format sarif", "convert NET", "convert NET --flat",
    "convert NET -o out.yaml", "convert NET --strict",
)))  # fmt: skip
"""What is asked of a spec; NET stands for its file, or for one of its variants."""

CHECKS = tuple(map(str.split, (
    "check FILE", "check FILE", "check FILE --all", "check FILE --errata", "check FILE --strict", "check .",
    "check FILE --format json", "check FILE --format github", "check FILE --format junit",
    "check FILE --format markdown", "validate FILE",
)))  # fmt: skip

NUMBERS_IN_TEXT = (
    "A params|132.9 M", "A params|133 M", "vgg16 operations thop-2019|15.61 G", "lenet params|61,706", "A macs|7.6 G",
    "net.yaml params|448", "net.yaml conv1_1 macs|<= 5M", "A pool5 rf|150", "A input|224x224x3", "A conv1_1 output|7",
    "A,classes=10 params|128,807,306", "net.yaml,input=64x64 output|64 x 64 x 16", "A live|< 30 MiB",
    "alexnet macs|.7G", "net.yaml params --convention thop|1 k",
    "A params|138\\,M", "A params|**132,863,336**", "A params|`133` M",
)  # fmt: skip
TABLES_IN_TEXT = ("show net.yaml", "rf --stack 3x3", "compare A net.yaml", "list figures",
                  "layer conv3-8 --input 8x8x3", "show net.yaml --columns layer,output",
                  "explain net.yaml conv1_1", "check net.yaml")  # fmt: skip

SMALL = """family: net
input: 16x16x3
vars: {w: 4}
defaults: {conv: {padding: half, activation: relu}}
layers: [conv3-16, maxpool, {residual: {name: r, layers: [conv3-$(4*w)]}}, globalavgpool, fc-10]
"""
SLOW_TABLES = (
    "densenet",
    "resnet-table",
    "receptive",
    "keras-app",
    "hp-dl",
    "torchvision",
    "mobilenet-v1-tables",
    "googlenet-table1",
    "thop-readme",
    "resnet-text",
    "hrnet",
)
FEW = 0.04
"""How often a large one is mutated: what it is made of matters more than its size, and small ones are quick."""


@cache
def specs() -> tuple[list[bytes], list[bytes]]:
    """Small ones and large ones."""
    texts = [path.read_bytes() for path in sorted((ROOT / "specs").glob("*.yaml"))]
    corpus = [path.read_bytes() for path in sorted((ROOT / "tests" / "specs" / "bad").glob("*.yaml"))]
    shown = [text for name, text in files_of_docs() if text.startswith(b"# file: ") and b"family:" in text]
    small = [SMALL.encode(), *shown, *corpus, *pieces()]
    return [text for text in small if len(text) < 3000], texts


def pieces() -> list[bytes]:
    """One layer of each kind with what it needs, as small specs."""
    from one_layer import EACH, written

    made = []
    for row in EACH.values():
        kind, *words = written(row)
        inputs = [words[place + 1] for place, word in enumerate(words) if word == "--input"]
        fields = ", ".join(word.replace("=", ": ") for word in words[: words.index("--input")])
        named = ", ".join(f"i{number}: {shape}" for number, shape in enumerate(inputs))
        sources = ", ".join(f"i{number}" for number, _ in enumerate(inputs))
        options = f"{{from: [{sources}]{', ' + fields if fields else ''}}}"
        made.append(f"family: k\ninput: {{{named}}}\nlayers:\n  - {kind}: {options}\n".encode())
    return made


@cache
def files_of_docs() -> tuple[tuple[str, bytes], ...]:
    """The files that the docs tell a reader to write, by name."""
    found = {block.file: block.text.encode() for page in DOCUMENTS for block in blocks(page, "yaml") if block.file}
    return tuple(sorted(found.items()))


@cache
def tables() -> tuple[list[bytes], list[bytes]]:
    """Small ones and large or slow ones."""
    paths = sorted((ROOT / "specs" / "published").glob("*.yaml"))
    shown = [text for _, text in files_of_docs() if b"table:" in text]
    small = [p for p in paths if p.stat().st_size < 3200 and not p.name.startswith(SLOW_TABLES)]
    return [*shown * 3, *(path.read_bytes() for path in small)], [path.read_bytes() for path in paths]


@cache
def commands() -> list[tuple[str, ...]]:
    """Every command line of vggcalc in the docs, without what a shell makes of its output."""
    found = []
    for page in DOCUMENTS:
        for block in blocks(page, "console", "sh"):
            for part in re.split(r"[|;]|&&|\$ ", block.text.replace("\\\n", " ")):
                if part.strip().startswith("vggcalc "):
                    try:
                        words = shlex.split(part.partition("\n")[0].partition(">")[0])
                    except ValueError:
                        continue
                    found.append(tuple(words[1:]))
    return sorted({words for words in found if words and not any(word.startswith(SLOW_TABLES) for word in words)})


def document(dice: random.Random, latex: bool) -> bytes:
    """A page of some sentences and tables with marks, as Markdown or as LaTeX."""
    parts = []
    for _ in range(dice.randint(1, 4)):
        words, _, number = dice.choice(NUMBERS_IN_TEXT).partition("|")
        table = dice.choice(TABLES_IN_TEXT)
        if latex:
            parts += [f"It has \\vggcalc{{{words}}}{{{number}}} of them, $x$ and \\%.", "% a comment"]
            parts += ["\\begin{table}", f"% vggcalc {table}", "old & table \\\\", "% /vggcalc", "\\end{table}"]
        else:
            parts += [f"It has <!-- vggcalc {words} -->{number}<!-- /vggcalc --> of them.", "", "```text", "a", "```"]
            parts += ["", f"> <!-- vggcalc {table} -->" if dice.random() < 0.1 else f"<!-- vggcalc {table} -->"]
            parts += ["", "old | table", "", "<!-- /vggcalc -->", ""]
    end = dice.choice(("\n", "\n", "\r\n"))
    start, count = dice.randrange(3), dice.choice((1, 3, 7, 99))
    return end.join(parts[start : start + count] or parts).encode() + end.encode()


def _pick(pools: tuple[list[bytes], list[bytes]], dice: random.Random) -> bytes:
    return dice.choice(pools[dice.random() < FEW])


def _asked(line: Sequence[str], text: bytes, dice: random.Random) -> tuple[str, ...]:
    """A question with the file in it, or one of its variants, and the layers that its text seems to name."""
    known = [name.decode() for name in re.findall(rb"^  (\w+):", text[:4000], re.M)]
    net = f"net.yaml:{dice.choice(known)}" if known and b"variants" in text and dice.random() < 0.8 else "net.yaml"
    named = [name.decode() for name in re.findall(rb"name: (\w+)", text[:4000])]
    layer = dice.choice([*named, "conv1_1", "input"])
    return tuple(layer if word == "conv1_1" and dice.random() < 0.5 else word.replace("NET", net, 1) for word in line)


def case(kind: str, seed: int, number: int) -> Case:
    """The case of this number, the same for ever: nothing else decides about it."""
    dice = random.Random(f"{kind} {seed} {number}")
    if kind == "commands":
        line = mutated_arguments(dice.choice(commands()), dice.choice(commands()), dice)
        return Case(line, (*files_of_docs(), ("paper.md", document(dice, latex=False))))
    if kind == "specs":
        text = mutated(_pick(specs(), dice), _pick(specs(), dice), dice)
        return Case(_asked(dice.choice(QUESTIONS), text, dice), (("net.yaml", text),))
    if kind in FRAMEWORKS:
        form = dice.choice(formats()[kind])
        line = tuple(word.replace("NET", form.file).replace("net.yaml", form.file) for word in dice.choice(QUESTIONS))
        return Case(line, ((form.file, form.made(dice)),))
    if kind == "tables":
        text = mutated(_pick(tables(), dice), _pick(tables(), dice), dice)
        net = mutated(SMALL.encode(), _pick(specs(), dice), dice) if dice.random() < 0.05 else SMALL.encode()
        line = tuple(word.replace("FILE", "table.yaml") for word in dice.choice(CHECKS))
        return Case(line, (("table.yaml", text), ("net.yaml", net)))
    latex = dice.random() < 0.4
    name = "paper.tex" if latex else "paper.md"
    text = document(dice, latex)
    if kind == "documents" or dice.random() < 0.7:
        text = mutated(text, document(dice, latex), dice)
    line = tuple(word.replace("FILE", name) for word in dice.choice(CHECKS))
    line = ("check", name, "--fix") if kind == "fix" else line
    return Case(line, ((name, text[:LARGEST]), ("net.yaml", SMALL.encode())))
