// Makes the page livelier where scripts may run: charts to point at, and two segments to choose.
// Every number is read from the tables of this very page; nothing more is asked of anybody.
"use strict";

const { charts: PLOTLY, failed: FAILED } = document.currentScript.dataset;
const SHAPES = [
  "circle", "square", "diamond", "triangle-up", "cross", "triangle-down",
  "star", "hexagon", "x", "pentagon", "triangle-left", "triangle-right",
];

const every = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const words = (element) => element.textContent.trim();
const narrow = () => window.innerWidth < 768;
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// ── reading what stands on the page ─────────────────────────────────────────────────────
const NUMBER = "[-−]?[\\d,]+(?:\\.\\d+)?";
const RANGE = `(${NUMBER})(?:–|\\sto\\s)(${NUMBER})`;
const ESTIMATE = new RegExp(`^(?:about )?(${NUMBER})\\s?%?(?:\\s\\(${RANGE})?`);
const plain = (text) => Number(text.replaceAll(",", "").replace("−", "-"));

// “about 1,240 (1,215–1,265)” and “12 (11–13)” have three numbers; what is hidden has none.
function estimate(said) {
  const found = ESTIMATE.exec(said);
  if (!found) return null;
  const [value, low, high] = found.slice(1).map((each) => each && plain(each));
  return { value, low: low ?? value, high: high ?? value, said };
}

// A segment's place, letter and name; everybody and the hidden have no place.
function person(element) {
  const sign = one(".letter", element);
  const tone = sign && /\bs(\d+)\b/.exec(sign.className);
  const name = words(element).slice(sign ? words(sign).length : 0).trim();
  if (!tone) return { place: -1, short: "–", label: name };
  return { place: Number(tone[1]), short: words(sign), label: `${words(sign)} · ${name}` };
}

function distributionsOf(title) {
  return every("#distributions > details").map((fold) => {
    const table = every("table", fold).find((each) => words(one("caption", each)) === title);
    const rows = table ? every("tr", table) : [];
    const bars = rows.map((row) => ({ label: words(row.cells[0]), ...estimate(words(row.cells[1])) }));
    return { ...person(one("summary", fold)), flag: table?.classList.contains("flag"), bars };
  });
}

// ── drawing ─────────────────────────────────────────────────────────────────────────────
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const tint = (place) => style(place < 0 ? "soft" : `s${place % 12}`);

function wrapped(label) {
  if (label.length <= 20) return escaped(label);
  const cut = label.lastIndexOf(" ", 20);
  const rest = label.slice(cut + 1);
  return `${escaped(label.slice(0, cut))}<br>${escaped(rest.length > 22 ? `${rest.slice(0, 21)}…` : rest)}`;
}

