// Folds the points of the page at a period, which the slider drags: two cycles, drawn anew at every step.
const box = document.getElementById("fold");
const all = JSON.parse(document.getElementById("points").textContent);
const svg = box.querySelector("svg");
const slider = document.getElementById("period");
const days = document.getElementById("days");
const says = document.getElementById("fold-says");
const width = Number(box.dataset.width), height = Number(box.dataset.height);
const left = 52, right = 12, top = 10, bottom = 34;
// The slider's ends turn the first point against the last by so many cycles.
const TURNS = 3;
// What the buttons multiply: the period found, or the one that was typed.
let shown, base, centre, period;

function made(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function ticks(low, high, most) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push([value, value.toFixed(digits)]);
  return found;
}

function choose(number) {
  shown = all[number];
  const x = shown.bands.flatMap((one) => one.x), y = shown.bands.flatMap((one) => one.y);
  shown.first = x.reduce((one, other) => Math.min(one, other));
  shown.span = x.reduce((one, other) => Math.max(one, other)) - shown.first || 1;
  const low = y.reduce((one, other) => Math.min(one, other)), high = y.reduce((one, other) => Math.max(one, other));
  const margin = 0.08 * (high - low || 0.1);
  [shown.low, shown.high] = shown.brighterUp ? [high + margin, low - margin] : [low - margin, high + margin];
  frame();
  base = shown.period ?? 1;
  stand(base);
}

const across = (phase) => left + (phase / 2) * (width - left - right);
const down = (value) => top + ((shown.high - value) / (shown.high - shown.low)) * (height - top - bottom);

function frame() {
  const axes = made("g", { class: "axes", "aria-hidden": "true" });
  for (const [value, text] of ticks(Math.min(shown.low, shown.high), Math.max(shown.low, shown.high), 6)) {
    axes.append(made("path", { d: `M${left} ${down(value)}H${width - right}` }), made("text", { class: "y", x: left - 7, y: down(value) }, text));
  }
  for (let phase = 0; phase <= 2; phase += 0.25) {
    axes.append(made("path", { d: `M${across(phase)} ${top}V${height - bottom}`, ...(phase === 1 ? { class: "edge" } : {}) }));
    axes.append(made("text", { class: "x", x: across(phase), y: height - bottom + 15 }, phase.toFixed(2)));
  }
  axes.append(made("text", { class: "name", x: width - right, y: height - 4, "text-anchor": "end" }, "phase"));
  axes.append(made("text", { class: "name", x: left + 5, y: top + 9 }, shown.unit === "mag" ? "mag" : "flux"));
  const bands = shown.bands.map((one) => {
    const group = made("g", { class: `band ${one.band}` });
    group.append(made("path", { class: "errors" }), made("path", { class: "points" }));
    return group;
  });
  svg.replaceChildren(axes, ...bands);
}

function draw() {
  shown.bands.forEach((one, number) => {
    let points = "", errors = "";
    one.x.forEach((time, place) => {
      const cycles = (time - shown.first) / period, y = down(one.y[place]);
      for (const phase of [cycles - Math.floor(cycles), cycles - Math.floor(cycles) + 1]) {
        const x = across(phase).toFixed(1);
        points += `M${x} ${y.toFixed(1)}h0`;
        if (one.err[place] > 0) errors += `M${x} ${down(one.y[place] - one.err[place]).toFixed(1)}V${down(one.y[place] + one.err[place]).toFixed(1)}`;
      }
    });
    const [error, point] = svg.children[number + 1].children;
    error.setAttribute("d", errors);
    point.setAttribute("d", points);
  });
  const factor = shown.period ? period / shown.period : null;
  const names = [[1, "the period found"], [2, "twice the period found"], [3, "three times the period found"], [1 / 2, "half the period found"], [1 / 3, "a third of the period found"]];
  const named = factor && names.find(([one]) => Math.abs(factor / one - 1) < 1e-9);
  const about = named ? named[1] : factor ? `${factor.toPrecision(5)} times the period found` : "no period was found: too few points, or too short a time";
  says.textContent = `${period.toPrecision(7)} days, ${about}; ${(shown.span / period).toPrecision(3)} cycles observed.`;
  for (const button of box.querySelectorAll("[data-times]")) {
    button.setAttribute("aria-pressed", String(Math.abs(period / base / Number(button.dataset.times) - 1) < 1e-9));
  }
  slider.setAttribute("aria-valuetext", `${period.toPrecision(7)} days`);
}

// The slider goes around a period, in frequency: a step is the same smear everywhere.
function stand(at) {
  centre = period = at;
  slider.value = 0;
  days.value = Number(period.toPrecision(8));
  draw();
}

slider.addEventListener("input", () => {
  const turned = (TURNS * Number(slider.value)) / Number(slider.max) / shown.span;
  period = Number(slider.value) === 0 ? centre : 1 / Math.max(1 / centre + turned, 0.1 / shown.span);
  days.value = Number(period.toPrecision(8));
  draw();
});
days.addEventListener("change", () => {
  if (!(Number(days.value) > 0)) return;
  base = Number(days.value);
  stand(base);
});
box.addEventListener("click", (event) => {
  const times = Number(event.target.dataset?.times);
  if (!times) return;
  if (times === 1) base = shown.period ?? base;
  stand(base * times);
});
// The periods that catalogues have.
for (const button of document.querySelectorAll("[data-days]")) {
  button.addEventListener("click", () => {
    base = Number(button.dataset.days);
    stand(base);
    box.scrollIntoView({ block: "nearest" });
  });
}
box.addEventListener("change", (event) => { if (event.target.name === "series") choose(Number(event.target.value)); });
choose(0);
