// The page of a sweep: draws its figures and its table from the JSON in #data, with Plot and d3.
"use strict";

const sweep = JSON.parse(document.getElementById("data").textContent);
const { axes, quantities } = sweep;
const points = sweep.points.map((point, k) => ({ ...point, k }));

const REGIMES = {
  uniform: { fill: "#fdea45", text: "even" },
  "edge-limited": { fill: "#8a8779", text: "edge" },
  depleted: { fill: "#00224e", text: "dry" },
};
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye", "cross"];
const NOT_REACHED = "no value: not reached within the run";
const FEW = 6; // panels side by side that a page opens with
const NARROW = 480;

// -- Small helpers --------------------------------------------------------------------------------

/** An HTML element with attributes and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A number with a few digits, without an exponent where it reads better so. */
function show(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  let text = value.toExponential(digits - 1).replace(/\.?0*e\+?/, "e");
  if (value === 0 || (size >= 1e-3 && size < 1e5)) {
    const places = value === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    text = value.toFixed(places);
    if (text.includes(".")) text = text.replace(/\.?0+$/, "");
  }
  return text.replace(/-/g, "−");
}

const titled = ({ label, unit }) => (unit ? `${label} [${unit}]` : label);
const valued = (axis, text) => `${axis.label} ${text} ${axis.unit}`.trim();
const positions = (axis) => axes[axis].shown.map((_, k) => k);
const coordinate = (point, axis) => axes[axis].at[point.k];
const isNumeric = (axis) => axes[axis].at.every((value) => typeof value === "number");
const present = (values) => values.filter((value) => value !== null && value !== undefined);

/** Whether values can be shown on a logarithmic scale: different ones, all on one side of zero. */
const oneSided = (values) => new Set(values).size > 1 && (values.every((v) => v > 0) || values.every((v) => v < 0));

/** Whether they are better shown so: they span more than a decade and a half. */
function wide(values) {
  const sizes = values.map(Math.abs);
  return oneSided(values) && Math.max(...sizes) > 30 * Math.min(...sizes);
}

const darkScreen = matchMedia("(prefers-color-scheme: dark)");
let printing = false;

/** Colours of the members of a family, each far enough from the paper's. */
function familyColours(count) {
  const [from, to] = darkScreen.matches && !printing ? [1, 0.5] : [0, 0.75];
  const share = (k) => from + ((to - from) * k) / Math.max(count - 1, 1);
  return d3.range(count).map((k) => d3.interpolateCividis(share(k)));
}

/** Black or white, whichever can be read on a colour. */
function inkOn(colour) {
  const rgb = d3.color(colour);
  return rgb === null ? "var(--ink)" : d3.lab(rgb).l > 55 ? "#000" : "#fff";
}

// -- Controls -------------------------------------------------------------------------------------

/** A labelled drop-down list of [value, text]; `onChange` gets the number chosen. */
function chooser(label, options, chosen, onChange) {
  const select = element("select", {}, ...options.map(([value, text]) => new Option(text, value)));
  select.value = chosen;
  select.addEventListener("change", () => onChange(Number(select.value)));
  return element("label", {}, label, select);
}

function checkbox(label, checked, onChange) {
  const input = element("input", { type: "checkbox" });
  input.checked = checked;
  input.addEventListener("change", () => onChange(input.checked));
  return element("label", { class: "tick" }, input, label);
}

/** Choose the quantity at the index `chosen`. */
function quantityChooser(label, chosen, onChange) {
  return chooser(label, quantities.map((item, k) => [k, titled(item)]), chosen, onChange);
}

/** Give a role an axis; whichever role had it before takes over the old one, or one that is free. */
function assign(view, roles, role, axis) {
  const other = roles.find((name) => name !== role && axis >= 0 && view[name] === axis);
  const old = view[role];
  view[role] = axis;
  if (!other) return;
  const free = axes.findIndex((_, k) => !roles.some((name) => name !== other && view[name] === k));
  view[other] = old >= 0 ? old : free;
}

