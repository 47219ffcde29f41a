"""Sites that are held out: whole, small, and of every category that has enough of them."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.mixing.validation import ValidationParams, hold_out

Pieces = dict[str, int]
SITES = st.lists(
    st.dictionaries(st.sampled_from(["general", "code"]), st.integers(1, 10_000), min_size=1), min_size=1, max_size=80
)
PARAMS = ValidationParams(share=0.05)


def totals_of(sites: list[tuple[str, Pieces]]) -> dict[str, tuple[int, int]]:
    totals: dict[str, tuple[int, int]] = {}
    for _, pieces in sites:
        for name, tokens in pieces.items():
            before = totals.get(name, (0, 0))
            totals[name] = before[0] + tokens, before[1] + 1
    return totals


@given(SITES)
def test_no_site_is_held_out_that_is_large_or_of_a_category_with_few_sites(pieces: list[Pieces]) -> None:
    sites = [(f"site{number}", tokens) for number, tokens in enumerate(pieces)]
    totals = totals_of(sites)
    chosen, notes = hold_out(sites, totals, PARAMS)
    by_name = dict(sites)
    for site in chosen:
        for name, tokens in by_name[site].items():
            assert totals[name][1] >= 20
            assert tokens <= 0.1 * totals[name][0]
    for name, note in notes.items():
        assert note["tokens"] == sum(by_name[site].get(name, 0) for site in chosen)
        assert note["sites"] == sum(name in by_name[site] for site in chosen)
        if totals[name][1] < 20:
            assert note["sites"] == 0


def test_about_the_share_is_held_out() -> None:
    sites = [(f"site{number}", {"general": 100}) for number in range(1_000)]
    _, notes = hold_out(sites, totals_of(sites), ValidationParams(share=0.005))
    assert notes["general"] == {"sites": 5, "tokens": 500, "of_sites": 1_000, "of_tokens": 100_000}


def test_where_every_site_is_larger_than_the_share_the_smallest_is_held_out() -> None:
    sites = [(f"site{number}", {"general": 100 + number}) for number in range(30)]
    chosen, notes = hold_out(sites, totals_of(sites), ValidationParams(share=0.005))
    assert chosen == ["site0"]
    assert notes["general"]["tokens"] == 100
