// The map works without this: it only adds zoom, a quick hover, and colours the map anew when another measure is chosen.
const drawings = [...document.querySelectorAll("figure.map svg")];
const marks = new Map();
for (const drawing of drawings) {
  for (const link of drawing.querySelectorAll("a")) {
    const code = link.getAttribute("href").split("/").pop();
    const title = link.querySelector("title");
    link.dataset.said = title.textContent;
    title.remove();
    if (!marks.has(code)) marks.set(code, []);
    marks.get(code).push(link);
  }
}

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);

function tell(event) {
  const link = event.target.closest("figure.map a");
  for (const other of document.querySelectorAll("figure.map a.here:not(.own)")) other.classList.remove("here");
  tip.hidden = !link;
  if (!link) return;
  const code = link.getAttribute("href").split("/").pop();
  for (const one of marks.get(code) || []) one.classList.add("here");
  const at = link.dataset.said.lastIndexOf(": ");
  const name = document.createElement("b");
  name.textContent = link.dataset.said.slice(0, at);
  tip.replaceChildren(name, link.dataset.said.slice(at + 2));
  const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
  const below = event.clientY + 18 + tip.offsetHeight < window.innerHeight;
  tip.style.setProperty("left", `${left}px`);
  tip.style.setProperty("top", `${below ? event.clientY + 18 : event.clientY - 12 - tip.offsetHeight}px`);
}
document.addEventListener("pointermove", tell, { passive: true });
document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

// Zoom: the window onto the drawing is its viewBox.
const whole = new Map(drawings.map((one) => [one, one.getAttribute("viewBox").split(" ").map(Number)]));
const window_of = (drawing) => drawing.getAttribute("viewBox").split(" ").map(Number);
function look(drawing, box) {
  drawing.setAttribute("viewBox", box.map((one) => Math.round(one)).join(" "));
  drawing.closest("figure").classList.toggle("near", box[2] < 0.98 * whole.get(drawing)[2]);
}
function zoom(drawing, times, x = 0.5, y = 0.5) {
  const [left, top, width, height] = window_of(drawing);
  const all = whole.get(drawing);
  const next = times ? Math.min(Math.max(width * times, all[2] / 60), all[2] * 1.2) : all[2];
  if (!times) return look(drawing, all);
  const high = height * (next / width);
  look(drawing, [left + (width - next) * x, top + (height - high) * y, next, high]);
}
function move(drawing, right, down) {
  const [left, top, width, height] = window_of(drawing);
  look(drawing, [left + right * width, top + down * height, width, height]);
}
const KEYS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15] };
for (const drawing of drawings) {
  const figure = drawing.closest("figure");
  const buttons = figure.querySelector(".zoom");
  if (buttons) buttons.hidden = false;
  figure.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoom(drawing, Number(button.dataset.zoom));
  });
  figure.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== figure) return;
    if (event.key === "+" || event.key === "=") zoom(drawing, 0.7);
    else if (event.key === "-") zoom(drawing, 1.4);
    else if (event.key === "0") zoom(drawing, 0);
    else if (KEYS[event.key] && figure.classList.contains("near")) move(drawing, ...KEYS[event.key]);
    else return;
    event.preventDefault();
  });
  drawing.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = drawing.getBoundingClientRect();
    zoom(drawing, event.deltaY < 0 ? 0.8 : 1.25, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }, { passive: false });
  let from = null, dragged = false;
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && figure.classList.contains("near")) from = [event.clientX, event.clientY];
    dragged = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = drawing.getBoundingClientRect();
    const [right, down] = [event.clientX - from[0], event.clientY - from[1]];
    if (!dragged && Math.hypot(right, down) < 4) return;
    dragged = true;
    move(drawing, -right / box.width, -down / box.height);
    from = [event.clientX, event.clientY];
  });
  window.addEventListener("pointerup", () => { from = null; });
  drawing.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
}

// Another measure, state or date: the list comes from the server, and with it the classes of the map, in the map's order.
function paint() {
  const given = document.getElementById("paint");
  if (!given || !drawings.length) return;
  const classes = given.dataset.classes.split(" ");
  const values = given.dataset.values.split("|");
  let at = 0;
  for (const links of marks.values()) {
    for (const link of links) {
      link.setAttribute("class", classes[at]);
      link.dataset.said = `${link.dataset.said.slice(0, link.dataset.said.lastIndexOf(": "))}: ${values[at]}`;
    }
    at += 1;
  }
  const box = given.dataset.window.split(" ").map(Number);
  if (box.length === 4) look(drawings[0], box);
}
document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "side") paint(); });
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-whole]")) return;
  event.stopPropagation();
  event.target.form.requestSubmit();
}, true);
