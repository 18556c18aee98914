"""Reports as pages of their own: one file each, light and dark, no script. What they have in common."""

from collections.abc import Iterable, Sequence
from html import escape

from app.api.pages.words import shown

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --panel: #f6f8fa; --line: #d5dbe3; --text: #1c2430; --quiet: #5c6877;
  --good: #0b7a4b; --bad: #c0303d; --mid: #3867a8; --own: #b86a00; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --panel: #151b23; --line: #2a333f; --text: #e3e9f0;
  --quiet: #93a0b0; --good: #35c28b; --bad: #f0616d; --mid: #5aa9f7; --own: #e6b450; } }
body { margin: 0 auto; padding: 24px; max-width: 880px; background: var(--ground); color: var(--text);
  font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; } h2 { font-size: 15px; margin: 0 0 8px; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 14px; margin: 16px 0;
  overflow-x: auto; }
p { margin: 4px 0; } .quiet { color: var(--quiet); } .large { font-size: 22px; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } th { color: var(--quiet); font-weight: 500; }
th, td { text-align: left; padding: 3px 12px 3px 0; white-space: nowrap; border-bottom: 1px solid var(--line); }
td:last-child { white-space: normal; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 11px; }
.grid { stroke: var(--line); stroke-width: 1; } .line { fill: none; stroke-width: 2; } .level { stroke-dasharray: 5 4; }
.mid { stroke: var(--mid); } .own, .mean { stroke: var(--own); } .strong { stroke: var(--text); }
line.quiet, polyline.quiet { stroke: var(--quiet); } .good { stroke: var(--good); } .bad { stroke: var(--bad); }
.dot { fill: var(--panel); stroke-width: 2; } .dot.taker, .dot.mean { fill: var(--own); }
.dot.order { stroke: var(--quiet); stroke-width: 1; } .bar { stroke: none; } .bar.good { fill: var(--good); }
.bar.bad { fill: var(--bad); } .bar.strong { fill: var(--text); } .bar.box { fill: var(--mid); fill-opacity: .45; }
"""


def legend(*names: str) -> str:
    """What the colours of a plot are, in their order."""
    colours = ("--mid", "--own", "--bad", "--good", "--text")
    said = (
        f"<span style='color: var({colour})'>&#9632;</span> {escape(name)}"
        for colour, name in zip(colours, names, strict=False)
    )
    return f"<p class='quiet'>{' &nbsp; '.join(said)}</p>"


def section(title: str, inside: str) -> str:
    """A part of a page under its title."""
    return f"<section><h2>{escape(title)}</h2>{inside}</section>"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows under the names of their columns."""
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(shown(each))}</td>" for each in row) + "</tr>" for row in rows)
    return f"<table><tr>{titles}</tr>{lines}</table>"


def page(title: str, parts: Iterable[str]) -> str:
    """A page of its own: no script, nothing from elsewhere."""
    inside = "\n".join(parts)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title><style>{STYLE}</style></head>
<body>
{inside}
</body></html>
"""