/** Choosers for the axes in their roles {name: [label, may be none]}, and for the values of the others. */
function axisControls(container, view, roles, redraw) {
  const names = Object.keys(roles);
  const selects = names.map((name) => {
    const [label, optional] = roles[name];
    const options = axes.map((axis, k) => [k, axis.label]);
    if (optional) options.push([-1, "none"]);
    return chooser(label, options, view[name], (axis) => {
      assign(view, names, name, axis);
      update();
    });
  });
  const fixed = axes.map((axis, k) => {
    const options = axis.shown.map((text, value) => [value, `${text} ${axis.unit}`.trim()]);
    return chooser(axis.label, options, view.fixed[k], (value) => {
      view.fixed[k] = value;
      redraw();
    });
  });
  const update = (draw = true) => {
    names.forEach((name, k) => (selects[k].querySelector("select").value = view[name]));
    fixed.forEach((label, k) => (label.hidden = !sweep.grid || names.some((name) => view[name] === k)));
    if (draw) redraw();
  };
  container.append(...selects, ...fixed);
  update(false);
}

/** The points at the chosen values of all axes that have no role. */
function selected(view, roles) {
  if (!sweep.grid) return points;
  const others = axes.map((_, k) => k).filter((k) => !roles.some((name) => view[name] === k));
  return points.filter((point) => others.every((k) => point.index[k] === view.fixed[k]));
}

const middles = () => axes.map((axis) => Math.floor((axis.shown.length - 1) / 2));

// -- What a mark says: with the pointer, with the keyboard, to a screen reader --------------------------

/** The lines of the note on a point; `item` is the quantity shown, if any. */
function note(point, item) {
  const lines = [`Point ${point.number}: ${[point.status, point.regime].filter(Boolean).join(", ")}`];
  axes.forEach((axis, k) => lines.push(valued(axis, show(coordinate(point, k), 4))));
  if (item && point.status === "finished") {
    const value = item.values[point.k];
    lines.push(value === null ? `${item.label}: not reached` : `${titled(item)}: ${show(value, 4)}`);
    if (item.twin && item.twin[point.k] !== null) lines.push(`Coin cell: ${show(item.twin[point.k], 4)}`);
  }
  if (point.reason) lines.push(point.reason);
  return lines;
}

const tip = document.getElementById("tip");

function showTip(holder, lines) {
  tip.replaceChildren(...lines.map((line) => element("div", {}, line)));
  tip.hidden = false;
  tip.shown = { holder, lines };
  const mark = holder.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const below = mark.bottom + 8 + own.height < innerHeight;
  const left = Math.min(Math.max(4, mark.left + mark.width / 2 - own.width / 2), innerWidth - own.width - 4);
  tip.style.left = `${Math.max(0, left)}px`;
  tip.style.top = `${below ? mark.bottom + 8 : Math.max(0, mark.top - own.height - 8)}px`;
}

const hideTip = () => (tip.hidden = true);

