"""Drop reasons by stage: the words that `decisions` uses and what each means."""

REASONS: dict[str, dict[str, str]] = {
    "ingest": {
        "not_http": "The response record holds no HTTP response (a DNS answer, say).",
        "http_status": "The HTTP status is not 200; value is the status.",
        "truncated": "The crawler cut the record (WARC-Truncated).",
        "not_html": "Neither header nor content says HTML or XHTML.",
        "empty_body": "The decoded body is empty or white space.",
        "body_too_large": "The decoded body is over the cap; value is the number of bytes read.",
        "undecodable_body": "The content or transfer encoding cannot be undone.",
        "no_url": "The record names no target URL; of an input table: the URL column is empty.",
        "no_text": "The row of the input table has neither text nor HTML.",
    },
    "dedup_url": {"newer_capture": "A more recent capture of the same canonical URL is kept."},
    "extract": {
        "no_text": "Nothing but boilerplate, or nothing at all, was found on the page.",
        "record_not_found": "The record is no longer at its offset in the WARC file.",
    },
    "route": {"undetermined_language": "No language reached the score limit, and there is no code or math."},
    "dedup_document": {"near_duplicate": "At least as similar as the limit to an earlier document that is kept."},
    "dedup_line": {"too_little_text_left": "Fewer code points than the limit are left without the frequent lines."},
    "mix": {
        "over_budget": "Its category already fills its share of the mixture.",
        "zero_weight": "The mixture gives its category no weight.",
        "no_category": "It belongs to no category of the mixture.",
    },
}
"""stage → reason → meaning. The reasons of `heuristics` are its rules; the stage documents them with their limits."""


def meaning_of(stage: str, reason: str) -> str:
    """Return what a drop reason means, in a sentence; empty for one that is not known.

    >>> meaning_of("ingest", "truncated")
    'The crawler cut the record (WARC-Truncated).'
    """
    return REASONS.get(stage, {}).get(reason, "")
