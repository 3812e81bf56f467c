// One picture on the page: its canvases, buttons and list, and what a person does with them.
import { place, settle } from "./forces.js";
import { Mass } from "./gl.js";
import { KINDS, WORDS, corners, readLook } from "./look.js";
import { paintMass, paintOver } from "./paint.js";
import { Player } from "./player.js";
import { savePng, saveSvg } from "./save.js";
import { Scene } from "./scene.js";
import { View } from "./view.js";

const LISTED = 120, STILL = 160;

export class Stage {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.${name}`);
    this.area = this.part("stage");
    this.scene = new Scene(); this.view = new View();
    this.player = new Player(this.scene, () => { this.follow(); this.draw(); });
    this.ink = this.part("ink").getContext("2d");
    this.mass = null; this.shown = ""; this.source = ""; this.asking = false; this.movedAt = 0; this.drawnAt = 0; this.edges = 20_000; this.moved = false;
    this.tell = () => {};
    this.watch();
    root.picture = this; // for tests: where a concept stands on the screen
  }

  async show(data) {
    this.data = data;
    this.area.style.setProperty("--height", `${data.height ?? 600}px`);
    this.look = readLook(this.area);
    this.measure();
    if (data.whole) await this.takeWhole(data.whole); else this.takeNear(data);
    this.scene.chosen = data.chosen ?? null;
    this.scene.path = data.path ?? [];
    this.player.take(data.walk ?? []);
    this.legend(); this.list(); this.draw();
  }

  takeNear({ nodes, links }) {
    this.source = "";
    const shown = JSON.stringify([nodes, links]);
    if (shown === this.shown) return;
    this.shown = shown;
    const before = new Set(this.scene.big ? [] : this.scene.nodes.map((node) => node.id));
    const kept = nodes.filter((node) => before.has(node.id)).length;
    this.scene.take(nodes, links, false);
    this.view.big = false;
    place(this.scene.nodes, links);
    settle(this.scene.nodes, links, kept === nodes.length ? 0 : kept ? 120 : 320);
    if (kept < nodes.length) this.fit();
  }

  async takeWhole(address) {
    if (address === this.source) return;
    this.source = address;
    this.say("Loading the whole graph …");
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) { this.source = ""; this.say("The whole graph could not be loaded; load the page again."); return; }
    const { ids, names, kinds, seeds, x, y, source, target, weight } = await answer.json();
    if (this.source !== address) return;
    const nodes = ids.map((id, i) => ({ id, name: names[i], kind: KINDS[kinds[i]], seeds: seeds[i], steps: 1, x: 1000 * x[i], y: 1000 * y[i] }));
    const links = source.map((from, i) => [ids[from], ids[target[i]], weight[i]]).sort((a, b) => b[2] - a[2]);
    nodes.sort((a, b) => b.seeds - a.seeds || (a.id < b.id ? -1 : 1));
    this.shown = "";
    this.scene.take(nodes, links, true);
    this.view.big = true;
    this.mass ??= Mass.on(this.part("mass"));
    this.mass?.take(this.scene);
    this.fit();
  }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.area;
    this.dense = Math.min(window.devicePixelRatio || 1, 2);
    const resized = this.view.width !== Math.max(width, 1) || this.view.height !== Math.max(height, 1);
    this.view.width = Math.max(width, 1); this.view.height = Math.max(height, 1);
    for (const canvas of [this.part("mass"), this.part("ink")]) {
      const [wide, high] = [Math.round(width * this.dense), Math.round(height * this.dense)];
      if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
    }
    if (resized && !this.moved) this.fit();
  }

  // All of it in sight; until a person moves the camera it stays so whatever the size.
  fit() { this.moved = false; this.view.fit(this.scene.nodes); }

  draw(moving = false) {
    if (moving) {
      this.moved = true;
      this.movedAt = performance.now();
      clearTimeout(this.rest);
      this.rest = setTimeout(() => this.draw(), STILL);
    }
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const { ink, scene, look, view, mass } = this;
      ink.setTransform(this.dense, 0, 0, this.dense, 0, 0);
      ink.clearRect(0, 0, view.width, view.height);
      if (scene.big && mass) mass.draw(view, look, this.dense, this.edgesNow());
      else { mass?.clear(); paintMass(ink, scene, look, view); }
      paintOver(ink, scene, look, view);
      this.tools();
      this.say(this.words());
      this.area.dataset.drawn = String(scene.nodes.length);
    });
  }

  // All edges at rest; while one moves as many as this machine draws smoothly, the heaviest first.
  edgesNow() {
    const now = performance.now(), took = now - this.drawnAt;
    this.drawnAt = now;
    if (now - this.movedAt >= STILL) return Infinity;
    if (took < 24) this.edges = Math.min(this.edges * 1.25, 200_000);
    else if (took > 40 && took < 1000) this.edges = Math.max(this.edges * 0.6, 500);
    return Math.round(this.edges);
  }

  words() {
    if (this.asking) return `Choose a second concept: the shortest path from ${this.scene.node(this.scene.chosen)?.name ?? "it"}. Escape: leave it.`;
    if (this.scene.walk.length) return this.player.words();
    const node = this.scene.node(this.scene.hover ?? this.scene.chosen);
    const count = `${this.scene.nodes.length.toLocaleString("en")} concepts, ${this.scene.links.length.toLocaleString("en")} edges`;
    if (!node) return count;
    const joined = this.scene.around.get(node.id)?.size ?? 0;
    return `${node.name}: ${WORDS[node.kind]}, in ${node.seeds.toLocaleString("en")} seeds, joined to ${joined.toLocaleString("en")} of the ${count}.`;
  }

  say(words) {
    const status = this.part("status");
    if (status.textContent !== words) status.textContent = words;
  }

  tools() {
    const chosen = this.scene.node(this.scene.chosen);
    const button = (name) => this.root.querySelector(`[data-do="${name}"]`);
    for (const name of ["expand", "hide", "pin", "path"]) button(name).disabled = !chosen;
    button("hide").disabled ||= this.scene.big || this.data.keep?.includes(this.scene.chosen);
    button("pin").disabled ||= this.scene.big;
    button("expand").textContent = this.scene.big ? "Open" : "Expand";
    button("pin").textContent = chosen?.pinned ? "Unpin" : "Pin";
    button("path").setAttribute("aria-pressed", String(this.asking));
    this.root.querySelector('[data-group="walk"]').hidden = !this.scene.walk.length;
    button("play").textContent = this.player.playing ? "Pause" : "Play";
    button("back").disabled = this.scene.at <= 0;
    button("next").disabled = this.scene.at >= this.scene.walk.length - 1;
  }

  legend() {
    const there = new Set(this.scene.nodes.map((node) => node.kind));
    const signs = KINDS.filter((kind) => there.has(kind)).map((kind) => {
      const points = corners(kind, 6).map((point) => point.join(",")).join(" ");
      const form = points ? `<polygon points="${points}"` : '<circle r="6"';
      return `<span><svg viewBox="-9 -9 18 18">${form} fill="${this.look.kinds[kind]}"/></svg>${WORDS[kind]}</span>`;
    });
    this.part("legend").innerHTML = signs.join("");
  }

  list() {
    const nodes = this.scene.nodes.slice(0, LISTED);
    const key = `${this.scene.big} ${nodes.map((node) => node.id).join(" ")}`;
    if (this.listedKey === key) return;
    this.listedKey = key;
    this.part("listed").replaceChildren(...nodes.map((node) => {
      const row = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.dataset.concept = node.id;
      button.textContent = `${node.name}, ${WORDS[node.kind]}`;
      row.append(button);
      return row;
    }));
  }

  // Where a concept stands on the page.
  pointOf(id) {
    const box = this.area.getBoundingClientRect(), [x, y] = this.view.screen(this.scene.node(id));
    return [box.left + x, box.top + y];
  }

  hit(x, y) {
    let best = null, least = Infinity;
    for (const node of this.scene.nodes) {
      const [nx, ny] = this.view.screen(node), far = Math.hypot(nx - x, ny - y) - this.view.radius(node);
      if (far < 5 && far < least) { best = node; least = far; }
    }
    return best;
  }

  choose(id) {
    if (this.asking) {
      this.asking = false;
      if (id !== this.scene.chosen) this.tell("path", { id, start: this.scene.chosen });
    } else if (id !== this.scene.chosen) {
      this.scene.chosen = id;
      this.tell("choose", { id });
    }
    this.draw();
  }

  act(name) {
    const id = this.scene.chosen, node = this.scene.node(id), { view } = this;
    const title = `skillweave-${(node?.name ?? "graph").replace(/[^A-Za-z0-9]+/g, "-").slice(0, 40).toLowerCase()}`;
    if (name === "in" || name === "out") { view.zoomAt(view.width / 2, view.height / 2, name === "in" ? 1.4 : 1 / 1.4); this.draw(true); }
    if (name === "fit") { this.fit(); this.draw(); }
    if (name === "png") savePng(this.scene, this.look, view, title);
    if (name === "svg") saveSvg(this.scene, this.look, view, title);
    if (name === "play") this.player.play();
    if (name === "back") this.player.go(-1);
    if (name === "next") this.player.go(1);
    if (!node) return;
    if (name === "expand") this.tell(this.scene.big ? "open" : "expand", { id });
    if (name === "hide" && !this.root.querySelector('[data-do="hide"]').disabled) this.tell("hide", { id });
    if (name === "path") { this.asking = !this.asking; this.draw(); }
    if (name === "pin" && !this.scene.big) this.tell(node.pinned ? "unpin" : "pin", { id, x: Math.round(node.x), y: Math.round(node.y) });
  }

  follow() {
    const node = this.scene.node(this.scene.walk[this.scene.at]?.id);
    if (node && !this.view.sees(node)) { this.view.x = node.x; this.view.y = node.y; }
  }

  watch() {
    const { area } = this;
    const at = (event) => { const box = area.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    let held = null, from = null, far = 0;
    area.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = at(event); far = 0;
      held = this.hit(...from);
      area.setPointerCapture(event.pointerId);
      area.classList.add("held");
    });
    area.addEventListener("pointermove", (event) => {
      const [x, y] = at(event);
      if (!from) {
        const over = this.hit(x, y)?.id ?? null;
        if (over !== this.scene.hover) { this.scene.hover = over; area.classList.toggle("over", Boolean(over)); this.draw(); }
        return;
      }
      const dx = x - from[0], dy = y - from[1];
      far += Math.hypot(dx, dy);
      if (far < 4) return;
      if (held && !this.scene.big) { held.x += dx / this.view.zoom; held.y += dy / this.view.zoom; held.dragged = true; }
      else { this.view.x -= dx / this.view.zoom; this.view.y -= dy / this.view.zoom; }
      from = [x, y];
      this.draw(true);
    });
    const release = () => {
      if (!from) return;
      area.classList.remove("held");
      if (far < 4 && held) this.choose(held.id);
      else if (held?.pinned && held.dragged) this.tell("pin", { id: held.id, x: Math.round(held.x), y: Math.round(held.y) });
      held = from = null;
    };
    area.addEventListener("pointerup", release);
    area.addEventListener("pointercancel", () => { held = from = null; area.classList.remove("held"); });
    area.addEventListener("pointerleave", () => { if (!from && this.scene.hover) { this.scene.hover = null; this.draw(); } });
    area.addEventListener("dblclick", (event) => { if (this.hit(...at(event))) this.act("expand"); });
    area.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.view.zoomAt(...at(event), Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) * 0.0035));
      this.draw(true);
    }, { passive: false });
    area.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.do) this.act(button.dataset.do);
      if (button?.dataset.concept) this.choose(button.dataset.concept);
    });
    // The card may take what is drawn away: a driver that starts anew, a tab that slept. It is drawn again.
    const ink = this.part("ink"), mass = this.part("mass");
    ink.addEventListener("contextrestored", () => this.draw());
    mass.addEventListener("webglcontextlost", (event) => event.preventDefault()); // asks for it back
    mass.addEventListener("webglcontextrestored", () => {
      this.mass = Mass.on(mass);
      if (this.scene.big) this.mass?.take(this.scene);
      this.draw();
    });
    this.sight = new ResizeObserver(() => { if (this.data) { this.look = readLook(area); this.measure(); this.draw(); } });
    this.sight.observe(area);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const name = { "+": "in", "=": "in", "-": "out", 0: "fit", Enter: "expand", h: "hide", H: "hide", p: "pin", P: "pin" }[event.key];
    if (event.key === "Escape") { this.asking = false; this.draw(); }
    if (!move && !name) return;
    event.preventDefault();
    if (name) { this.act(name); return; }
    this.view.x += (60 * move[0]) / this.view.zoom; this.view.y += (60 * move[1]) / this.view.zoom;
    this.draw(true);
  }

  leave() {
    this.player.stop();
    this.sight.disconnect();
    clearTimeout(this.rest);
    if (this.frame) cancelAnimationFrame(this.frame);
  }
}
