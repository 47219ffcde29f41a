"""A declarative shadow root is what a browser shows of its host; the host's own content stands in the slots."""

import numpy as np
import pytest

from pipeline.kernels.html.columns import BEGIN, STOP
from pipeline.kernels.html.names import no_words
from pipeline.kernels.html.tree.nodes import read_nodes
from pipeline.kernels.html.writing.blocks import read_blocks

NAMED = "<template shadowrootmode=open><p>1 <slot name=t></slot><p>2 <slot></slot></template>"
NESTED = "<x-b><template shadowrootmode=open><p>in <slot></slot></p></template><slot></slot></x-b>"
SECOND = "<template shadowrootmode=open><p>c</p></template>"


def lines(source: str) -> list[str]:
    blocks = read_blocks(read_nodes(source.encode()), no_words())
    return [bytes(blocks.text[begin:stop]).decode() for begin, stop in blocks.rows[:, [BEGIN, STOP]]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<x-a><template shadowrootmode=open><p>a</p></template></x-a>b", ["a", "b"]),
        ("<x-a><template shadowroot='closed'><p>a</p></template></x-a>b", ["a", "b"]),
        ("<x-a><template><p>a</p></template></x-a>b", ["b"]),
        ("<x-a><template shadowrootmode=no><p>a</p></template></x-a>b", ["b"]),
        ("<button><template shadowrootmode=open><p>a</p></template></button>b", ["b"]),
        ("<x-a>light<template shadowrootmode=open><p>a</p></template></x-a>b", ["a", "b"]),
        ("<x-a>light<template shadowrootmode=open><p>a<slot>none</slot>c</template></x-a>b", ["alightc", "b"]),
        ("<x-a><template shadowrootmode=open><p>a <slot>none</slot></template></x-a>b", ["a none", "b"]),
        (
            f"<x-a>{NAMED}<b>x</b><i slot=t>y</i><u slot=z>gone</u></x-a>b",
            ["1 y", "2 x", "b"],
        ),
        (
            f"<div><template shadowrootmode=open>{NESTED}<p>out</p></template>light</div>b",
            ["in light", "out", "b"],
        ),
        (
            f"<x-a><template shadowrootmode=open><p>a</p></template>{SECOND}</x-a>b",
            ["a", "b"],
        ),
        ("<x-a><template shadowrootmode=open><template><p>c</p></template><p>a</p></template></x-a>b", ["a", "b"]),
        ("<template shadowrootmode=open><p>a</p></template>b", ["b"]),
    ],
)
def test_hosts_show_their_shadow_roots(source: str, expected: list[str]) -> None:
    assert lines(source) == expected


def test_rows_stay_in_document_order() -> None:
    page = read_nodes(f"<x-a><i slot=t>y</i>{NAMED}<u>gone</u></x-a><p>b<table>c".encode())
    assert (page.nodes[1:, 1] < np.arange(1, len(page.nodes))).all()


def test_many_hosts_and_slots_cost_what_they_hold() -> None:
    slots = "".join(f"<slot name=s{number}></slot>" for number in range(3000))
    light = "".join(f"<i slot=s{number}>y </i>" for number in range(3000))
    assert len(lines(f"<x-a><template shadowrootmode=open><p>{slots}</template>{light}</x-a>")) == 1
    assert lines("<x-a><template shadowrootmode=open>" * 200 + "x") == ["x"]
