"""Drop reasons by stage: the words that `decisions` uses and what each means."""

QUARANTINED = "quarantined"
"""Reason of any stage for a page that hung in an earlier try of it; see `pipeline.quarantine.listed`."""
_QUARANTINED = "It hung in an earlier try and stands on the run's quarantine list, so it was not read again."

_DATATROVE = {
    "empty": "Nothing is in it, or nothing is left of it without C4's lines.",
    "dup_para_frac": "Too many of its paragraphs repeat an earlier one, as datatrove counts.",
    "dup_para_char_frac": "Too much of it stands in paragraphs that repeat, as datatrove counts.",
    "dup_line_frac": "Too many of its lines repeat an earlier one, as datatrove counts.",
    "dup_line_char_frac": "Too much of it stands in lines that repeat, as datatrove counts.",
    **{f"top_{n}_gram": f"Too much of it is one run of {n} words, as datatrove counts." for n in (2, 3, 4)},
    **{
        f"duplicated_{n}_n_grams": f"Too much of it stands in runs of {n} words that repeat, as datatrove counts."
        for n in range(5, 11)
    },
    "gopher_short_doc": "Fewer words than the limit, as datatrove counts.",
    "gopher_long_doc": "More words than the limit, as datatrove counts.",
    "gopher_below_avg_threshold": "Its words are too short on average.",
    "gopher_above_avg_threshold": "Its words are too long on average.",
    "gopher_too_many_hashes": "Too many signs # for its words.",
    "gopher_too_many_ellipsis": "Too many ellipses for its words.",
    "gopher_too_many_bullets": "Too many of its lines begin with a bullet.",
    "gopher_too_many_end_ellipsis": "Too many of its lines end in an ellipsis.",
    "gopher_below_alpha_threshold": "Too many of its words have no letter.",
    "gopher_enough_stop_words": "It has too few of the words that English sentences are held together by.",
    "lorem_ipsum": "It holds a placeholder text.",
    "curly_bracket": "It holds a curly bracket.",
    "too_few_sentences": "Too few sentences are left of it without C4's lines.",
    "< 3 paragraphs": "Fewer than three long paragraphs, which mC4 asks for.",
    "line_punct_ratio": "Too few of its lines end in punctuation.",
    "short_line_ratio": "Too many of its lines are short.",
    "char_dup_ratio": "Too much of it stands in lines that repeat, of those that C4 leaves.",
    "list_ratio": "Too many line breaks for its words.",
}
"""Reasons of `definition: datatrove`, by datatrove's own names."""

