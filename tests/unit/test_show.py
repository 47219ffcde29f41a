"""A page is shown as it is read, with what speaks against the rest of it."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.looking import SHOW
from pipeline.cli.process import main
from pipeline.errors import InputError
from pipeline.inspection.show import page_of_file
from pipeline.kernels.html.main_content.model import PAGE_TYPES
from tests.unit.extraction_pages import LINES, article

MATH = "<math alttext='a^2'><mi>a</mi></math>"
TABLE = (
    "<table><tr><th>Grain</th><th>Weight</th></tr><tr><td>Rye</td><td>3</td></tr>"
    "<tr><td>Oats</td><td>4</td></tr></table>"
)
MENU = "<div class='related-links'><a href=/a>Other mills of the valley</a></div>"
HEAD = (
    "<link rel=canonical href=/mill><meta property='article:published_time' content='2024-03-01T10:00:00Z'>"
    "<meta property='article:modified_time' content='2024-04-02'>"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    body = f"<h2>Grain\x1b[31m</h2><p>Its area is {MATH} and <code>turn()</code> turns it, as the miller says.</p>"
    path = tmp_path / "page.html"
    path.write_text(
        article(f"{body}<pre>if wheel:\n    turn()</pre>{TABLE}", HEAD).replace("</main>", f"</main>{MENU}")
    )
    return path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(SHOW, [str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(SHOW, [str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    return line


def test_what_the_page_declares_comes_first(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = shown(capsys, page, "--url", "https://mill.test/history").split("\n\n")[0].splitlines()
    values = dict(line.split(maxsplit=1) for line in facts)
    assert float(values.pop("confidence").split()[0]) > 0.5
    assert values.pop("type") in PAGE_TYPES
    assert values == {
        "from": f"{page}, read as utf-8",
        "title": "The mill on the river bend",
        "language": "en",
        "canonical": "https://mill.test/mill",
        "published": "2024-03-01T10:00:00+00:00",
        "modified": "2024-04-02",
        "engine": "blocks",
    }


def test_lines_are_marked_by_what_stands_in_them(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marks = [line.split(" │ ", 1) for line in shown(capsys, page).splitlines() if " │ " in line]
    kinds = {line: kind.strip() for kind, line in marks}
    assert kinds[LINES[0]] == ""
    assert kinds["Its area is $a^2$ and turn() turns it, as the miller says."] == "(math) (code)"
    assert (kinds["if wheel:"], kinds["    turn()"]) == ("code", "code")
    assert (kinds["Grain\tWeight"], kinds["Oats\t4"]) == ("table", "table")
    assert "heading" in kinds.values()


def test_a_terminal_obeys_no_page(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in shown(capsys, page)


def test_what_was_left_out_is_one_line_each_with_what_speaks_against_it(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = shown(capsys, page).split("left out: ")[1].splitlines()
    assert "kept from a probability of 0." in head
    (menu,) = (line for line in lines if "Other mills of the valley" in line)
    assert "all of it is links" in menu
    assert "class related-links" in menu
    (home,) = (line for line in lines if "Home" in line)
    assert "in <nav>" in home
    assert "few words" in home
    for line in lines:
        assert 0 <= float(line.split()[0]) <= 1


@pytest.mark.parametrize(("asked", "most"), [("0", 0), ("1", 1), ("all", 99), ("99", 99)])
def test_as_many_are_shown_as_are_asked_for(
    page: Path, asked: str, most: int, capsys: pytest.CaptureFixture[str]
) -> None:
    values = json.loads(shown(capsys, page, "--rejected", asked, "--json"))
    assert values["left_out"] >= 4
    assert len(values["rejected"]) == min(most, values["left_out"])
    more = "more: --rejected all" in shown(capsys, page, "--rejected", asked)
    assert more == (most < values["left_out"])


def test_json_holds_the_columns_of_the_stage(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values: dict[str, Any] = json.loads(shown(capsys, page, "--json"))
    assert values["extractor"] == "blocks"
    assert {values["text"][s["start"] : s["end"]] for s in values["spans"] if s["kind"] == "math"} == {"$a^2$"}
    assert 0 < values["extraction_confidence"] <= 1
    for block in values["rejected"]:
        assert block.keys() == {"text", "words", "probability", "why"}
        assert block["text"] not in values["text"]


def test_a_page_comes_from_standard_input_and_is_read_by_either_engine(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(page.read_bytes())))
    values = json.loads(shown(capsys, "-", "--engine", "trafilatura", "--json"))
    assert values["extractor"] == "trafilatura"
    assert LINES[3] in values["text"]
    assert "Other mills of the valley" in [block["text"] for block in values["rejected"]]


@pytest.mark.parametrize(
    "content", ["", " \n", "\0", "<nav><a href=/>Home</a></nav>", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_a_page_with_next_to_nothing_is_shown(
    tmp_path: Path, content: str | bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert "left out: " in shown(capsys, tmp_path / "a")


def test_words_that_lead_nowhere_are_answered_in_one_line(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    near = page.with_name("pag.html")
    assert refused(capsys, near) == f"error: no such file: {near}; did you mean '{page}'?"
    assert "named with --run RUN" in refused(capsys, "https://mill.test/")
    assert "Is a directory" in refused(capsys, page.parent)
    assert "no committed run" in refused(capsys, "--run", page.parent, "https://mill.test/")


@pytest.mark.parametrize("arguments", [["--rejected", "few"], ["--run", "r", "--url", "u"], ["--engine", "magic"]])
def test_options_that_make_no_sense_are_refused(page: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(SHOW, [str(page), *arguments])
    assert caught.value.code == 2


def test_no_spark_is_loaded_for_a_file(page: Path) -> None:
    check = (
        "import sys\nfrom pipeline.cli.looking import SHOW\nfrom pipeline.cli.process import main\n"
        "main(SHOW)\nsys.exit('pyspark' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check, str(page)], check=True, capture_output=True, timeout=120)


@pytest.mark.parametrize("body", [b"\x1f\x8b\x08\0" + bytes(90), b"%PDF-1.7 x", bytes(range(256)) * 9])
def test_a_file_that_holds_no_text_is_refused_by_name(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "noise.html"
    path.write_bytes(body)
    with pytest.raises(InputError, match=r"noise\.html is no page: its bytes are another format or noise"):
        page_of_file(str(path), None, None)
