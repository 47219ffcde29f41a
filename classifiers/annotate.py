"""Label documents by a large language model: `python -m classifiers.annotate pages.jsonl.gz --prompt quality …`.

Any server that speaks OpenAI's protocol is asked. Answers are kept as they come; run the same command again to go on.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from threading import Event
from typing import Any, Final

from tqdm import tqdm

from classifiers.annotation.answers import json_schema
from classifiers.annotation.asking import Patience
from classifiers.annotation.cache import OutcomeCache
from classifiers.annotation.costs import Prices
from classifiers.annotation.job import Estimate, Job, Totals, ask_all, estimate, table_schema, write_table
from classifiers.annotation.prompt_files import AnnotationError, Prompt, prompt_names, read_prompt
from classifiers.annotation.server import Server, ServerError
from classifiers.annotation.tables import Columns, check_name

_STATUSES: Final = ("answered", "refused", "invalid", "failed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Annotate a table.

    Args:
        arguments: Of the command line.

    Returns:
        0 when every document has a verdict, or none that another run would change; 1 when some failed, or an error is
        printed; 130 when it was interrupted.
    """
    options = _parser().parse_args(arguments)
    prices = Prices(options.price_in, options.price_out)
    stop = Event()
    try:
        job = _job(options)
        table_schema(job)
        check_name(options.output)
        server = Server(options.server, os.environ.get(options.key_variable), options.timeout)
        cache_path = options.cache or options.output.with_name(f"{options.output.name}.answers")
        with OutcomeCache(cache_path) as cache:
            expected = estimate(job, cache)
            _say(_before(expected, prices, cache.damaged))
            if options.dry_run:
                return 0
            patience = Patience(options.tries, options.answers, stop.wait, Random())  # noqa: S311  (jitter)
            with tqdm(total=expected.questions, unit="question", disable=None) as bar:
                ask_all(job, cache, server.ask, patience, options.concurrency, stop, lambda _: bar.update())
            totals = write_table(job, cache, options.output)
    except (AnnotationError, ServerError, OSError) as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("interrupted; answers that came are kept: run the same command again to go on")
        return 130
    _say(_after(totals, prices, options.output))
    return 1 if totals.rows["failed"] > expected.empty else 0


def _job(options: argparse.Namespace) -> Job:
    """Return what the command line asks for."""
    prompt = read_prompt(options.prompt)
    keep = tuple(name for name in options.keep.split(",") if name)
    columns = Columns(options.id, options.text, options.language, keep)
    return Job(prompt, options.model, _settings(options, prompt), tuple(options.inputs), columns, options.limit)


def _settings(options: argparse.Namespace, prompt: Prompt) -> dict[str, Any]:
    """Return the keys of a request beside model and messages."""
    settings: dict[str, Any] = {"temperature": 0, "max_tokens": options.max_tokens}
    if options.form == "schema":
        described = {"name": prompt.name, "strict": True, "schema": json_schema(prompt.answer)}
        settings["response_format"] = {"type": "json_schema", "json_schema": described}
    elif options.form == "object":
        settings["response_format"] = {"type": "json_object"}
    try:
        extra = json.loads(options.extra)
    except ValueError as error:
        raise AnnotationError(f"--extra is no JSON: {error}") from None
    if not isinstance(extra, dict) or extra.keys() & {"model", "messages", "stream", "n"}:
        raise AnnotationError(
            "--extra is a JSON object without model, messages, stream and n, which are not its to say"
        )
    return {name: value for name, value in {**settings, **extra}.items() if value is not None}


def _before(expected: Estimate, prices: Prices, damaged: int) -> str:
    lines = [
        f"{expected.documents:,} documents; {expected.settled:,} asked about before, {expected.empty:,} without text"
    ]
    if damaged:
        lines.append(f"{damaged:,} damaged lines of the cache are passed over")
    guessed = prices.line(expected.tokens_in, expected.tokens_out)
    return "\n".join([*lines, f"{expected.questions:,} questions to ask, by a guess {guessed}"])


def _after(totals: Totals, prices: Prices, output: Path) -> str:
    counts = " + ".join(f"{totals.rows[status]:,} {status}" for status in _STATUSES)
    lines = [f"{output}: {totals.rows.total():,} rows = {counts}"]
    if totals.rows["failed"]:
        lines.append("run again to ask about those that failed")
    return "\n".join([*lines, f"these rows took {prices.line(totals.tokens_in, totals.tokens_out)}"])


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _at_least_one(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than one")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m classifiers.annotate", description=__doc__)
    add = parser.add_argument
    add("inputs", nargs="+", type=Path, metavar="TABLE", help=".jsonl, .jsonl.gz or .parquet")
    add("--output", required=True, type=Path, metavar="FILE", help="a table of the same kinds")
    add("--prompt", required=True, metavar="NAME", help=f"{', '.join(prompt_names())}, or a file of your own")
    add("--server", required=True, metavar="URL", help="of an API like OpenAI's: http://127.0.0.1:8000/v1")
    add("--model", required=True, metavar="NAME", help="as the server calls it")
    add("--key-variable", default="OPENAI_API_KEY", metavar="NAME", help="of the environment, with the server's key")
    add("--id", default="doc_id", metavar="COLUMN")
    add("--text", default="text", metavar="COLUMN")
    add("--language", metavar="COLUMN", help="of ISO 639 codes; `language`, where there is one")
    add("--keep", default="", metavar="COLUMNS", help="columns to write too, with commas: text,url,language")
    add("--limit", type=_at_least_one, metavar="N", help="documents at most")
    add("--cache", type=Path, metavar="FILE", help="of answers; the output's name and .answers")
    add("--concurrency", type=_at_least_one, default=16, metavar="N", help="questions at a time")
    add("--tries", type=_at_least_one, default=8, metavar="N", help="requests without a reply before one has failed")
    add("--answers", type=_at_least_one, default=3, metavar="N", help="answers of a wrong form before one is invalid")
    add("--timeout", type=float, default=120.0, metavar="SECONDS", help="without a byte")
    add("--max-tokens", type=_at_least_one, default=400, metavar="N", help="of an answer")
    add("--form", choices=("schema", "object", "none"), default="schema", help="how the server is told of JSON")
    add("--extra", default="{}", metavar="JSON", help="other keys of a request; null leaves one out")
    add("--price-in", type=float, default=0.0, metavar="P", help="of a million tokens of questions")
    add("--price-out", type=float, default=0.0, metavar="P", help="of a million tokens of answers")
    add("--dry-run", action="store_true", help="tell what it would ask and cost, and ask nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