REASONS: dict[str, dict[str, str]] = {
    "ingest": {
        "not_http": "The response record holds no HTTP response (a DNS answer, say).",
        "http_status": "The HTTP status is neither 200 nor 203; value is the status.",
        "truncated": "The crawler cut the record (WARC-Truncated).",
        "not_html": "Neither header nor content says HTML or XHTML, or the bytes are another format or noise.",
        "empty_body": "The decoded body is empty or white space.",
        "body_too_large": "The decoded body is over the cap; value is the number of bytes read.",
        "undecodable_body": "The content or transfer encoding cannot be undone.",
        "no_url": "The record names no target URL; of an input table: the URL column is empty.",
        "no_host": "The URL names no host: it is a script, say, or the name is longer than any can be.",
        "no_text": "The row of the input table has neither text nor HTML.",
    },
    "url_screen": {
        "hard_word": "Its URL has a word that only addresses of smut have.",
        "soft_words": "Its URL has more different words of smut, gambling and spam than the limit.",
    },
    "dedup_url": {"newer_capture": "A more recent capture of the same canonical URL is kept."},
    "opt_out": {
        "x_robots_tag": "An X-Robots-Tag header asks crawlers, or one of the listed agents, not to use it.",
        "content_usage": "A Content-Usage or Content-Signal header refuses that models are trained on it.",
        "meta_robots": "A meta tag asks robots, or one of the listed agents, not to use it.",
        "tdm_reservation": "Its owner reserves text and data mining: by meta tag, header, or the site's tdmrep.json.",
        "robots_txt": "The site's robots.txt forbids its address to the listed agents, or refuses training on it.",
    },
    "extract": {
        "no_text": "Nothing but boilerplate, or nothing at all, was found on the page.",
        "unreadable": "Reading it broke on an error that the worker's log tells; the rest of its file was read.",
    },
    "route": {
        "noise": "Its signs are not those of a text: many are broken, or it is code or math without language or words.",
        "undetermined_language": "No language reached the score limit, and there is no code or math.",
    },
    "safety": {
        "unsafe_site": "Too many pages of its site are on lists, toxic, or use many dirty words; value is their share.",
        "toxic_page": "The model of toxicity gives it a probability above the limit.",
    },
    "pii": {
        "unreadable": "A recogniser of personal data broke on it, so nobody knows what it holds.",
        "dense_page": "More personal data per 1,000 words than the limit.",
        "dense_site": "Too many pages of its site hold more personal data than the limit; value is their share.",
    },
    "dedup_document": {
        "exact_duplicate": "Has the same words in the same order as a document that is kept.",
        "near_duplicate": "At least as similar as the limit to an earlier document that is kept.",
    },
    "dedup_line": {"too_little_text_left": "Fewer code points than the limit are left without the frequent lines."},
    "log_lines": {
        "too_little_text_left": "Fewer code points than the limit are left without lines of logs and the like."
    },
    "heuristics": {
        "gopher.too_few_words": "Fewer words than the limit.",
        "gristmill.code_without_words": "Code or math with hardly a word of prose beside it.",
        "gopher.too_many_words": "More words than the limit.",
        "gopher.short_words": "Its words are shorter on average than words of a language are.",
        "gopher.long_words": "Its words are longer on average than words of a language are.",
        "gopher.hash_signs": "Too many signs # for its words.",
        "gopher.ellipses": "Too many ellipses for its words.",
        "gopher.bullet_lines": "Almost every line begins with a bullet.",
        "gopher.ellipsis_lines": "Too many of its lines end in an ellipsis, as teasers do.",
        "gopher.few_alphabetic_words": "Too many of its words have no letter.",
        "gopher.few_stop_words": "English without the words that English sentences are held together by.",
        "gristmill.rare_stop_words": "English in which such words are rare, as in lists of names and links.",
        "gopher.duplicate_lines": "Too many of its lines repeat an earlier one.",
        "gopher.duplicate_paragraphs": "Too many of its paragraphs repeat an earlier one.",
        "gopher.duplicate_line_chars": "Too much of its text stands in lines that repeat.",
        "gopher.duplicate_paragraph_chars": "Too much of its text stands in paragraphs that repeat.",
        **{f"gopher.top_{n}gram": f"Too much of its text is one and the same run of {n} words." for n in (2, 3, 4)},
        **{
            f"gopher.duplicate_{n}grams": f"Too much of its text stands in runs of {n} words that repeat."
            for n in range(5, 11)
        },
        "gristmill.repeated_reference": "A page of documentation, code or math whose prose mostly repeats itself.",
        "gristmill.few_different_words": "It says the same few words again and again.",
        "fineweb.short_lines": "Most of its lines are short, and few end in punctuation, as in lists of links.",
        "fineweb.newlines": "Too many line breaks for its words.",
        "c4.too_few_sentences": "Fewer ends of sentences than the limit.",
        "c4.curly_brackets": "Prose with the brackets of style sheets and scripts.",
        "c4.lorem_ipsum": "It holds a placeholder text.",
        "c4.policy_phrases": "It is mostly about terms of use, privacy and cookies.",
        "c4.dirty_words": "Many words, of several kinds, are dirty words of its language without a plain sense.",
        "gristmill.mixed_dirty_words": "A large share of its words are dirty words, and not all have a plain sense.",
        "llama3.token_outlier": "Its tokens are unlike those of other documents of its language and length.",
        "llama3.token_outlier_rank": "Its tokens are among those least like the language's, by quantile.",
        **{f"datatrove.{reason}": meaning for reason, meaning in _DATATROVE.items()},
    },
    "decontaminate": {
        "too_many_cuts": "More stretches around items of benchmarks were cut out of it than the limit.",
        "too_little_text_left": "Items of benchmarks were cut out of it, and the text left is shorter than the limit.",
    },
    "quality": {
        "low_score": "A quality model's score of it is below the limit.",
        "low_percentile": "Its quality lies below this share of the tokens of its language and category.",
    },
    "mix": {
        "over_budget": "Its category already fills its share of the mixture.",
        "zero_weight": "The mixture gives its category no weight.",
        "no_category": "It belongs to no category of the mixture.",
    },
}
"""stage → reason → meaning. The reasons of `heuristics` are its rules; their limits are its parameters."""

