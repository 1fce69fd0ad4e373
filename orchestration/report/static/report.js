// Draws the charts of a page, and lets the mouse and the keyboard read them. Nothing is fetched:
// each chart has its specification, with its figures, in the page.
"use strict";

const style = {
  background: "transparent",
  font: "inherit",
  view: { stroke: null },
  axis: {
    labelColor: "var(--quiet)", labelFontSize: 12, gridColor: "var(--grid)",
    domainColor: "var(--grid)", tickColor: "var(--grid)", tickCount: 5,
  },
  axisX: { grid: false },
};
const options = { renderer: "svg", actions: false, config: style };

// the specification with a logarithmic scale of y, in each of its layers
function logarithmic(spec) {
  const copy = structuredClone(spec);
  for (const part of [copy, ...(copy.layer || [])]) {
    if (part.encoding && part.encoding.y) part.encoding.y.scale = { type: "log" };
  }
  return copy;
}

function draw(plot, isLogarithmic) {
  const spec = isLogarithmic ? logarithmic(plot.spec) : plot.spec;
  return vegaEmbed(plot, spec, options).then((result) => {
    const svg = plot.querySelector("svg");
    // the group around it names the chart, and its table has the figures
    if (svg) svg.setAttribute("aria-hidden", "true");
    result.view.addEventListener("mouseover", (_, item) => {
      if (item && item.datum && item.datum.says) read(plot, item.datum);
    });
  });
}

// writes a figure below its chart, where it can be copied, and where a screen reader says it
function read(plot, datum) {
  plot.closest(".exhibit").querySelector(".reading").textContent = datum.says;
}

// the arrow keys go through the figures of a chart; Home and End to the first and the last
function step(plot, key) {
  const last = plot.figures.length - 1;
  const moves = {
    ArrowRight: Math.min(plot.at + 1, last), ArrowLeft: Math.max(plot.at - 1, 0), Home: 0, End: last,
  };
  if (!(key in moves)) return false;
  plot.at = moves[key];
  read(plot, plot.figures[plot.at]);
  return true;
}

function prepare(plot) {
  plot.spec = JSON.parse(plot.nextElementSibling.textContent);
  plot.figures = plot.spec.datasets.figures;
  plot.at = plot.figures.length;
  plot.addEventListener("keydown", (event) => {
    if (step(plot, event.key)) event.preventDefault();
  });
}

// a dataset whose next release was due before today: only the reader's clock knows
function markOverdue() {
  const today = new Date().toISOString().slice(0, 10);
  for (const cell of document.querySelectorAll("[data-due]")) {
    if (cell.dataset.due < today) {
      cell.classList.add("overdue");
      cell.append(" (overdue)");
    }
  }
}

async function start() {
  markOverdue();
  const plots = [...document.querySelectorAll(".plot")];
  plots.forEach(prepare);
  for (const plot of plots) await draw(plot, false);
  for (const box of document.querySelectorAll(".switch input")) {
    box.addEventListener("change", () => {
      box.closest(".exhibit").querySelectorAll(".plot").forEach((plot) => draw(plot, box.checked));
    });
  }
  document.body.dataset.drawn = plots.length;
}

start();
