from __future__ import annotations

import threading

import vl_convert
from flask import Flask, Response, render_template_string
from werkzeug.serving import make_server

from tests.analysis.chart_examples import CHARTS, WIDTHS

PAGE = """<!doctype html><html lang="vi"><title>waiting</title>
{% for key, spec in specs.items() %}<div data-chart="{{ key }}"></div>
<script type="application/json" id="{{ key }}">{{ spec|tojson }}</script>{% endfor %}
<script type="module" src="/chart.js"></script>"""
SCRIPT = """
Promise.allSettled([...document.querySelectorAll("[data-chart]")].map(place => vegaEmbed(
  place, JSON.parse(document.getElementById(place.dataset.chart).textContent),
  {ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: {disableDefaultStyle: true}}
))).then(done => { document.title = done.map(one => one.status).join(" "); });
"""


def test_every_chart_is_interactive_in_a_browser_that_forbids_eval(chromium):
    app = Flask(__name__)
    script = vl_convert.javascript_bundle(SCRIPT)
    specs = {
        f"chart-{i}": CHARTS[chart](width) for i, (chart, width) in enumerate((c, w) for c in CHARTS for w in WIDTHS)
    }
    app.add_url_rule("/chart.js", view_func=lambda: Response(script, mimetype="text/javascript"), endpoint="script")
    app.add_url_rule("/", view_func=lambda: render_template_string(PAGE, specs=specs), endpoint="page")

    @app.after_request
    def strict(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; style-src 'self'; object-src 'none'"
        return response

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sentence = []
    page = chromium.new_page()
    try:
        page.on("console", lambda message: sentence.append(message.text))
        page.on("pageerror", lambda error: sentence.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_function("document.title != 'waiting'")
        assert page.title().split() == ["fulfilled"] * len(specs)
        assert not [text for text in sentence if "favicon" not in text and "404" not in text]
        assert page.get_by_label("Sở Nội vụ: 95,0% (92,7%–96,8%; n = 500)").count() >= 1
    finally:
        page.close()
        server.shutdown()
