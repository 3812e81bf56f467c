// Draws a scene on a 2D canvas; also what PNG and SVG are made of, by a canvas that writes SVG (save.js).
import { corners, radiusOf, widthOf } from "./look.js";

export function paintMass(ink, scene, look, view) {
  const strong = scene.strongLinks();
  for (const link of scene.links) {
    const key = scene.keyOf(link[0], link[1]);
    const a = scene.node(link[0]), b = scene.node(link[1]);
    const [ax, ay] = view.screen(a), [bx, by] = view.screen(b);
    if (Math.max(ax, bx) < 0 || Math.min(ax, bx) > view.width || Math.max(ay, by) < 0 || Math.min(ay, by) > view.height) continue;
    const lit = scene.lit && (link[0] === scene.lit || link[1] === scene.lit);
    const faint = scene.lit && !lit;
    ink.globalAlpha = strong.has(key) ? 1 : scene.big ? 0.1 : faint ? 0.12 : lit ? 0.8 : Math.min(0.16 + 0.1 * Math.sqrt(link[2]), 0.6);
    ink.strokeStyle = strong.has(key) ? look.strong : look.edge;
    ink.lineWidth = scene.big ? 0.7 : widthOf(link[2]) * (strong.has(key) ? 1.25 : 1);
    ink.beginPath(); ink.moveTo(ax, ay); ink.lineTo(bx, by); ink.stroke();
  }
  ink.globalAlpha = 1;
  for (const node of scene.nodes) {
    const [x, y] = view.screen(node);
    if (x < -30 || y < -30 || x > view.width + 30 || y > view.height + 30) continue;
    ink.globalAlpha = scene.lit && !scene.isNear(node.id) ? 0.32 : 1;
    shape(ink, node, x, y, view.radius(node), look);
  }
  ink.globalAlpha = 1;
}

function shape(ink, node, x, y, radius, look) {
  ink.fillStyle = look.kinds[node.kind];
  ink.strokeStyle = look.paper;
  ink.lineWidth = 1.5;
  outline(ink, node.kind, x, y, radius);
  ink.fill(); ink.stroke();
  if (node.pinned) {
    ink.fillStyle = look.paper;
    ink.beginPath(); ink.arc(x, y, Math.max(radius * 0.3, 2), 0, 7); ink.fill();
  }
}

function outline(ink, kind, x, y, radius) {
  ink.beginPath();
  const points = corners(kind, radius);
  if (!points.length) ink.arc(x, y, radius, 0, 2 * Math.PI);
  points.forEach(([dx, dy], i) => (i ? ink.lineTo(x + dx, y + dy) : ink.moveTo(x + dx, y + dy)));
  if (points.length) ink.closePath();
}

// Rings around what is chosen or on a path, then the labels, the most important first, none over another.
export function paintOver(ink, scene, look, view) {
  const marked = scene.marked();
  for (const [id, sign] of marked) {
    const node = scene.node(id);
    if (!node) continue;
    const [x, y] = view.screen(node), radius = view.radius(node);
    if (scene.big) shape(ink, node, x, y, radius + 1, look);
    ink.strokeStyle = sign === "chosen" ? look.chosen : look.strong;
    ink.lineWidth = 2.5;
    outline(ink, node.kind, x, y, radius + 4); ink.stroke();
  }
  labels(ink, scene, look, view, marked);
}

function labels(ink, scene, look, view, marked) {
  const size = 12;
  const boxes = scene.big ? [] : scene.nodes.map((node) => {
    const [x, y] = view.screen(node), radius = view.radius(node);
    return [x - radius, y - radius * 0.7, x + radius, y + radius * 0.7];
  });
  ink.textBaseline = "middle";
  ink.lineJoin = "round";
  const weight = (node) => (marked.has(node.id) ? 1e6 : 0) + (node.id === scene.hover ? 1e7 : 0) + (node.steps === 0 ? 1e5 : 0) + node.seeds;
  const wanted = scene.labelled(view).sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1));
  for (const node of wanted) {
    const [x, y] = view.screen(node), radius = view.radius(node);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    const sure = marked.has(node.id) || node.id === scene.hover || (!scene.big && node.steps === 0);
    ink.font = `${sure ? "600 " : ""}${size}px ${look.font}`;
    const words = node.name.length > 34 && !sure ? `${node.name.slice(0, 32)}…` : node.name.slice(0, 90);
    const wide = ink.measureText(words).width, gap = radius * 1.3 + 5;
    const places = [[x + gap, y], [x - gap - wide, y], [x - wide / 2, y + gap + 5], [x - wide / 2, y - gap - 5]];
    const free = places.find(([left, middle]) => left > 2 && left + wide < view.width - 2
      && !boxes.some((box) => left < box[2] && left + wide > box[0] && middle - 8 < box[3] && middle + 8 > box[1]));
    const at = free ?? (sure ? places[0] : null);
    if (!at) continue;
    boxes.push([at[0] - 3, at[1] - 8, at[0] + wide + 3, at[1] + 8]);
    ink.globalAlpha = scene.lit && !scene.isNear(node.id) && !sure ? 0.35 : 1;
    ink.strokeStyle = look.paper; ink.lineWidth = 3.5;
    ink.strokeText(words, ...at);
    ink.fillStyle = look.ink;
    ink.fillText(words, ...at);
  }
  ink.globalAlpha = 1;
}

export { radiusOf };