function layout(height, more) {
  return {
    height,
    margin: { l: 8, r: 16, t: 16, b: 8 },
    font: { color: style("ink"), family: getComputedStyle(document.body).fontFamily, size: 14 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    showlegend: false,
    dragmode: false,
    hovermode: "closest",
    hoverlabel: { bgcolor: style("card"), bordercolor: style("line"), font: { color: style("ink") }, align: "left" },
    ...more,
  };
}

const axis = (more) => ({
  fixedrange: true, automargin: true, zeroline: false, ticks: "",
  gridcolor: style("line"), linecolor: style("line"), ...more,
});

const names = (people) => ({
  tickvals: people.map((_, row) => -row),
  ticktext: people.map((each) => (narrow() ? each.short : wrapped(each.label))),
  tickfont: { weight: narrow() ? 700 : 400 },
  range: [0.6 - people.length, 0.4],
});

const reach = (parts, color) => ({
  type: "data", symmetric: false, color, width: 0, thickness: 4,
  array: parts.map((each) => each.high - each.value),
  arrayminus: parts.map((each) => each.value - each.low),
});

function dots(people, unit, xaxis) {
  const traces = people.map((each, row) => ({
    x: [each.value], y: [-row], mode: "markers",
    marker: { size: 14, color: tint(each.place), symbol: each.place < 0 ? "circle-open" : SHAPES[each.place % 12] },
    error_x: reach([each], tint(each.place)),
    hovertemplate: `${escaped(each.label)}<br>${escaped(each.said)}${unit}<extra></extra>`,
  }));
  return [traces, layout(70 + 54 * people.length, { xaxis: axis(xaxis), yaxis: axis(names(people)) })];
}

function sizes() {
  const people = every(".sizes > li").map((line) => ({
    ...person(one("span", line)), ...estimate(words(one("b", line))),
  }));
  return dots(people, "", { rangemode: "tozero", tickformat: ",~s", nticks: 5 });
}

function differences() {
  const people = every(".heat thead th").map(person);
  const rows = every(".heat tbody tr");
  const ranged = every(".side tbody tr").slice(-rows.length);
  const cells = rows.map((row) => every("td", row));
  const level = (cell) => (cell.className === "none" ? null : Number(cell.className.slice(1)) - 2);
  const told = cells.map((line, row) => line.map((cell, place) => {
    const said = words(ranged[row].cells[place + 1]).replace("(", " (");
    return `${escaped(people[place].label)}<br>${escaped(words(rows[row].cells[0]))}: ${escaped(said)}`;
  }));
  const tones = ["h0", "h1", "even", "h3", "h4"].map((name, step) => [step / 4, style(name)]);
  const heat = {
    type: "heatmap", x: people.map((_, place) => place), y: rows.map((_, row) => -row),
    z: cells.map((line) => line.map(level)), zmin: -2, zmax: 2, colorscale: tones, showscale: false,
    text: cells.map((line) => line.map((cell) => (level(cell) === null ? "?" : escaped(words(cell))))),
    texttemplate: "%{text}", textfont: { color: style("on") }, xgap: 3, ygap: 3,
    customdata: told, hovertemplate: "%{customdata}<extra></extra>", hoverongaps: false,
  };
  const labels = rows.map((row) => wrapped(words(row.cells[0])));
  return [[heat], layout(60 + 42 * rows.length, {
    xaxis: axis({ side: "top", showgrid: false, tickvals: heat.x, ticktext: people.map((each) => each.short), tickfont: { weight: 700 } }),
    yaxis: axis({ showgrid: false, tickvals: heat.y, ticktext: labels }),
  })];
}

function distribution(title) {
  const people = distributionsOf(title);
  if (people[0].flag) {
    const yes = people.map(({ bars, ...each }) => ({ ...each, ...bars.find((bar) => bar.label === "yes") }));
    const told = yes.filter((each) => each.value !== undefined);
    return dots(told, "", { range: [-2, 102], ticksuffix: " %", nticks: 5 });
  }
  return panels(people.filter((each) => each.place >= 0), people.find((each) => each.place < 0));
}

// One panel for each segment, one below the other on the same axes, everybody dotted behind it.
function panels(people, everybody) {
  const step = 1 / people.length;
  const found = { traces: [], annotations: [] };
  const axes = {};
  people.forEach((each, row) => {
    const name = row ? String(row + 1) : "";
    if (everybody) found.traces.push(line(everybody, name, each.bars));
    found.traces.push(line(each, name, each.bars));
    const top = 1 - row * step;
    axes[`yaxis${name}`] = axis({
      domain: [top - step * 0.74, top - step * 0.2], rangemode: "tozero", ticksuffix: " %", nticks: 3, matches: row ? "y" : undefined,
    });
    found.annotations.push({
      text: escaped(each.label), showarrow: false, x: 0, y: top - step * 0.02,
      xref: "paper", yref: "paper", xanchor: "left", yanchor: "top", font: { color: tint(each.place), size: 14, weight: 700 },
    });
  });
  const labels = people[0].bars.map((bar) => escaped(bar.label));
  axes.xaxis = axis({
    showgrid: false, anchor: `y${people.length > 1 ? people.length : ""}`, range: [-0.4, labels.length - 0.6],
    tickvals: labels.map((_, place) => place), ticktext: labels,
  });
  return [found.traces, layout(60 + 130 * people.length, { ...axes, annotations: found.annotations })];
}

function line(each, name, order) {
  const bars = order.map(({ label }) => each.bars.find((bar) => bar.label === label) ?? {});
  const color = tint(each.place);
  const whole = each.place < 0;
  return {
    x: bars.map((_, place) => place), y: bars.map((bar) => bar.value ?? null), yaxis: `y${name}`,
    mode: whole ? "lines" : "lines+markers", connectgaps: false, marker: { size: 8, color },
    line: { color, width: whole ? 1.5 : 2, dash: whole ? "dot" : "solid" },
    error_y: whole ? undefined : { ...reach(bars, color), thickness: 3 },
    customdata: bars.map((bar) => `${escaped(each.label)}<br>${escaped(bar.label ?? "")}: ${escaped(bar.said ?? "")} %`),
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

// ── plotly, fetched when the first chart is opened ──────────────────────────────────────
let loading;

function load() {
  loading ??= new Promise((done, failed) => {
    const kept = one("script[type='text/plain']");
    const script = document.createElement("script");
    if (kept) script.textContent = kept.textContent;
    else script.src = PLOTLY;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
    if (kept) done();
  });
  return loading;
}

const open = new Map();

async function draw(section, picture) {
  const chart = one(".chart", section);
  if (picture) open.set(section, picture);
  else open.delete(section);
  section.classList.toggle("live", Boolean(picture));
  chart.hidden = !picture;
  if (!picture) return;
  chart.setAttribute("aria-busy", "true");
  try {
    await load();
    const [traces, arranged] = picture();
    chart.style.height = `${arranged.height}px`;
    await window.Plotly.react(chart, traces, arranged, { displayModeBar: false, responsive: true, scrollZoom: false });
  } catch {
    loading = undefined;
    chart.style.height = "";
    chart.textContent = FAILED;
  }
  chart.setAttribute("aria-busy", "false");
}

const redraw = () => open.forEach((picture, section) => draw(section, picture));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
window.matchMedia("(max-width: 767px)").addEventListener("change", redraw);

// ── what can be done ────────────────────────────────────────────────────────────────────
every(".tools").forEach((each) => { each.hidden = false; });

Object.entries({ sizes, differences }).forEach(([place, picture]) => {
  const section = document.getElementById(place);
  const button = section && one(".tools button", section);
  button?.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    draw(section, pressed && picture);
  });
});

const column = one("#distributions select");
column?.addEventListener("change", () => {
  draw(document.getElementById("distributions"), column.value && (() => distribution(column.value)));
});

// Side by side: two columns of the table, or all of them.
const side = one("#side-by-side .tools");
if (side) {
  const [first, second] = every("select", side);
  const all = one("button", side);
  const rows = every(".side tr");
  const show = (chosen) => {
    rows.forEach((row) => [...row.cells].slice(1, -1).forEach((cell, place) => {
      cell.hidden = chosen !== null && !chosen.includes(String(place));
    }));
    all.setAttribute("aria-pressed", String(chosen === null));
  };
  const two = () => show([first.value, second.value]);
  [first, second].forEach((each) => each.addEventListener("change", two));
  all.addEventListener("click", () => (all.getAttribute("aria-pressed") === "true" ? two() : show(null)));
  if (narrow()) two();
  window.addEventListener("beforeprint", () => show(null));
}

// On paper everything is unfolded.
window.addEventListener("beforeprint", () => every("details").forEach((each) => { each.open = true; }));
