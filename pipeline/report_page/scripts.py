"""The scripts of the page: Vega as vl-convert ships it, and ours; a page runs these and no other."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from pipeline.errors import ConfigError

_OURS: Final = ("page.js", "charts.js", "sample.js", "estimate.js", "review.js", "keys.js")
"""In the order in which they run."""
_STYLE: Final = "page.css"
_LICENCE: Final = "vega.txt"
_SNIPPET: Final = "window.vegaEmbed = vegaEmbed;"


@cache
def vega_script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, which sets `vegaEmbed`.

    Raises:
        ConfigError: vl-convert is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise ConfigError("the report needs vl-convert: pip install 'gristmill[report]'") from None
    return _closed(str(vl_convert.javascript_bundle(_SNIPPET)))


def vega_versions() -> str:
    """Return the versions of Vega and its kin, for people."""
    import vl_convert

    lite = vl_convert.get_vegalite_versions()[-1]
    return f"Vega {vl_convert.get_vega_version()}, Vega-Lite {lite}, Vega-Embed {vl_convert.get_vega_embed_version()}"


@cache
def our_script() -> str:
    """Return our scripts as one, each in a function of its own."""
    parts = "\n".join(f"(() => {{\n{_read(name)}}})();" for name in _OURS)
    return _closed(f'"use strict";\n{parts}\n')


def style() -> str:
    """Return the look of the page."""
    return _read(_STYLE)


def licence() -> str:
    """Return the licence of Vega and its kin."""
    return _read(_LICENCE)


def policy(*scripts: str) -> str:
    """Return the page's Content-Security-Policy: these scripts run, nothing else does, nothing is loaded.

    Args:
        scripts: As they stand in the page, letter by letter.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _closed(script: str) -> str:
    r"""Return a script that cannot end its own element: inside of strings, `<\/` is `</`."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