/** The note goes with its mark where the keyboard brought it up, and goes away where the pointer did. */
function followTip() {
  const { holder, lines } = tip.shown ?? {};
  if (!tip.hidden && holder === document.activeElement) showTip(holder, lines);
  else hideTip();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function centre(holder) {
  const box = holder.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

/** The nearest holder in the direction of an arrow key. */
function neighbour(holders, from, key) {
  const [dx, dy] = ARROWS[key];
  const [x, y] = centre(from);
  const distance = (holder) => {
    const [u, v] = centre(holder);
    const ahead = (u - x) * dx + (v - y) * dy;
    const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
    return ahead > 1 ? ahead + 3 * aside : Infinity;
  };
  const nearest = d3.least(holders, distance);
  return nearest && distance(nearest) < Infinity ? nearest : null;
}

/** Notes and arrow keys for the marks of a figure: one stop of the Tab key per plot. */
function explain(svg, selector, shown, item) {
  const marks = [...svg.querySelectorAll(selector)];
  const holders = marks.map((mark) => mark.closest("a") ?? mark);
  holders.forEach((holder, k) => {
    const lines = note(shown[k], item);
    holder.setAttribute("aria-label", lines.join("; "));
    if (holder === marks[k]) holder.setAttribute("role", "img");
    holder.setAttribute("tabindex", k === 0 ? 0 : -1);
    for (const event of ["pointerenter", "focus"]) holder.addEventListener(event, () => showTip(holder, lines));
    for (const event of ["pointerleave", "blur"]) holder.addEventListener(event, hideTip);
    holder.addEventListener("keydown", (event) => {
      const next = event.key in ARROWS ? neighbour(holders, holder, event.key) : null;
      if (!next) return;
      event.preventDefault();
      holder.setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });
  });
}

const linkOf = (point) => point.page || point.log || null;

// -- Maps: a field per point of a grid, or a dot per point of another design ---------------------------

const MAP_ROLES = ["across", "up", "side"];
const map = {
  across: 0,
  up: axes.length > 1 ? 1 : -1,
  side: sweep.grid && axes.length > 2 && axes[2].shown.length <= FEW ? 2 : -1,
  fixed: middles(),
};

/** Fill and text of points without a value; null for a point that has one. */
function withoutValue(point, value) {
  if (point.status === "failed") return { fill: "url(#failed)", text: "✕", blank: true };
  if (point.status === "dropped") return { fill: "none", text: "∅", blank: true };
  if (point.status !== "finished") return { fill: "url(#waiting)", text: "…", blank: true };
  return value === null || value === "" ? { fill: "var(--empty)", text: "–", blank: true } : null;
}

/** A little picture and its meaning, for the key of a figure. */
function keyEntry(fill, text, meaning) {
  const sign = `<rect x="0.5" y="0.5" width="21" height="15" fill="${fill}" stroke="currentColor" stroke-width="0.7"/>
    <text x="11" y="12.5" text-anchor="middle" font-size="12" fill="${inkOn(fill)}" stroke="${fill.startsWith("url") ? "var(--paper)" : "none"}"
      stroke-width="3" paint-order="stroke">${text}</text>`;
  const entry = element("span");
  entry.innerHTML = `<svg width="22" height="16" aria-hidden="true">${sign}</svg>`;
  entry.append(meaning);
  return entry;
}

/** Key entries for the points shown that have no value. */
function emptyEntries(shown, valueOf, missing) {
  const found = new Map();
  for (const point of shown) {
    const blank = withoutValue(point, valueOf(point));
    if (blank) found.set(blank.text, { ...blank, meaning: point.status === "finished" ? missing : point.status });
  }
  return [...found.values()].map(({ fill, text, meaning }) => keyEntry(fill, text, meaning));
}

/** Draw one plot per value of the axis side by side. `paint(point)` is {fill, text}. */
function drawPanels(target, paint, item) {
  const sides = map.side < 0 ? [null] : positions(map.side);
  const shown = selected(map, MAP_ROLES);
  const panels = sides.map((side) => {
    const head = side === null ? [] : [element("h4", {}, valued(axes[map.side], axes[map.side].shown[side]))];
    return element("div", { class: "panel" }, ...head);
  });
  target.replaceChildren(...panels);
  panels.forEach((panel, k) => {
    const here = sides[k] === null ? shown : shown.filter((point) => point.index[map.side] === sides[k]);
    panel.append((sweep.grid ? cellPlot : dotPlot)(here, panel.clientWidth, paint, item));
  });
  return shown;
}

/** The labels of a band axis: thinned out, or turned where they are long. */
function bandLabels(axis, step) {
  const texts = axes[axis].shown;
  const longest = Math.max(...texts.map((text) => text.length)) * 7 + 6;
  const turned = longest > step && !isNumeric(axis);
  const every = turned ? 1 : Math.ceil(longest / step);
  return {
    ticks: positions(axis).filter((k) => k % every === 0),
    tickFormat: (k) => texts[k],
    tickRotate: turned ? -35 : 0,
    space: turned ? Math.min(90, longest * 0.6) + 34 : 40,
  };
}

/** The texts on painted marks, with a rim where the ground is no plain colour. */
function glyphs(shown, painted, place) {
  return Plot.text(shown, { ...place, text: (_, k) => painted[k].text, fill: (_, k) => inkOn(painted[k].fill),
    stroke: (_, k) => (painted[k].fill.startsWith("url") ? "var(--paper)" : "none"), strokeWidth: 4, pointerEvents: "none" });
}

function cellPlot(shown, width, paint, item) {
  const rows = map.up < 0 ? [0] : positions(map.up).reverse();
  const widest = map.up < 0 ? 0 : Math.max(...axes[map.up].shown.map((text) => text.length));
  const left = 18 + Math.min(7 * widest, 130);
  const count = axes[map.across].shown.length;
  const step = Math.min(120, (width - left - 8) / count);
  const row = Math.max(16, Math.min(36, 420 / rows.length));
  const { space, ...labels } = bandLabels(map.across, step);
  const painted = shown.map(paint);
  const fits = Math.max(...painted.map(({ text }) => text.length)) * 6.8 + 4 < step * 0.96;
  const place = { x: (p) => p.index[map.across], y: (p) => (map.up < 0 ? 0 : p.index[map.up]) };
  const svg = Plot.plot({
    width: left + step * count + 8,
    height: 26 + row * rows.length + space,
    marginLeft: left, marginRight: 8, marginTop: 26, marginBottom: space,
    style: { overflow: "visible" },
    color: { type: "identity" },
    x: { type: "band", domain: positions(map.across), padding: 0.04, label: titled(axes[map.across]),
      labelAnchor: "center", labelArrow: "none", tickSize: 0, ...labels },
    y: { type: "band", domain: rows, padding: 0.06, tickSize: 0, axis: map.up < 0 ? null : "left",
      tickFormat: (k) => (map.up < 0 ? "" : axes[map.up].shown[k]),
      label: map.up < 0 ? null : titled(axes[map.up]), labelAnchor: "top", labelArrow: "none" },
    marks: [
      Plot.cell(shown, { ...place, fill: (_, k) => painted[k].fill, stroke: "currentColor", strokeOpacity: 0.4,
        strokeWidth: 0.7, href: linkOf }),
      glyphs(fits ? shown : [], painted, place),
    ],
  });
  explain(svg, 'g[aria-label="cell"] rect', shown, item);
  return svg;
}

/** The scale of an axis for dots and lines. */
function scaleOf(axis, logarithmic) {
  const type = !isNumeric(axis) ? "point" : logarithmic ? "log" : "linear";
  return { type, label: titled(axes[axis]), labelAnchor: "center", labelArrow: "none", tickFormat: (v) => show(v) };
}

function dotPlot(shown, width, paint, item) {
  const across = map.across;
  const up = map.up;
  const painted = shown.map(paint);
  const size = Math.min(width, 760);
  const place = { x: (p) => coordinate(p, across), y: up < 0 ? () => 0 : (p) => coordinate(p, up) };
  const blank = shown.filter((point, k) => painted[k].blank);
  const svg = Plot.plot({
    width: size,
    height: up < 0 ? 130 : Math.min(460, size * 0.75),
    marginLeft: 58, marginBottom: 44, marginTop: 28, inset: 10, grid: true,
    style: { overflow: "visible" },
    color: { type: "identity" }, symbol: { type: "identity" },
    x: { ...scaleOf(across, axes[across].log), ticks: Math.max(3, size / 110) },
    y: up < 0 ? { axis: null } : { ...scaleOf(up, axes[up].log), labelAnchor: "top", ticks: 5 },
    marks: [
      Plot.dot(shown, { ...place, r: 7, symbol: () => "circle", fill: (_, k) => painted[k].fill, stroke: "currentColor",
        strokeWidth: 0.9, href: linkOf }),
      glyphs(blank, blank.map(paint), place),
    ],
  });
  explain(svg, 'g[aria-label="dot"] path', shown, item);
  return svg;
}

function drawRegimes() {
  const figure = document.getElementById("regimes");
  const paint = (point) => withoutValue(point, point.regime) ?? REGIMES[point.regime];
  const shown = drawPanels(figure.querySelector(".panels"), paint, null);
  const entries = sweep.regimes.map((name) => keyEntry(REGIMES[name].fill, "", `${name} (${REGIMES[name].text})`));
  figure.querySelector(".key").replaceChildren(...entries, ...emptyEntries(shown, (p) => p.regime, "unknown"));
}

/** Few round numbers on a logarithmic scale. */
function logTicks(domain) {
  const [low, high] = d3.sort(domain, Math.abs).map(Math.abs);
  const decades = d3.range(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1);
  const within = (heads) => decades.flatMap((e) => heads.map((head) => head * 10 ** e)).filter((v) => v >= low && v <= high);
  const found = [[1], [1, 3], [1, 2, 5]].map(within).find((values) => values.length >= 3) ?? [low, high];
  return found.map((value) => Math.sign(domain[0]) * value);
}

/** The key of a colour scale. */
function colourKey(color) {
  const ticks = color.type === "log" ? logTicks(color.domain) : 4;
  return Plot.legend({ color, width: 260, ticks, marginLeft: 14, marginRight: 18 });
}

/** A heat map with its own quantity and colour scale. */
function heatMap(figure, start) {
  const state = { quantity: start, log: false };
  const [controls, key, panels, caption] = figure.children;
  const values = () => present(quantities[state.quantity].values);
  const tick = checkbox("logarithmic colours", false, (on) => {
    state.log = on;
    draw();
  });
  const choose = (quantity) => {
    state.quantity = quantity;
    state.log = wide(values());
    tick.querySelector("input").checked = state.log;
    tick.querySelector("input").disabled = !oneSided(values());
  };
  controls.append(quantityChooser("Quantity", start, (quantity) => { choose(quantity); draw(); }), tick);
  choose(start);

  function draw() {
    const item = quantities[state.quantity];
    const color = { type: state.log ? "log" : "linear", scheme: "cividis", domain: d3.extent(values()),
      label: titled(item), tickFormat: (v) => show(v) };
    const scale = values().length ? Plot.scale({ color }) : null;
    const valueOf = (point) => item.values[point.k];
    const paint = (point) =>
      withoutValue(point, valueOf(point)) ?? { fill: scale.apply(valueOf(point)), text: show(valueOf(point)) };
    const shown = drawPanels(panels, paint, item);
    const legend = scale ? [colourKey(color)] : [];
    key.replaceChildren(...legend, ...emptyEntries(shown, valueOf, NOT_REACHED));
    caption.replaceChildren(summary(item, shown));
  }
  return draw;
}

/** One sentence: the range of the values shown, and how many there are. */
function summary(item, shown) {
  const values = present(shown.map((point) => item.values[point.k]));
  if (!values.length) return `${titled(item)}: no value at these points.`;
  const [low, high] = d3.extent(values).map((value) => show(value));
  const range = low === high ? low : `${low} to ${high}`;
  const count = values.length === 1 ? "one point" : `${values.length} points`;
  const derived = item.expression ? ` Derived: ${item.expression}.` : "";
  return `${titled(item)}: ${range}, at ${count} shown with a value.${derived}`;
}

// -- Lines: a quantity along an axis, a line for each value of another one ------------------------------

const LINE_ROLES = ["across", "family"];
const DASHED = "5,4"; // the twins
const DOTTED = "1,4"; // a threshold
const LEVEL = 12; // height of a row of signs for points without a value

function lines(figure) {
  const view = { across: 0, family: axes.length > 1 ? 1 : -1, fixed: middles(), quantity: 0, logX: axes[0].log, logY: false };
  const [controls, key, panels, caption] = figure.children;
  const ticks = {
    logX: checkbox("logarithmic across", view.logX, (on) => { view.logX = on; draw(); }),
    logY: checkbox("logarithmic up", false, (on) => { view.logY = on; draw(); }),
  };
  const setTick = (name, on, possible) => {
    view[name] = on && possible;
    ticks[name].querySelector("input").checked = view[name];
    ticks[name].querySelector("input").disabled = !possible;
  };
  const resetX = () => setTick("logX", axes[view.across].log, isNumeric(view.across) && oneSided(axes[view.across].at));
  const resetY = () => {
    const { values, twin } = quantities[view.quantity];
    const all = present([...values, ...(twin ?? [])]);
    setTick("logY", wide(all), oneSided(all));
  };
  controls.append(quantityChooser("Quantity", 0, (quantity) => { view.quantity = quantity; resetY(); draw(); }));
  let before = view.across;
  axisControls(controls, view, { across: ["Across", false], family: [sweep.grid ? "A line for each" : "Colour", true] }, () => {
    if (view.across !== before) resetX();
    before = view.across;
    draw();
  });
  controls.append(ticks.logX, ticks.logY);
  resetX();
  resetY();

  function draw() {
    const item = quantities[view.quantity];
    const shown = selected(view, LINE_ROLES);
    const panel = element("div", { class: "panel" });
    panels.replaceChildren(panel);
    const width = panel.clientWidth;
    const limit = threshold(item);
    const made = sweep.grid ? familyMarks(shown, view, item) : scatterMarks(shown, view, item);
    const svg = Plot.plot({
      width,
      height: width < NARROW ? 300 : 400,
      marginLeft: 62, marginRight: 16, marginBottom: 44, marginTop: 28, inset: 12, insetBottom: made.floor, grid: true,
      style: { overflow: "visible" },
      color: { type: "identity" }, symbol: { type: "identity" },
      x: { ...scaleOf(view.across, view.logX), ticks: Math.max(3, width / 110) },
      y: { type: view.logY ? "log" : "linear", label: titled(item), labelArrow: "none", tickFormat: (v) => show(v), ticks: 6 },
      marks: [...limit.marks, ...made.marks],
    });
    panel.append(svg);
    explain(svg, 'g[aria-label="dot"] path', made.dots, item);
    key.replaceChildren(...made.key, ...limit.key);
    caption.replaceChildren(`${summary(item, shown)} ${item.twin ? "Dashed: the coin-cell twin." : ""}`);
  }
  return draw;
}

/** The value that parts two regimes, where the quantity is the one that decides. */
function threshold(item) {
  const { name, value, text } = sweep.threshold;
  if (item.name !== name) return { marks: [], key: [] };
  return { marks: [Plot.ruleY([value], { strokeDasharray: DOTTED, strokeWidth: 1.5 })],
    key: [lineEntry("currentColor", null, DOTTED, text)] };
}

/** Lines with symbols, dashed ones for the twins, and a cross on the floor for what failed. */
function familyMarks(shown, view, item) {
  const members = view.family < 0 ? [0] : positions(view.family);
  const colours = familyColours(members.length);
  const member = (point) => (view.family < 0 ? 0 : point.index[view.family]);
  const ordered = d3.sort(shown, member, (point) => point.index[view.across]);
  const x = (point) => (isNumeric(view.across) ? coordinate(point, view.across) : axes[view.across].shown[point.index[view.across]]);
  const y = (point) => item.values[point.k];
  const colour = (point) => colours[member(point)];
  const dots = ordered.filter((point) => y(point) !== null);
  const absent = ordered.filter((point) => y(point) === null);
  const twins = twinMarks(ordered, x, member, colour, item);
  const marks = [
    ...twins.marks,
    Plot.line(ordered, { x, y, z: member, stroke: colour, strokeWidth: 1.8 }),
    Plot.dot(dots, { x, y, fill: colour, stroke: "var(--paper)", strokeWidth: 0.8, r: 5, href: linkOf,
      symbol: (point) => SYMBOLS[member(point) % SYMBOLS.length] }),
    ...members.map((k) => Plot.text(absent.filter((point) => member(point) === k), { x, frameAnchor: "bottom",
      text: (point) => withoutValue(point, null).text, fill: colours[k], dy: -5 - LEVEL * k, fontWeight: "bold" })),
  ];
  const key = members.map((k) => lineEntry(colours[k], SYMBOLS[k % SYMBOLS.length], "",
    view.family < 0 ? "thin cell" : valued(axes[view.family], axes[view.family].shown[k])));
  key.push(...twins.key);
  const floor = 14 + (absent.length ? LEVEL * members.length : 0);
  return { marks, dots, floor, key: [...key, ...emptyEntries(absent, () => null, NOT_REACHED)] };
}

/** The twins: one dashed line if they are the same for all members, else one in each member's colour. */
function twinMarks(ordered, x, member, colour, item) {
  if (!item.twin) return { marks: [], key: [] };
  const value = (point) => item.twin[point.k];
  const distinct = d3.rollups(ordered, (group) => new Set(group.map(value)).size, x);
  const same = distinct.every(([, count]) => count === 1);
  const style = { x, y: value, strokeDasharray: DASHED, strokeWidth: 1.6 };
  const own = ordered.filter((point) => member(point) === member(ordered[0]));
  return {
    marks: [same ? Plot.line(own, { ...style, stroke: "var(--coin)" }) : Plot.line(ordered, { ...style, z: member, stroke: colour })],
    key: [lineEntry(same ? "var(--coin)" : "currentColor", null, DASHED, "coin-cell twin")],
  };
}

/** Dots, coloured by another axis; rings for the twins. */
function scatterMarks(shown, view, item) {
  const y = (point) => item.values[point.k];
  const x = (point) => coordinate(point, view.across);
  const dots = shown.filter((point) => y(point) !== null);
  const absent = shown.filter((point) => y(point) === null);
  const by = view.family;
  const color = by < 0 ? null : { type: axes[by].log ? "log" : "linear", scheme: "cividis", domain: d3.extent(axes[by].at),
    label: titled(axes[by]), tickFormat: (v) => show(v) };
  const scale = color && Plot.scale({ color });
  const twins = item.twin ? shown.filter((point) => item.twin[point.k] !== null) : [];
  const marks = [
    Plot.text(twins, { x, y: (point) => item.twin[point.k], text: () => "––", fill: "var(--coin)", fontWeight: "bold" }),
    Plot.dot(dots, { x, y, r: 5.5, fill: scale ? (point) => scale.apply(coordinate(point, by)) : "var(--blue)", symbol: () => "circle",
      stroke: "currentColor", strokeWidth: 0.8, href: linkOf }),
    Plot.text(absent, { x, text: (point) => withoutValue(point, null).text, frameAnchor: "bottom", dy: -5, fontWeight: "bold" }),
  ];
  const key = color ? [colourKey(color)] : [];
  if (twins.length) key.push(lineEntry("var(--coin)", null, DASHED, "coin-cell twin"));
  const floor = 14 + (absent.length ? LEVEL : 0);
  return { marks, dots, floor, key: [...key, ...emptyEntries(absent, () => null, NOT_REACHED)] };
}

const SHAPES = { circle: d3.symbolCircle, square: d3.symbolSquare, triangle: d3.symbolTriangle, diamond: d3.symbolDiamond,
  star: d3.symbolStar, wye: d3.symbolWye, cross: d3.symbolCross };

function lineEntry(colour, symbol, dashes, meaning) {
  const shape = symbol ? `<path d="${d3.symbol(SHAPES[symbol], 64)()}" transform="translate(16,8)" fill="${colour}"/>` : "";
  const entry = element("span");
  entry.innerHTML = `<svg width="32" height="16" aria-hidden="true"><line x1="0" x2="32" y1="8" y2="8" stroke="${colour}"
    stroke-width="2" stroke-dasharray="${dashes}"/>${shape}</svg>`;
  entry.append(meaning);
  return entry;
}

// -- The table of all points ----------------------------------------------------------------------------

/** Columns: head, value to sort by, and how a cell is filled if not with the value itself. */
function tableColumns(all) {
  const links = (point) => [["page", point.page], ["coin cell", point.twin], ["log", point.log]]
    .filter(([, path]) => path)
    .flatMap(([text, path], k) => [k ? " · " : "", element("a", { href: path, "aria-label": `${text} of point ${point.number}` }, text)]);
  const shownItems = quantities.filter((item) => all || item.group === "headline" || item.group === "derived");
  const effort = quantities.filter((item) => !all && item.group === "effort");
  const numbers = (items) => items.map((item) => ({ head: titled(item), value: (p) => item.values[p.k], numeric: true }));
  const twins = all ? quantities.filter((item) => item.twin) : [];
  return [
    { head: "Point", value: (p) => p.number, numeric: true },
    { head: "Open", value: (p) => p.page, cell: links },
    { head: "Status", value: (p) => p.status, kind: (p) => `status-${p.status}` },
    { head: "Regime", value: (p) => p.regime },
    ...axes.map((axis, k) => ({ head: titled(axis), value: (p) => coordinate(p, k), numeric: isNumeric(k), digits: 4 })),
    ...numbers(shownItems),
    ...twins.map((item) => ({ head: `Coin cell: ${titled(item)}`, value: (p) => item.twin[p.k], numeric: true })),
    ...numbers(effort),
    { head: "Reason", value: (p) => p.reason, kind: () => "long" },
  ];
}

/** All that a text filter looks at, in small letters. */
function searched(point) {
  const places = axes.map((axis, k) => `${axis.label} ${show(coordinate(point, k), 4)} ${axis.unit}`);
  return [point.number, point.id, point.status, point.regime, point.reason, ...places].join(" | ").toLowerCase();
}

function table() {
  const state = { words: [], statuses: new Set(sweep.statuses), all: false, sort: 0, down: false };
  const [head, body] = document.getElementById("table").children;
  const texts = points.map(searched);
  let columns = tableColumns(false);

  function rows() {
    const kept = points.filter((p) => state.statuses.has(p.status) && state.words.every((word) => texts[p.k].includes(word)));
    const value = columns[state.sort].value;
    const order = state.down ? d3.descending : d3.ascending;
    const blank = (p) => value(p) === null || value(p) === "";
    return d3.sort(kept, (a, b) => blank(a) - blank(b) || order(value(a), value(b)) || a.number - b.number);
  }

  function drawBody() {
    const kept = rows();
    body.replaceChildren(...kept.map((point) => element("tr", {}, ...columns.map((column) => cell(column, point)))));
    document.getElementById("shown").textContent = `${kept.length} of ${points.length} points`;
  }

  function cell(column, point) {
    const kind = [column.numeric ? "n" : "", column.kind ? column.kind(point) : ""].join(" ").trim();
    const content = column.cell ? column.cell(point) : [show(column.value(point), column.digits ?? 4)];
    return element("td", kind ? { class: kind } : {}, ...content);
  }

  function drawHead() {
    head.replaceChildren(element("tr", {}, ...columns.map((column, k) => {
      const button = element("button", { type: "button" }, column.head);
      button.addEventListener("click", () => sortBy(k));
      return element("th", { scope: "col", ...(column.numeric ? { class: "n" } : {}) }, button);
    })));
    markSorted();
  }

  function markSorted() {
    [...head.rows[0].cells].forEach((th, k) =>
      th.setAttribute("aria-sort", k !== state.sort ? "none" : state.down ? "descending" : "ascending"));
  }

  function sortBy(k) {
    state.down = state.sort === k ? !state.down : false;
    state.sort = k;
    markSorted();
    drawBody();
  }

  function addControls() {
    const search = element("input", { type: "search", placeholder: "words, e.g. failed 500 nm" });
    search.addEventListener("input", () => {
      state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      drawBody();
    });
    const counts = d3.rollup(points, (group) => group.length, (point) => point.status);
    const ticks = sweep.statuses.filter((name) => counts.has(name)).map((name) =>
      checkbox(`${name} (${counts.get(name)})`, true, (on) => {
        state.statuses[on ? "add" : "delete"](name);
        drawBody();
      }));
    const all = checkbox("all quantities", false, (on) => {
      const sorted = columns[state.sort].head;
      columns = tableColumns(on);
      state.sort = Math.max(0, columns.findIndex((column) => column.head === sorted));
      drawHead();
      drawBody();
    });
    document.getElementById("table-controls").append(
      element("label", {}, "Filter", search), element("fieldset", { "aria-label": "Status" }, ...ticks), all);
  }

  addControls();
  drawHead();
  drawBody();
}

// -- All of it ------------------------------------------------------------------------------------------

const heats = [...document.querySelectorAll("figure.heat")].map((figure, k) => heatMap(figure, k));

function drawMaps() {
  document.getElementById("heats").classList.toggle("together", map.side < 0);
  [drawRegimes, ...heats].forEach((draw) => draw());
}

const roles = { across: ["Across", false] };
if (axes.length > 1) roles.up = ["Up", false];
if (axes.length > 2 && sweep.grid) roles.side = ["Side by side", true];
axisControls(document.getElementById("map-controls"), map, roles, drawMaps);
const drawLines = quantities.length ? lines(document.getElementById("families")) : () => {};

function drawAll() {
  hideTip();
  drawMaps();
  drawLines();
}

let drawnWidth = 0;
new ResizeObserver(([entry]) => {
  const width = Math.round(entry.contentRect.width);
  if (width === drawnWidth || printing) return;
  drawnWidth = width;
  drawAll();
}).observe(document.querySelector("main"));
darkScreen.addEventListener("change", drawAll);
addEventListener("beforeprint", () => { printing = true; drawAll(); });
addEventListener("afterprint", () => { printing = false; drawAll(); });
addEventListener("scroll", followTip, { passive: true });
addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
table();
