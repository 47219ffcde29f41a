"""What small runs foretell of a large one: `python -m tests.benchmarks.forecast RUN RUN … LARGEST`.

It stands beside what the largest took. All are finished runs with the same stages: of one crawl and of it three times,
say, and last of it ten times.
"""

import argparse

from pipeline.results.forecast import forecast


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.forecast", description=__doc__)
    parser.add_argument("run", nargs="+", help="run directories from which to foretell")
    parser.add_argument("largest", help="the run directory that is foretold")
    asked = parser.parse_args()
    pages = forecast([asked.largest], 1).sizes[-1]
    took, told = forecast([asked.largest], pages), forecast(asked.run, pages)
    pairs = {
        "CPU, s": (told.cpu_seconds, took.cpu_seconds),
        "core hours": (told.core_hours, took.core_hours),
        "stored, MB": (told.stored_bytes.times(1e-6), took.stored_bytes.times(1e-6)),
    }
    print(f"{pages:,} pages, from {' and '.join(f'{size:,}' for size in told.sizes)}")
    print("| | foretold | from | to | took | off by |\n|---|---:|---:|---:|---:|---:|")
    for name, (expected, real) in pairs.items():
        off = 100 * (expected.expected / real.expected - 1)
        numbers = (expected.expected, expected.low, expected.high, real.expected)
        print(f"| {name} | {' | '.join(f'{number:,.2f}' for number in numbers)} | {off:+.1f}% |")
    worst = max(abs(expected.expected / real.expected - 1) for expected, real in pairs.values())
    print(f"The worst of them is off by {100 * worst:.1f}%.")


if __name__ == "__main__":
    main()
