"""A table annotated: each question asked once, under a limit of questions at a time, and every row accounted for."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple

import pyarrow as pa

from classifiers.annotation.asking import Outcome, Patience, Status, StoppedError, ask_until_answered
from classifiers.annotation.cache import OutcomeCache
from classifiers.annotation.costs import guessed_answer, guessed_question
from classifiers.annotation.prompt_files import AnnotationError, Prompt
from classifiers.annotation.server import Reply
from classifiers.annotation.tables import Columns, Document, TableWriter, read_documents

_EMPTY: Final = Outcome("failed", None, "the document has no text", 0, 0, 0)
_IN_A_ROW: Final = 50
"""Questions that fail one after another before all is stopped: then it is the server that fails, not the documents."""


class Job(NamedTuple):
    """What is asked of which documents.

    Attributes:
        prompt: The question.
        model: As the server calls it.
        settings: Other keys of a request: temperature, max_tokens, response_format.
        inputs: Tables.
        columns: Of them.
        limit: So many documents at most.
    """

    prompt: Prompt
    model: str
    settings: dict[str, Any]
    inputs: tuple[Path, ...]
    columns: Columns
    limit: int | None

    def documents(self) -> Iterator[Document]:
        """Yield the documents, in their order."""
        return read_documents(self.inputs, self.columns, self.limit)

    def body(self, document: Document) -> dict[str, Any]:
        """Return the request about a document."""
        words = self.prompt.ask(document.text, document.language)
        return {"model": self.model, "messages": [{"role": "user", "content": words}], **self.settings}

    def key(self, body: dict[str, Any]) -> str:
        """Return what a question is known by: the prompt, the model, the text that is shown, and the settings."""
        whole = json.dumps([self.prompt.digest, body], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


class Estimate(NamedTuple):
    """What a job will ask.

    Attributes:
        documents: Rows.
        empty: Of them, without a text: never asked about.
        settled: Rows whose question has an outcome from before.
        questions: To be asked; documents of which the same is shown share one.
        tokens_in: Of these, by a guess.
        tokens_out: Of their answers, by a guess.
    """

    documents: int
    empty: int
    settled: int
    questions: int
    tokens_in: int
    tokens_out: int


class Totals(NamedTuple):
    """What became of a job.

    Attributes:
        rows: By status.
        tokens_in: Of all questions about these rows, in this run and before.
        tokens_out: Of the answers.
    """

    rows: Counter[Status]
    tokens_in: int
    tokens_out: int


def estimate(job: Job, cache: OutcomeCache) -> Estimate:
    """Read all documents, and tell what there is to ask."""
    documents = empty = settled = tokens = 0
    new: set[str] = set()
    for document in job.documents():
        documents += 1
        if not document.text.strip():
            empty += 1
            continue
        body = job.body(document)
        key = job.key(body)
        if key in cache.outcomes:
            settled += 1
        elif key not in new:
            new.add(key)
            tokens += guessed_question(body["messages"][0]["content"])
    return Estimate(documents, empty, settled, len(new), tokens, len(new) * guessed_answer(job.prompt.answer))


def ask_all(
    job: Job,
    cache: OutcomeCache,
    ask: Callable[[dict[str, Any]], Reply],
    patience: Patience,
    concurrency: int,
    stop: Event,
    tell: Callable[[Outcome], object],
) -> None:
    """Ask what was not asked before.

    Whatever ends it (an error, Ctrl-C), questions that are under way are waited for, and their answers kept.

    Args:
        job: What is asked.
        cache: Where outcomes are put as they come.
        ask: Asks a server once.
        patience: How often, and with which pauses.
        concurrency: So many questions at a time.
        stop: Is set when it ends early, so that nobody waits out a pause.
        tell: Is called with each outcome.

    Raises:
        ServerError: The server takes no question at all.
        AnnotationError: Fifty questions in a row failed.
    """

    def settle(key: str, body: dict[str, Any]) -> Outcome | None:
        try:
            outcome = ask_until_answered(ask, body, job.prompt.answer, patience)
        except StoppedError:
            return None
        cache.add(key, outcome)
        return outcome

    pending: set[Future[Outcome | None]] = set()
    failing = _Failing(tell)
    with ThreadPoolExecutor(concurrency, "annotate") as pool:
        try:
            for key, body in _questions(job, cache):
                if len(pending) >= 2 * concurrency:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    failing.look_at(done)
                pending.add(pool.submit(settle, key, body))
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                failing.look_at(done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop.set()
            raise  # and the pool waits for those that are under way


def write_table(job: Job, cache: OutcomeCache, output: Path) -> Totals:
    """Write a row for each document, in their order, with what was said of it.

    Raises:
        AnnotationError: The documents are no longer those that were asked about.
    """
    rows: Counter[Status] = Counter()
    counted: set[str] = set()
    tokens_in = tokens_out = 0
    with TableWriter(output, table_schema(job)) as writer:
        for document in job.documents():
            outcome = _EMPTY
            if document.text.strip():
                key = job.key(job.body(document))
                if key not in cache.outcomes:
                    raise AnnotationError(f"document {document.id} was not asked about: the tables changed; run again")
                outcome = cache.outcomes[key]
                if key not in counted:
                    counted.add(key)
                    tokens_in += outcome.tokens_in
                    tokens_out += outcome.tokens_out
            rows[outcome.status] += 1
            writer.write(
                {
                    "id": document.id,
                    **dict(zip(job.columns.keep, document.kept, strict=True)),
                    **(outcome.answer or {}),
                    "status": outcome.status,
                    "error": outcome.error,
                    "model": job.model,
                    "prompt": job.prompt.name,
                    "prompt_digest": job.prompt.digest,
                }
            )
    return Totals(rows, tokens_in, tokens_out)


def table_schema(job: Job) -> pa.Schema:
    """Return the columns of the table that is written.

    Raises:
        AnnotationError: Two of them have one name.
    """
    kinds = {"label": pa.string(), "grade": pa.int64(), "text": pa.string()}
    columns = [("id", pa.string()), *((name, pa.string()) for name in job.columns.keep)]
    columns += [(name, kinds[field.kind]) for name, field in job.prompt.answer.items()]
    columns += [(name, pa.string()) for name in ("status", "error", "model", "prompt", "prompt_digest")]
    if twice := [name for name, count in Counter(name for name, _ in columns).items() if count > 1]:
        raise AnnotationError(f"two columns would be called {', '.join(twice)}: of --keep, or of the prompt's answer")
    return pa.schema(columns)


def _questions(job: Job, cache: OutcomeCache) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield keys and requests, each once, that have no outcome."""
    asked: set[str] = set()
    for document in job.documents():
        if not document.text.strip():
            continue
        body = job.body(document)
        key = job.key(body)
        if key not in asked and key not in cache.outcomes:
            asked.add(key)
            yield key, body


class _Failing:
    """Questions that fail in a row."""

    def __init__(self, tell: Callable[[Outcome], object]) -> None:
        self._tell = tell
        self._in_a_row = 0

    def look_at(self, done: set[Future[Outcome | None]]) -> None:
        """Take what is done into account; raise what a question raised."""
        for future in done:
            outcome = future.result()
            if outcome is None:
                continue
            self._tell(outcome)
            self._in_a_row = self._in_a_row + 1 if outcome.status == "failed" else 0
            if self._in_a_row >= _IN_A_ROW:
                raise AnnotationError(f"{_IN_A_ROW} questions in a row failed, the last by: {outcome.error}")
