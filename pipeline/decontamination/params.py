"""Parameters of `decontaminate`: suites, what is common, and the limits from which a document is contaminated."""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from pipeline.decontamination.suite_files import declared_suites, files_digest, suite_files
from pipeline.engine.stage import Params


class CoverageLimits(Params):
    """From what coverage of an item a document is contaminated."""

    min_coverage_long: float = Field(0.8, gt=0, le=1)
    """Coverage from which a document is contaminated by an item of 50 words or more."""
    min_coverage_short: float = Field(0.8, gt=0, le=1)
    """The same for an item of 20 words or fewer; between 20 and 50 words the limit is between both."""
    min_coverage_with_answer: float = Field(0.7, gt=0, le=1)
    """The same for an item of fewer than 50 words whose answer stands within 50 words of it."""


class DecontaminateParams(CoverageLimits):
    """Parameters of decontaminate."""

    suites: tuple[str, ...] = ()
    """Folders and files of test sets in JSON lines (.jsonl, .ndjson, gz or not); with none of either kind the stage
    does nothing and costs nothing."""
    train_suites: tuple[str, ...] = ()
    """Likewise, training sets of benchmarks: found and reported, never dropped or cut here."""
    suite_list: str | None = None
    """A list of one's own of which fields of a suite are what, in the form of `pipeline/decontamination/suites.yaml`,
    before which it goes."""
    suites_digest: str | None = None
    """Hash of the suites' names, fields and bytes; the run fills it in."""
    common_documents: int = Field(10, ge=0)
    """Documents of the corpus that a run of eight words may stand in and still count."""
    common_share: float = Field(1e-4, ge=0, le=1)
    """Share of the documents likewise; what stands in more than both counts for nothing."""
    action: Literal["report", "drop", "cut"] = "report"
    """What becomes of a contaminated document: nothing, it goes, or the items and what is around them go."""
    cut_chars: int = Field(200, ge=0)
    """Code points that `cut` takes out on each side of an item."""
    max_cuts: int = Field(10, ge=0)
    """Stretches that may be cut out of a document; with more it is dropped."""
    min_chars_left: int = Field(200, ge=0)
    """Code points below which a document that was cut is dropped."""

    runtime: ClassVar[frozenset[str]] = frozenset({"suites", "train_suites", "suite_list"})
    limits: ClassVar[frozenset[str]] = frozenset(
        {
            "action", "min_coverage_long", "min_coverage_short", "min_coverage_with_answer", "cut_chars", "max_cuts",
            "min_chars_left",
        }
    )  # fmt: skip

    @property
    def is_on(self) -> bool:
        """Whether there are suites."""
        return bool(self.suites or self.train_suites)

    def content_settings(self) -> dict[str, Any]:
        """Return the parameters on which cells depend: where texts are cut, the limits are among them."""
        if self.action != "cut":
            return super().content_settings()
        return self.model_dump(mode="json", exclude={*self.runtime, "max_cuts", "min_chars_left"})

    def resolved(self) -> Self:
        """Return the parameters with the hash of the suites.

        Raises:
            ConfigError: A place of suites is not there or holds none, or the list is of another form.
        """
        if not self.is_on:
            return self
        files = suite_files(self.suites, self.train_suites, declared_suites(self.suite_list))
        return self.model_copy(update={"suites_digest": files_digest(files)})
