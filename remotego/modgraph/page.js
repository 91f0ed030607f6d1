"use strict";
(() => {
  const [PATH, VERSION, X, Y, RING, ANGLE, PARENT, KIND, LEVEL, FINDINGS] = Array(10).keys();
  const MAIN = 0, DIRECT = 1;
  const LEVELS = ["failure", "unknown", "warning", "note"];
  const QUIET_MS = 140; // after the last movement the whole picture is drawn again
  const LABELS_FROM = 0.62; // scale at which names along a ring no longer touch
  const FEW = 150; // so many names need no choice
  const MOST_LABELS = 500;
  const NEAR = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]];
  const WORDS = { failure: ["failure", "failures"], unknown: ["unknown", "unknown"], warning: ["warning", "warnings"], note: ["note", "notes"] };
  const CHAINS = 6, ROWS = 60, RESULTS = 60;

  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = data.nodes, links = data.links, findings = data.findings;
  const $ = (id) => document.getElementById(id);
  const canvas = $("graph"), pen = canvas.getContext("2d"), panel = $("panel"), search = $("search"), results = $("results");
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");

  // What leads to and from each node, by number.
  const needs = nodes.map(() => []), neededBy = nodes.map(() => []), children = nodes.map(() => []);
  links.forEach(([from, to], number) => { needs[from].push(number); neededBy[to].push(number); });
  nodes.forEach((node, number) => { if (node[PARENT] >= 0) children[node[PARENT]].push(number); });
  children.forEach((list) => list.sort((a, b) => nodes[a][ANGLE] - nodes[b][ANGLE]));
  const rings = [];
  nodes.forEach((node, number) => (rings[node[RING]] ||= []).push(number));
  rings.forEach((list) => list.sort((a, b) => nodes[a][ANGLE] - nodes[b][ANGLE]));
  const owners = findings.map((_, f) => nodes.findIndex((node) => node[FINDINGS].includes(f)));
  const size = nodes.map((node, i) => node[KIND] === MAIN ? 11 : (node[KIND] === DIRECT ? 6 : 4.2) + Math.min(4, Math.log2(1 + neededBy[i].length) / 1.6));
  const curves = nodes.map((node) => {
    const above = nodes[node[PARENT]];
    if (!above) return null;
    const mid = (Math.hypot(node[X], node[Y]) + Math.hypot(above[X], above[Y])) / 2;
    const from = above[RING] === 0 && above[KIND] === MAIN && above[X] === 0 && above[Y] === 0 ? node[ANGLE] : above[ANGLE];
    return [Math.cos(from) * mid, Math.sin(from) * mid, Math.cos(node[ANGLE]) * mid, Math.sin(node[ANGLE]) * mid];
  });

  const view = { scale: 1, x: 0, y: 0 };
  const state = { selected: -1, hover: -1, focus: false, all: links.length <= 250, level: "", matches: null, kept: null, chain: new Set() };
  const stats = { frames: 0, nodes: 0, edges: 0, labels: 0, asked: 0 };
  let colours = {}, width = 0, height = 0, wanted = false, moving = false, quiet = 0;

  // ---- drawing: one frame for whatever has happened since the last
  function redraw() {
    stats.asked++;
    if (wanted) return;
    wanted = true;
    requestAnimationFrame(() => { wanted = false; draw(); });
  }

  function moved() {
    moving = true;
    clearTimeout(quiet);
    quiet = setTimeout(() => { moving = false; redraw(); }, QUIET_MS);
    redraw();
  }

  const sx = (x) => x * view.scale + view.x, sy = (y) => y * view.scale + view.y;
  const radius = (i) => Math.max(nodes[i][KIND] === MAIN ? 6 : nodes[i][LEVEL] ? 3.4 : 1.7, Math.min(size[i] * 1.6, size[i] * view.scale));
  const isShown = (i) => !state.kept || state.kept.has(i);
  const isBright = (i) => isShown(i)
    && (!state.matches || state.matches.has(i))
    && (!state.level || nodes[i][FINDINGS].some((f) => findings[f].level === state.level));

  function bounds(margin) {
    return [(-margin - view.x) / view.scale, (-margin - view.y) / view.scale,
      (width + margin - view.x) / view.scale, (height + margin - view.y) / view.scale];
  }

  function draw() {
    stats.frames++;
    stats.nodes = stats.edges = stats.labels = 0;
    const ratio = devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const box = bounds(40);
    if (state.all && !moving) drawCross(box);
    drawTree(box);
    if (state.selected >= 0) drawSelection();
    const seen = drawNodes(box);
    drawLabels(seen);
  }

  const outside = (a, b, [x0, y0, x1, y1]) => Math.max(a[X], b[X]) < x0 || Math.min(a[X], b[X]) > x1 || Math.max(a[Y], b[Y]) < y0 || Math.min(a[Y], b[Y]) > y1;

  function drawCross(box) {
    pen.beginPath();
    for (const [from, to] of links) {
      const a = nodes[from], b = nodes[to];
      if (b[PARENT] === from || outside(a, b, box) || !isShown(from) || !isShown(to)) continue;
      pen.moveTo(sx(a[X]), sy(a[Y]));
      pen.lineTo(sx(b[X]), sy(b[Y]));
      stats.edges++;
    }
    pen.strokeStyle = colours.cross;
    pen.globalAlpha = Math.max(0.12, Math.min(0.6, 400 / (links.length + 1)));
    pen.lineWidth = 1;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function trace(i) {
    const node = nodes[i], above = nodes[node[PARENT]], [cx, cy, dx, dy] = curves[i];
    pen.moveTo(sx(above[X]), sy(above[Y]));
    if (view.scale < 0.12) pen.lineTo(sx(node[X]), sy(node[Y])); // a curve of a few pixels is a line
    else pen.bezierCurveTo(sx(cx), sy(cy), sx(dx), sy(dy), sx(node[X]), sy(node[Y]));
  }

  function drawTree(box) {
    pen.beginPath();
    nodes.forEach((node, i) => {
      if (!curves[i] || !isShown(i) || !isShown(node[PARENT]) || outside(node, nodes[node[PARENT]], box)) return;
      trace(i);
      stats.edges++;
    });
    pen.strokeStyle = colours.tree;
    pen.globalAlpha = state.selected >= 0 || state.matches || state.level ? 0.55 : 1;
    pen.lineWidth = Math.max(0.6, Math.min(1.6, view.scale * 1.6));
    pen.stroke();
    pen.globalAlpha = 1;
  }

  function drawSelection() {
    const i = state.selected;
    stroke(needs[i].map((l) => links[l]), colours.note, 1.6, [5, 4]);
    stroke(neededBy[i].map((l) => links[l]), colours.unknown, 1.6, [2, 4]);
    pen.beginPath();
    for (const one of state.chain) if (curves[one]) trace(one);
    pen.strokeStyle = colours.chain;
    pen.lineWidth = 2.6;
    pen.stroke();
  }

  function stroke(some, colour, wide, dash) {
    pen.beginPath();
    for (const [from, to] of some) {
      if (!isShown(from) || !isShown(to) || (nodes[to][PARENT] === from && state.chain.has(to))) continue;
      if (nodes[to][PARENT] === from) trace(to);
      else { pen.moveTo(sx(nodes[from][X]), sy(nodes[from][Y])); pen.lineTo(sx(nodes[to][X]), sy(nodes[to][Y])); }
      stats.edges++;
    }
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.setLineDash(dash);
    pen.stroke();
    pen.setLineDash([]);
  }

  const colourOf = (node) => colours[node[LEVEL]] || (node[KIND] === MAIN ? colours.main : node[KIND] === DIRECT ? colours.direct : colours.other);

  function drawNodes([x0, y0, x1, y1]) {
    const groups = new Map(), seen = [];
    nodes.forEach((node, i) => {
      if (node[X] < x0 || node[X] > x1 || node[Y] < y0 || node[Y] > y1 || !isShown(i)) return;
      seen.push(i);
      const key = (isBright(i) ? "" : "-") + colourOf(node);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(i);
    });
    stats.nodes = seen.length;
    for (const [key, some] of [...groups].sort(([a], [b]) => (a[0] === "-" ? 0 : 1) - (b[0] === "-" ? 0 : 1))) {
      pen.beginPath();
      for (const i of some) {
        const x = sx(nodes[i][X]), y = sy(nodes[i][Y]), r = radius(i);
        pen.moveTo(x + r, y);
        pen.arc(x, y, r, 0, 6.2832);
      }
      pen.globalAlpha = key[0] === "-" ? 0.18 : 1;
      pen.fillStyle = key.replace(/^-/, "");
      pen.fill();
    }
    pen.globalAlpha = 1;
    for (const i of [state.hover, state.selected]) if (i >= 0 && isShown(i)) ring(i);
    return seen;
  }

  function ring(i) {
    pen.beginPath();
    pen.arc(sx(nodes[i][X]), sy(nodes[i][Y]), radius(i) + 4, 0, 6.2832);
    pen.strokeStyle = i === state.selected ? colours.chain : colours.soft;
    pen.lineWidth = 2;
    pen.stroke();
  }

  // Names: of what matters always, of all where they have room.
  function drawLabels(seen) {
    const first = [state.selected, state.hover, ...state.chain];
    const beside = state.selected < 0 ? [] : [...needs[state.selected], ...neededBy[state.selected]].slice(0, 60).flatMap((l) => links[l].slice(0, 2));
    const rank = (i) => (nodes[i][KIND] === MAIN ? 0 : nodes[i][LEVEL] ? 1 : 2) * 1000 - neededBy[i].length;
    const sparse = view.scale < LABELS_FROM && seen.length > FEW;
    const rest = seen.filter((i) => !sparse || nodes[i][LEVEL] || nodes[i][KIND] === MAIN || state.matches);
    const most = sparse && !moving && state.selected < 0 ? seen.filter((i) => nodes[i][KIND] === DIRECT) : [];
    const ranked = [...rest.sort((a, b) => rank(a) - rank(b)), ...most].slice(0, MOST_LABELS);
    const taken = new Set(), visible = new Set(seen), done = new Set(), chosen = new Set(first), placed = [];
    for (const i of [...first, ...beside, ...ranked]) {
      if (i < 0 || done.has(i) || !visible.has(i)) continue;
      done.add(i);
      if (isBright(i) || chosen.has(i)) placed.push(place(i, taken, chosen.has(i)));
    }
    placed.reverse().forEach((draw) => draw && draw()); // what matters most is drawn last, on top
  }

  /** Find room for a name; gives what draws it, or nothing. */
  function place(i, taken, always) {
    const node = nodes[i], text = node[PATH], strong = i === state.selected || node[KIND] === MAIN;
    const px = strong ? 13 : 11, angle = node[ANGLE], left = Math.cos(angle) < 0;
    const flat = node[X] === 0 && node[Y] === 0;
    pen.font = font(strong, px);
    const long = pen.measureText(text).width, away = radius(i) + 6;
    const x = sx(node[X]), y = sy(node[Y]);
    const ux = flat ? 0 : Math.cos(angle), uy = flat ? 1 : Math.sin(angle);
    const spots = flat ? cells(x - long / 2, y + away + px / 2, 1, 0, long, px) : cells(x + ux * away, y + uy * away, ux, uy, long, px);
    if (!always && spots.some(([a, b]) => taken.has(`${a},${b}`))) return null;
    for (const [a, b] of spots) for (const [da, db] of NEAR) taken.add(`${a + da},${b + db}`);
    stats.labels++;
    return () => write(text, node, { px, strong, angle, left, flat, away, x, y });
  }

  function write(text, node, { px, strong, angle, left, flat, away, x, y }) {
    pen.font = font(strong, px);
    pen.save();
    pen.translate(x, y);
    if (!flat) pen.rotate(left ? angle + Math.PI : angle);
    pen.textAlign = flat ? "center" : left ? "right" : "left";
    pen.textBaseline = "middle";
    pen.lineWidth = 3.5;
    pen.lineJoin = "round";
    pen.strokeStyle = colours.halo;
    pen.fillStyle = node[LEVEL] ? colours[node[LEVEL]] : strong || node[KIND] === DIRECT ? colours.ink : colours.soft;
    const at = flat ? [0, away + px / 2] : [left ? -away : away, 0];
    pen.strokeText(text, ...at);
    pen.fillText(text, ...at);
    pen.restore();
  }

  const font = (strong, px) => `${strong ? 600 : 400} ${px}px system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif`;

  function cells(x, y, ux, uy, long, px) {
    const found = [], grid = px + 1;
    for (let at = 0; at <= long; at += grid * 0.7) found.push([Math.round((x + ux * at) / grid), Math.round((y + uy * at) / grid)]);
    return found;
  }

  // ---- where we look
  function extent(some) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const i of some) {
      const node = nodes[i];
      x0 = Math.min(x0, node[X]); x1 = Math.max(x1, node[X]); y0 = Math.min(y0, node[Y]); y1 = Math.max(y1, node[Y]);
    }
    return [x0, y0, x1, y1];
  }

  function fit(some = nodes.keys(), nearest = 1.25) {
    const [x0, y0, x1, y1] = extent(some), aside = Math.min(150, width / 5), above = Math.min(135, height / 5); // room for names
    const scale = Math.min((width - 2 * aside) / Math.max(x1 - x0, 1), (height - 2 * above) / Math.max(y1 - y0, 1), nearest);
    fly(scale, width / 2 - scale * (x0 + x1) / 2, height / 2 - scale * (y0 + y1) / 2);
  }

  /** Bring a node to the middle if it is at the edge or beyond. */
  function reveal(i) {
    const x = sx(nodes[i][X]), y = sy(nodes[i][Y]), edge = Math.min(width, height) / 6;
    if (x < edge || x > width - edge || y < edge || y > height - edge) fly(view.scale, view.x + width / 2 - x, view.y + height / 2 - y);
  }

  let flight = 0, flying = false;

  function land() {
    cancelAnimationFrame(flight);
    flying = false;
  }

  function fly(scale, x, y) {
    land();
    if (reduced.matches || !stats.frames) { Object.assign(view, { scale, x, y }); moved(); return; }
    flying = true;
    const from = { ...view }, begun = performance.now(), lasts = 260;
    const step = (now) => {
      const part = Math.min(1, (now - begun) / lasts), ease = 1 - (1 - part) ** 3;
      view.scale = from.scale * (scale / from.scale) ** ease;
      // The middle of the window moves evenly in the picture, whatever the scale does.
      const mx = (width / 2 - from.x) / from.scale, my = (height / 2 - from.y) / from.scale;
      const tx = (width / 2 - x) / scale, ty = (height / 2 - y) / scale;
      view.x = width / 2 - view.scale * (mx + (tx - mx) * ease);
      view.y = height / 2 - view.scale * (my + (ty - my) * ease);
      moved();
      if (part < 1) flight = requestAnimationFrame(step);
      else flying = false;
    };
    flight = requestAnimationFrame(step);
  }

  function zoom(factor, x = width / 2, y = height / 2) {
    land();
    const scale = Math.max(0.01, Math.min(4, view.scale * factor)), part = scale / view.scale;
    view.x = x - (x - view.x) * part;
    view.y = y - (y - view.y) * part;
    view.scale = scale;
    moved();
  }

  function at(x, y) {
    let best = -1, near = 14;
    nodes.forEach((node, i) => {
      const far = Math.hypot(sx(node[X]) - x, sy(node[Y]) - y) - radius(i);
      if (far < near && isShown(i)) { near = far; best = i; }
    });
    return best;
  }

  // ---- choosing
  function ancestry(i) {
    const chain = [];
    for (let one = i; one >= 0; one = nodes[one][PARENT]) chain.unshift(one);
    return chain;
  }

  /** The shortest chain through each module that requires this one, shortest first: why it is in the build. */
  function whys(i) {
    const chains = neededBy[i].map((l) => ({ chain: [...ancestry(links[l][0]), i], version: links[l][2], by: links[l][3] }));
    const usable = chains.filter((one) => new Set(one.chain).size === one.chain.length);
    return usable.sort((a, b) => (b.version === nodes[i][VERSION]) - (a.version === nodes[i][VERSION]) || a.chain.length - b.chain.length);
  }

  function reach(i, next) {
    const found = new Set([i]), todo = [i];
    while (todo.length) for (const one of next(todo.pop())) if (!found.has(one)) { found.add(one); todo.push(one); }
    return found;
  }

  function choose(i, { move = "chain" } = {}) {
    state.selected = i;
    state.chain = new Set(i < 0 ? [] : ancestry(i));
    if (i < 0) state.focus = false;
    refocus();
    showPanel();
    $("focus").disabled = i < 0;
    if (i >= 0 && move === "chain") fit(state.kept || state.chain, 0.9);
    if (i >= 0 && move === "pan") reveal(i);
    redraw();
  }

  function refocus() {
    const i = state.selected;
    state.kept = state.focus && i >= 0
      ? new Set([...neededBy[i].flatMap((l) => ancestry(links[l][0])), ...ancestry(i), ...needs[i].map((l) => links[l][1])])
      : null;
    $("focus").setAttribute("aria-pressed", String(Boolean(state.kept)));
  }

  function toggleFocus() {
    if (state.selected < 0) return;
    state.focus = !state.focus;
    refocus();
    fit(state.kept || state.chain, 0.9);
    redraw();
  }

  function step(key) {
    const i = state.selected;
    if (i < 0) return choose(0);
    const node = nodes[i];
    if (key === "ArrowLeft") return node[PARENT] >= 0 && choose(node[PARENT], { move: "pan" });
    if (key === "ArrowRight") return children[i].length && choose(children[i][children[i].length >> 1], { move: "pan" });
    const ring = rings[node[RING]].filter(isShown), where = ring.indexOf(i), by = key === "ArrowUp" ? -1 : 1;
    choose(ring[(where + by + ring.length) % ring.length], { move: "pan" });
  }

  function nextFinding(by) {
    const some = findings.map((_, f) => f).filter((f) => owners[f] >= 0 && (!state.level || findings[f].level === state.level));
    if (!some.length) return;
    const here = some.findIndex((f) => owners[f] === state.selected);
    choose(owners[some[here < 0 ? (by > 0 ? 0 : some.length - 1) : (here + by + some.length) % some.length]]);
  }

  // ---- the panel: text only ever as text
  function make(tag, props = {}, ...inside) {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...inside);
    return element;
  }

  function goTo(i, text, small = "") {
    const dot = make("i", { className: "dot" });
    dot.style.setProperty("--of", colourOf(nodes[i]));
    const button = make("button", { type: "button", className: "go" }, dot, make("span", {}, text), make("small", { title: small }, small));
    button.addEventListener("click", () => choose(i));
    return button;
  }

  function list(title, rows) {
    if (!rows.length) return [];
    const shown = rows.slice(0, ROWS).map((row) => make("li", {}, row));
    if (rows.length > ROWS) shown.push(make("li", {}, `and ${rows.length - ROWS} more`));
    return [make("h3", {}, `${title} (${rows.length})`), make("ul", {}, ...shown)];
  }

  function findingBox(f) {
    const one = findings[f];
    const box = make("div", { className: `finding ${one.level}` }, make("span", { className: "place" }, one.place),
      make("b", {}, one.title), make("p", {}, one.evidence), make("p", {}, `→ ${one.remedy}`));
    if (one.edit.length) box.append(make("pre", {}, one.edit.join("\n")));
    return box;
  }

  function showPanel() {
    state.selected < 0 ? panel.replaceChildren(...overview()) : panel.replaceChildren(...details(state.selected));
    panel.scrollTop = 0;
  }

  function overview() {
    const some = findings.map((_, f) => f).filter((f) => !state.level || findings[f].level === state.level);
    const boxes = some.slice(0, ROWS).map((f) => {
      const box = findingBox(f);
      if (owners[f] >= 0) box.prepend(goTo(owners[f], nodes[owners[f]][PATH]));
      return box;
    });
    const none = findings.length ? `No finding of this level.` : "No conflict: nothing to put right.";
    const heavy = [...nodes.keys()].filter((i) => nodes[i][KIND] === DIRECT)
      .map((i) => [i, reach(i, (one) => needs[one].map((l) => links[l][1])).size - 1]).sort((a, b) => b[1] - a[1]).slice(0, 8);
    return [make("h2", {}, some.length ? "Findings" : "Findings: none"), ...(boxes.length ? boxes : [make("p", {}, none)]),
      ...list("Direct requirements that bring most", heavy.map(([i, count]) => goTo(i, nodes[i][PATH], `${count} module${count === 1 ? "" : "s"}`)))];
  }

  function details(i) {
    const node = nodes[i], why = whys(i);
    const kind = ["main module", "required directly", "required by others"][node[KIND]];
    const chains = why.slice(0, CHAINS).map(({ chain, version, by }) => make("ol", { className: "chain" },
      ...chain.map((one, k) => make("li", {}, goTo(one, nodes[one][PATH], k === chain.length - 1 ? version : k === chain.length - 2 && by ? by : nodes[one][VERSION])))));
    const close = make("button", { type: "button" }, "All findings");
    close.addEventListener("click", () => choose(-1));
    return [make("h2", {}, node[PATH]), make("p", { className: "version" }, [node[VERSION], kind].filter(Boolean).join(" · ")),
      ...node[FINDINGS].map(findingBox),
      ...(chains.length ? [make("h3", {}, `Why it is here (${why.length})`), ...chains] : []),
      ...list("Requires", needs[i].map((l) => goTo(links[l][1], nodes[links[l][1]][PATH], note(links[l])))),
      ...list("Required by", neededBy[i].map((l) => goTo(links[l][0], nodes[links[l][0]][PATH], links[l][2]))), close];
  }

  const note = ([, to, version]) => version === nodes[to][VERSION] ? version : `${version} → ${nodes[to][VERSION]}`;

  // ---- search
  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    return [...nodes.keys()].filter((i) => words.every((word) => nodes[i][PATH].toLowerCase().includes(word) || nodes[i][VERSION].startsWith(word)));
  }

  function showResults() {
    const found = find(search.value);
    state.matches = found && new Set(found);
    results.hidden = !found;
    search.setAttribute("aria-expanded", String(Boolean(found)));
    const rows = (found || []).slice(0, RESULTS).map((i, k) => {
      const row = make("li", { id: `r${k}` }, `${nodes[i][PATH]} ${nodes[i][VERSION]}`);
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(k === 0));
      row.dataset.node = i;
      row.addEventListener("pointerdown", (event) => { event.preventDefault(); take(i); });
      return row;
    });
    if (found && !found.length) rows.push(make("li", { className: "none" }, "nothing"));
    results.replaceChildren(...rows);
    redraw();
  }

  function take(i) {
    search.value = "";
    showResults();
    canvas.focus();
    choose(i);
  }

  search.addEventListener("input", showResults);
  search.addEventListener("keydown", (event) => {
    const rows = [...results.querySelectorAll("[role=option]")], here = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    if (event.key === "Enter" && rows[here]) take(Number(rows[here].dataset.node));
    else if (event.key === "Escape") { search.value = ""; showResults(); canvas.focus(); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = rows[(here + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length];
      rows.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
      if (next) { search.setAttribute("aria-activedescendant", next.id); next.scrollIntoView({ block: "nearest" }); }
      event.preventDefault();
    }
    event.stopPropagation();
  });

  // ---- pointer, wheel, keys
  const pointers = new Map();
  let dragged = false;
  const local = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, local(event));
    dragged = false;
    land();
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = local(event), before = pointers.get(event.pointerId);
    if (!before) {
      const over = at(x, y);
      if (over !== state.hover) { state.hover = over; canvas.classList.toggle("pointing", over >= 0); redraw(); }
      return;
    }
    if (pointers.size === 2) pinch(event.pointerId, [x, y]);
    else if (dragged || Math.hypot(x - before[0], y - before[1]) > 3) {
      dragged = true;
      canvas.classList.add("dragging");
      view.x += x - before[0];
      view.y += y - before[1];
      moved();
    } else return;
    pointers.set(event.pointerId, [x, y]);
  });

  function pinch(id, now) {
    const other = [...pointers].find(([key]) => key !== id)[1], before = pointers.get(id);
    const far = Math.hypot(before[0] - other[0], before[1] - other[1]) || 1;
    zoom(Math.hypot(now[0] - other[0], now[1] - other[1]) / far, other[0], other[1]);
    dragged = true;
  }

  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => {
    const was = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    canvas.classList.remove("dragging");
    if (was && !dragged && name === "pointerup") choose(at(...local(event)), { move: "" });
  });
  canvas.addEventListener("dblclick", (event) => { const i = at(...local(event)); if (i >= 0) { choose(i, { move: "" }); if (!state.focus) toggleFocus(); } });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), ...local(event));
  }, { passive: false });

  const keys = {
    "/": () => search.focus(), Escape: () => choose(-1), f: toggleFocus, a: toggleAll, 0: () => fit(state.kept || undefined),
    "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), n: () => nextFinding(1), p: () => nextFinding(-1),
    t: toggleTheme, "?": help, ArrowLeft: step, ArrowRight: step, ArrowUp: step, ArrowDown: step,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open || !Object.hasOwn(keys, event.key)) return;
    if (event.key.startsWith("Arrow") && panel.contains(document.activeElement)) return;
    event.preventDefault();
    keys[event.key](event.key);
  });

  // ---- buttons and colours
  function toggleAll() {
    state.all = !state.all;
    $("all").setAttribute("aria-pressed", String(state.all));
    redraw();
  }

  function help() { $("help").open ? $("help").close() : $("help").showModal(); }

  function toggleTheme() { paint(!document.documentElement.classList.contains("dark")); }

  function paint(dark) {
    document.documentElement.classList.toggle("dark", dark);
    const style = getComputedStyle(document.documentElement);
    for (const name of ["main", "direct", "other", "tree", "cross", "chain", "halo", "ink", "soft", ...LEVELS]) colours[name] = style.getPropertyValue(`--${name}`).trim();
    showPanel();
    redraw();
  }

  function chips() {
    for (const level of LEVELS) {
      const count = findings.filter((one) => one.level === level).length;
      if (!count) continue;
      const button = make("button", { type: "button", className: level }, make("i"), `${count} ${WORDS[level][count > 1 ? 1 : 0]}`);
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => {
        state.level = state.level === level ? "" : level;
        for (const one of $("levels").children) one.setAttribute("aria-pressed", String(one === button && state.level === level));
        if (state.selected < 0) showPanel();
        redraw();
      });
      $("levels").append(button);
    }
  }

  $("focus").addEventListener("click", toggleFocus);
  $("all").addEventListener("click", toggleAll);
  $("fit").addEventListener("click", () => fit(state.kept || undefined));
  $("theme").addEventListener("click", toggleTheme);
  $("keys").addEventListener("click", help);
  $("all").setAttribute("aria-pressed", String(state.all));
  $("focus").disabled = true;
  $("summary").textContent = `${nodes.length} modules, ${links.length} requirements${data.go ? `, go ${data.go}` : ""}`;

  function resize() {
    const ratio = devicePixelRatio || 1, box = canvas.getBoundingClientRect(), first = !width;
    if (!box.width || !box.height) return;
    view.x += (box.width - width) / 2;
    view.y += (box.height - height) / 2;
    [width, height] = [box.width, box.height];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    first ? fit() : redraw();
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => paint(dark.matches));
  chips();
  paint(dark.matches);
  new ResizeObserver(resize).observe(canvas);
  resize();
  // For whoever looks from outside: what was drawn, what is chosen, where things are on the screen.
  window.graph = { stats, state, view, choose, isBusy: () => moving || wanted || flying, where: (i) => [sx(nodes[i][X]), sy(nodes[i][Y])], index: (path) => nodes.findIndex((node) => node[PATH] === path) };
})();
