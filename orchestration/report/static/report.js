// Draws the charts of a page, and lets mouse, finger and keyboard read them. Nothing is fetched: each
// chart has its specification, with its figures, in the page.
"use strict";

const style = {
  background: "transparent",
  view: { stroke: null },
  axis: {
    labelColor: "var(--quiet)", labelFontSize: 12, gridColor: "var(--grid)",
    domainColor: "var(--grid)", tickColor: "var(--grid)", tickCount: 5,
  },
  axisX: { grid: false },
};
const ERRORS = 1; // a chart without provisional figures has a layer without marks, which is no fault
const options = { renderer: "svg", actions: false, tooltip: false, logLevel: ERRORS, config: style };

// A chart of the page: its element, its specification and figures, and the one that is read.
class Chart {
  constructor(plot) {
    this.plot = plot;
    this.spec = JSON.parse(plot.nextElementSibling.textContent);
    this.figures = this.spec.datasets.figures;
    this.at = this.figures.length - 1;
    plot.addEventListener("keydown", (event) => this.step(event));
    plot.addEventListener("pointermove", (event) => this.point(event));
    plot.addEventListener("pointerleave", () => this.close());
    plot.addEventListener("blur", () => this.close());
  }

  async draw(isLogarithmic) {
    const spec = isLogarithmic ? logarithmic(this.spec) : this.spec;
    const canvas = this.plot.querySelector(".canvas");
    this.view = (await vegaEmbed(canvas, spec, options)).view;
    // the group around it names the chart, and its table has the figures
    canvas.querySelector("svg").setAttribute("aria-hidden", "true");
  }

  // where a figure is drawn, in pixels from the chart's corner
  place(figure) {
    const [left, top] = this.view.origin();
    const padding = this.view.padding();
    const x = this.view.scale("x");
    const value = typeof figure.x === "number" ? figure.x : Date.parse(figure.x);
    const middle = x.bandwidth ? x.bandwidth() / 2 : 0;
    const y = "top" in figure ? (figure.top + figure.bottom) / 2 : figure.y;
    return [
      padding.left + left + x(value) + middle, padding.top + top + this.view.scale("y")(y),
    ];
  }

  // left and right go along a series, up and down from one to another, Home and End to the ends
  step(event) {
    const last = this.figures.length - 1;
    const along = (step) => this.next(step, (figure, here) => figure.series === here.series);
    const across = (step) => this.next(step, (figure, here) => figure.x === here.x);
    const moves = {
      ArrowRight: () => along(1), ArrowLeft: () => along(-1),
      ArrowDown: () => across(1), ArrowUp: () => across(-1), Home: () => 0, End: () => last,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.read(moves[event.key]());
  }

  // the number of the nearest figure in a direction that is like the one that is read; this one
  // where there is none
  next(step, isLike) {
    const here = this.figures[this.at];
    for (let at = this.at + step; at in this.figures; at += step) {
      if (isLike(this.figures[at], here)) return at;
    }
    return this.at;
  }

  // reads the figure that is nearest to the pointer; months count more than height
  point(event) {
    if (!this.view) return;
    const box = this.plot.getBoundingClientRect();
    let nearest = 0;
    let least = Infinity;
    this.figures.forEach((figure, number) => {
      const [x, y] = this.place(figure);
      const far = Math.hypot(3 * (x - event.clientX + box.left), y - event.clientY + box.top);
      if (far < least) [nearest, least] = [number, far];
    });
    this.read(nearest);
  }

  // writes a figure beside its point and below its chart, where it can be copied, and where a screen
  // reader says it
  read(number) {
    this.at = number;
    const { says } = this.figures[number];
    const [x, y] = this.place(this.figures[number]);
    const [dot, tip] = [this.plot.querySelector(".dot"), this.plot.querySelector(".tip")];
    dot.hidden = tip.hidden = false;
    tip.textContent = this.plot.closest(".exhibit").querySelector(".reading").textContent = says;
    Object.assign(dot.style, { left: `${x}px`, top: `${y}px` });
    const room = this.plot.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(room, x - tip.offsetWidth / 2))}px`;
    tip.style.top = `${y + 14}px`;
  }

  close() {
    for (const part of this.plot.querySelectorAll(".dot, .tip")) part.hidden = true;
  }
}

// a specification with a logarithmic scale of y, in each of its layers
function logarithmic(spec) {
  const copy = structuredClone(spec);
  for (const layer of copy.layer) layer.encoding.y.scale = { type: "log" };
  copy.datasets.figures = copy.datasets.figures.filter((figure) => figure.y > 0);
  return copy;
}

// a dataset whose next release was due before today: only the reader's clock knows
function markOverdue() {
  const today = new Date().toISOString().slice(0, 10);
  for (const cell of document.querySelectorAll("[data-due]")) {
    if (cell.dataset.due && cell.dataset.due < today) {
      cell.classList.add("overdue");
      cell.append(" (overdue)");
    }
  }
}

// the box above a list of tables leaves those whose name, meaning or columns have every word
function filterTables(box) {
  const rows = [...document.querySelectorAll("[data-words]")];
  const found = document.querySelector("[data-found]");
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = `${row.dataset.words} ${row.textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    for (const group of document.querySelectorAll("[data-group]")) {
      group.hidden = !group.querySelector("[data-words]:not([hidden])");
    }
    const left = rows.filter((row) => !row.hidden).length;
    found.textContent = words.length ? `${left} of ${rows.length} tables` : "";
  });
}

async function start() {
  markOverdue();
  document.querySelectorAll("[data-filter]").forEach(filterTables);
  const charts = [...document.querySelectorAll(".plot")].map((plot) => new Chart(plot));
  for (const chart of charts) await chart.draw(false);
  for (const box of document.querySelectorAll(".switch input")) {
    const exhibit = box.closest(".exhibit");
    const own = charts.filter((chart) => exhibit.contains(chart.plot));
    box.addEventListener("change", () => own.forEach((chart) => chart.draw(box.checked)));
  }
  document.body.dataset.drawn = charts.length;
}

start();
