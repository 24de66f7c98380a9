"""Self-contained HTML pages of sections and figures, in the style that all reports share."""

from markupsafe import Markup

from experiments.report.markup import fill

# Readable on a phone, on a wide screen and on paper.
STYLE = """
:root{--ink:#222;--soft:#5c5c5c;--rule:#deded9;--paper:#fff;--tint:#f6f6f3;--accent:#0a5488}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:var(--paper);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:0 20px 60px}
header{padding:44px 0 8px;border-bottom:3px solid var(--ink)}
.kicker{margin:0;color:var(--soft);font-size:14px}
h1{margin:.15em 0 .3em;font-size:clamp(28px,5vw,44px);line-height:1.12;letter-spacing:-.015em}
.lead{max-width:46em;font-size:19px;margin:0 0 20px}
h2{margin:56px 0 10px;font-size:28px;line-height:1.2;border-bottom:1px solid var(--rule);padding-bottom:6px}
h3{margin:34px 0 8px;font-size:19px}
h4{margin:8px 0 4px;font-size:15px;color:var(--soft)}
.findings{list-style:none;padding:0;margin:18px 0;max-width:50em}
.findings li{padding:9px 0 9px 16px;border-left:3px solid var(--accent);margin:0 0 12px}
.caution,.empty,.warning{color:var(--soft);font-size:15px;max-width:50em}
.empty{padding:14px;background:var(--tint)}
.warning{color:#8f3d00;font-weight:600}
.regimes{display:flex;gap:2px;max-width:50em;margin:16px 0;font-size:14px}
.regimes span{background:var(--accent);color:#fff;padding:5px 9px;min-width:0;overflow:hidden;white-space:nowrap;
text-overflow:ellipsis}
.regimes span+span{background:#4d4d4d}
figure{margin:10px 0 30px}
figcaption{margin-top:8px;font-size:14px;color:var(--ink);max-width:60em}
.basis{color:var(--soft)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:18px 28px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:12px}
svg{display:block;width:100%;height:auto;overflow:visible}
.store{position:absolute;width:0;height:0}
svg text{font-size:12px;fill:var(--soft)}
svg .title{font-size:14.5px;font-weight:650;fill:var(--ink)}
svg .note{font-size:11.5px}
.rule{stroke:#e2e2dd;stroke-width:1}
.strong{stroke:#8a8a85;stroke-width:1.2}
.act{stroke:#5c5c5c;stroke-width:1.1;stroke-dasharray:2 3}
.map use,.map .spot{stroke:#fff;stroke-width:.45}
.map .spot{stroke:#555;stroke-width:.5}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
.wide{min-width:760px}.wide text{font-size:13px}
.bars{max-width:760px}.bars .name{fill:var(--ink);paint-order:stroke;stroke:#fff;stroke-width:5px}
.network{min-width:470px}
.network text{font-size:15px}
.network .state{fill:var(--ink)}
.network .halo{font-size:14px;font-style:italic;paint-order:stroke;stroke:#fff;stroke-width:4px}
.tie{fill:none;stroke:#a9a9a3;stroke-width:.55;stroke-opacity:.75}
.body{stroke:#77776f;stroke-width:.7}
.aim{stroke:#1a1a1a;stroke-width:2}
.ended{fill:none;stroke:#767676;stroke-dasharray:2 2}
.event{fill-opacity:.82}.event.background{fill-opacity:.3}
div.background{color:var(--soft);font-size:15px;border-left:3px solid var(--rule);padding-left:12px}
.inside{fill:#fff!important;font-weight:600}
.later{fill:#222;stroke:#fff;stroke-width:.8}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:6px 0 12px;font-size:13.5px;
color:var(--soft)}
.key li{display:flex;align-items:center;gap:6px}
.swatch{width:18px;height:12px;flex:none}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 8px}caption span{display:block;position:sticky;left:0;font-size:14px;
color:var(--soft);max-width:min(60em,calc(100vw - 34px))}
th,td{padding:5px 10px;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
th:first-child,.words{text-align:left}td{white-space:nowrap}td.words{white-space:normal;min-width:7em}
.spark{width:104px}.spark svg{width:90px}
thead th{border-bottom:2px solid var(--ink);font-size:13px;vertical-align:bottom}
tbody th{font-weight:500;min-width:11em}
td small{color:var(--soft);display:inline-block;min-width:3.2em}
th i{color:var(--soft);font-size:12.5px}th small{color:var(--soft);font-weight:400}
td.none{color:var(--soft);text-align:left}
details{margin:8px 0}
summary{cursor:pointer;color:var(--accent);padding:4px 0}
.year summary h3{display:inline;margin:0;color:var(--ink)}
.year summary span{color:var(--soft);font-size:14px}
.year ul{margin:6px 0 18px;padding-left:22px}
.year li{margin:4px 0;max-width:62em}
pre{background:var(--tint);padding:12px 14px;overflow-x:auto;font-size:13px;line-height:1.45}
code{font-size:13px}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:14.5px}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
@media (max-width:560px){body{font-size:16px}main{padding:0 14px 40px}h2{font-size:24px}.lead{font-size:17px}
tbody th{position:sticky;left:0;background:var(--paper);max-width:46vw}td.words{min-width:11em}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin:0 0 8px}tbody th{min-width:8em}}
@media print{*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}main{max-width:none;padding:0}figure,tr,.findings li{break-inside:avoid}
h2,h3{break-after:avoid}.wide{min-width:0}.scroll{overflow:visible}details::details-content{content-visibility:visible;
display:block;block-size:auto}.map{max-width:88%}}
""".strip().replace("\n", "")


POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a page may load: nothing. Its style and figures stand in it, and it has no script."""
DOCUMENT = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ style }}</style>
</head>
<body>
{{ before }}<main>
{{ body }}</main>
</body>
</html>
"""
HEADING = """<header><p class="kicker">{{ kicker }}</p><h1>{{ title }}</h1><p class="lead">{{ lead }}</p></header>
"""
SECTION = """<section aria-labelledby="{{ name }}"><h2 id="{{ name }}">{{ title }}</h2>{{ body }}</section>
"""
FIGURE = """<figure>{{ body }}<figcaption>{{ caption }} <span class="basis">{{ basis }}</span></figcaption></figure>"""
PART = """<h3>{{ title }}</h3>{{ body }}"""
NOTE = """<p class="{{ kind }}">{{ text }}</p>"""
GRID = """<div class="grid"{% if style %} style="{{ style }}"{% endif %}>{{ panels }}</div>"""
SCROLL = """<div class="scroll">{{ body }}</div>"""


def document(title: str, body: str, before: str = "", language: str = "en") -> str:
    """Return a whole HTML page; `before` stands ahead of its main part, such as shapes that figures refer to."""
    values = {"title": title, "body": body, "before": before, "language": language, "policy": POLICY}
    return str(fill(DOCUMENT, style=Markup(STYLE), **values)) + "\n"


def heading(title: str, kicker: str, lead: str) -> Markup:
    """Return the head of a page: a small line, its title and what it is about."""
    return fill(HEADING, title=title, kicker=kicker, lead=lead)


def section(name: str, title: str, body: str) -> Markup:
    """Return a section with its heading."""
    return fill(SECTION, name=name, title=title, body=body)


def part(title: str, body: str) -> Markup:
    """Return a part of a section with its smaller heading."""
    return fill(PART, title=title, body=body)


def note(kind: str, text: str) -> Markup:
    """Return a paragraph of a kind: caution, empty or warning."""
    return fill(NOTE, kind=kind, text=text)


def grid(panels: str, style: str = "") -> Markup:
    """Return panels beside each other."""
    return fill(GRID, panels=panels, style=style)


def scroll(body: str) -> Markup:
    """Return a part that is scrolled sideways where it is too wide."""
    return fill(SCROLL, body=body)


def figure(body: str, caption: str, basis: str) -> Markup:
    """Return a figure; `basis` says which scenario, runs and interval it rests on."""
    return fill(FIGURE, body=body, caption=caption, basis=basis)
