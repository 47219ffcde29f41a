"""Dates as people and programs write them, where only one day can be meant."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_ZONES: Final = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONE: Final = r"(?P<zone>(?:GMT|UTC)?[+-]\d{2}:?(?:\d{2})?|UTC?|GMT|Z|[ECMP][SD]T)"
_CLOCK: Final = (
    r"(?:(?:T|,? at |,? )(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    rf"(?: ?{_ZONE})?(?: ?\([\w ]+\)|\[[\w/]+\])?)?"
)
_WEEKDAY: Final = r"(?:[a-z]{3,9}\.?,? )?"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_CLOCK}",
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE}?)?",
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?P<name>[a-z]{{3,9}})\.?,?[ -](?P<year>\d{{4}}){_CLOCK}",
        rf"{_WEEKDAY}(?P<name>[a-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_CLOCK}",
    )
)
_EPOCH: Final = {9: 1, 10: 1, 12: 1000, 13: 1000}


def normal_date(written: str) -> str | None:
    """A date, or a moment, in the form of ISO 8601; None where it is no day of the years 1990 to 2100.

    The time of day and the offset from UTC are kept as far as they are given. `03/04/2020` may be two days, so that
    order is not read at all: what is read of it would be days after the twelfth alone.

    >>> normal_date("Tue, 05 May 2020 10:20:30 GMT"), normal_date("May 5, 2020"), normal_date("2020-05-05T10:20Z")
    ('2020-05-05T10:20:30+00:00', '2020-05-05', '2020-05-05T10:20:00+00:00')
    >>> normal_date("20200505"), normal_date("1588674030"), normal_date("03/04/2020"), normal_date("2020-02-30")
    ('2020-05-05', '2020-05-05T10:20:30+00:00', None, None)
    """
    text = " ".join(written[:100].split())
    if text.isdecimal() and text.isascii() and len(text) in _EPOCH:
        moment = datetime.fromtimestamp(int(text) // _EPOCH[len(text)], UTC)
        if 1990 <= moment.year <= 2100:
            return moment.isoformat()
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    return _calendar(match.groupdict()) if match else None


def _calendar(parts: Mapping[str, str | None]) -> str | None:
    """The date that the parts name, and the time where that is one too."""
    name = (parts.get("name") or "").lower()
    month = next((at for at, full in enumerate(_MONTHS, 1) if name and full.startswith(name)), 0)
    try:
        day = datetime(
            int(parts["year"] or 0), month or int(parts.get("month") or 0), int(parts["day"] or 0), tzinfo=UTC
        )
        if not 1990 <= day.year <= 2100:
            return None
        if parts["hour"] is None:
            return day.date().isoformat()
        time = day.replace(hour=int(parts["hour"]), minute=int(parts["minute"] or 0), second=int(parts["second"] or 0))
    except ValueError:
        return None
    return time.isoformat()[:19] + _offset((parts["zone"] or "").upper())


def _offset(zone: str) -> str:
    """An offset as "+02:00"; "" where none is given, or none that exists."""
    sign = max(zone.find("+"), zone.find("-"))
    if sign >= 0:
        hours, minutes = int(zone[sign + 1 : sign + 3]), int(zone[sign + 3 :].lstrip(":") or 0)
        return f"{zone[sign]}{hours:02}:{minutes:02}" if hours <= 14 and minutes < 60 else ""
    return f"{_ZONES[zone]:+03}:00" if zone in _ZONES else "+00:00" if zone else ""