EXPECTED_LOSSES = frozenset(
    {
        ("dedup_url", "newer_capture"),
        ("dedup_document", "exact_duplicate"),
        ("dedup_document", "near_duplicate"),
        ("mix", "over_budget"),
    }
)
"""Copies, and what the mix has no room for: large losses of these are what the stages are for."""
LOOK_AT = {
    "ingest": "the table of inputs, and status and Content-Type of a record",
    "url_screen": "url_screen.lists and url_screen.*_words",
    "opt_out": "opt_out.honour, opt_out.directives and opt_out.agents",
    "extract": "a page of them as it is read: gristmill show --run {run} URL",
    "route": "the language of a page of them, and language.min_score",
    "safety": "safety.site_min_share and the lists of dirty words",
    "pii": "pii's limits on dense pages and sites",
    "dedup_line": "the most frequent lines, which --verbose lists, and dedup_line.min_chars_left",
    "decontaminate": "the items' coverage and the nearest misses in the report, and decontaminate.min_coverage_*",
    "quality": "quality.min_percentile and quality.min_score",
    "heuristics": "other limits, without a run: gristmill what-if {run} --set heuristics.KEY=VALUE",
}
"""By stage, the first thing to look at where much was lost."""

_CONTAMINATED = "contamination."
"""How reasons of `decontaminate` begin that name a suite; which there are is the user's choice."""
_LISTED = "listed."
"""How reasons of `url_screen` begin that name a category of a list; which there are is the user's choice."""
_TAKEN_DOWN = "listed.takedown"
_FAMILIES = {
    "url_screen": {
        "listed.CATEGORY": "Its URL, its host or a parent of that is on a list of that category.",
        _TAKEN_DOWN: "Its owner had it taken out, by `gristmill takedown`.",
    },
    "decontaminate": {
        "contamination.SUITE": "With `action: drop`: it holds an item of that benchmark suite; the value is the share"
        " that is covered, from the limit on."
    },
}
"""stage → reasons that a stage forms of a name that is the user's choice, written once for all of them → meaning."""


def reasons_of(stage: str, *, is_watched: bool = False) -> dict[str, str]:
    """Return every reason that a stage of the project can give, with its meaning; a family of reasons is one of them.

    Args:
        stage: Its name.
        is_watched: Whether a page that hangs in it goes on the run's quarantine list.

    >>> list(reasons_of("url_screen"))
    ['hard_word', 'soft_words', 'listed.CATEGORY', 'listed.takedown']
    """
    own = REASONS.get(stage, {}) | _FAMILIES.get(stage, {})
    return own | ({QUARANTINED: _QUARANTINED} if is_watched else {})


def meaning_of(stage: str, reason: str) -> str:
    """Return what a drop reason means, in a sentence; empty for one that is not known.

    >>> meaning_of("ingest", "truncated")
    'The crawler cut the record (WARC-Truncated).'
    >>> meaning_of("url_screen", "listed.gambling")
    "Its URL, its host or a parent of that is on a list of the category 'gambling'."
    """
    if reason == QUARANTINED:
        return _QUARANTINED
    if stage == "url_screen" and reason == _TAKEN_DOWN:
        return _FAMILIES[stage][_TAKEN_DOWN]
    if stage == "url_screen" and reason.startswith(_LISTED):
        category = reason.removeprefix(_LISTED)
        return f"Its URL, its host or a parent of that is on a list of the category '{category}'." if category else ""
    if stage == "decontaminate" and reason.startswith(_CONTAMINATED):
        suite = reason.removeprefix(_CONTAMINATED)
        return (
            f"It holds an item of the benchmark suite '{suite}': the value is the share that is covered."
            if suite
            else ""
        )
    return REASONS.get(stage, {}).get(reason, "")
