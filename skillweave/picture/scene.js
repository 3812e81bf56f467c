// What is in a picture: nodes, links, and what of them is chosen, under the pointer, on a path or on a walk.
export class Scene {
  constructor() {
    this.nodes = []; this.links = []; this.big = false;
    this.chosen = null; this.hover = null; this.path = []; this.walk = []; this.at = -1;
    this.index = new Map(); this.around = new Map();
  }

  // Nodes that stay keep their places, so that a picture grows and does not jump.
  take(nodes, links, big) {
    const before = this.big === big ? this.index : new Map();
    this.nodes = nodes.map((node) => {
      const known = before.get(node.id);
      return known && !node.pinned ? { ...node, x: node.x ?? known.x, y: node.y ?? known.y } : { ...node };
    });
    this.index = new Map(this.nodes.map((node) => [node.id, node]));
    this.links = links;
    this.big = big;
    this.around = new Map();
    for (const [a, b] of links) {
      if (!this.around.has(a)) this.around.set(a, new Set());
      if (!this.around.has(b)) this.around.set(b, new Set());
      this.around.get(a).add(b); this.around.get(b).add(a);
    }
  }

  node(id) { return this.index.get(id); }

  keyOf(a, b) { return a < b ? `${a} ${b}` : `${b} ${a}`; }

  get lit() { return this.big ? null : this.hover ?? null; }

  isNear(id) { return id === this.lit || Boolean(this.around.get(this.lit)?.has(id)) || this.marked().has(id); }

  get trail() { return this.walk.length ? this.walk.slice(0, this.at + 1).map((step) => step.id) : this.path; }

  strongLinks() {
    const trail = this.trail;
    return new Set(trail.slice(1).map((id, i) => this.keyOf(trail[i], id)));
  }

  marked() {
    const signs = new Map(this.trail.map((id) => [id, "trail"]));
    if (this.chosen) signs.set(this.chosen, "chosen");
    return signs;
  }

  labelled(view) {
    if (!this.big) return [...this.nodes];
    const most = Math.round(18 * Math.max(view.zoom / view.whole, 1) ** 1.2);
    const seen = this.nodes.filter((node) => view.sees(node)).slice(0, Math.min(most, 120));
    const more = [...this.marked().keys(), this.hover].map((id) => this.node(id)).filter(Boolean);
    return [...new Set([...seen, ...more])];
  }
}
