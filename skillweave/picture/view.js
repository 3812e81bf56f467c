// The camera: from places in the graph to places on the screen and back.
import { radiusOf } from "./look.js";

export class View {
  constructor() { this.x = 0; this.y = 0; this.zoom = 1; this.whole = 1; this.width = 1; this.height = 1; this.big = false; this.crowd = 1; }

  screen(node) { return [(node.x - this.x) * this.zoom + this.width / 2, (node.y - this.y) * this.zoom + this.height / 2]; }

  world(x, y) { return [(x - this.width / 2) / this.zoom + this.x, (y - this.height / 2) / this.zoom + this.y]; }

  sees(node) {
    const [x, y] = this.screen(node);
    return x > 0 && y > 0 && x < this.width && y < this.height;
  }

  // Of many nodes each is small until one comes nearer.
  get grown() { return Math.min(Math.max(Math.sqrt(this.zoom / this.whole), 0.7), 4) * this.crowd; }

  radius(node) {
    if (this.big) return Math.min(1.3 + 0.42 * Math.sqrt(node.seeds), 9) * this.grown;
    return radiusOf(node.seeds) * Math.min(Math.max(Math.sqrt(this.zoom), 0.55), 1.8);
  }

  zoomAt(x, y, factor) {
    const [wx, wy] = this.world(x, y);
    this.zoom = Math.min(Math.max(this.zoom * factor, this.whole / 6), this.whole * 80);
    this.x = wx - (x - this.width / 2) / this.zoom;
    this.y = wy - (y - this.height / 2) / this.zoom;
  }

  fit(nodes) {
    if (!nodes.length) return;
    this.crowd = Math.min(Math.max(Math.sqrt(1200 / nodes.length), 0.4), 1);
    let left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity;
    for (const { x, y } of nodes) {
      left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
    }
    const side = this.big ? 24 : 100, high = this.big ? 24 : 36;
    this.x = (left + right) / 2; this.y = (top + bottom) / 2;
    this.zoom = Math.min((this.width - 2 * side) / (right - left || 1), (this.height - 2 * high) / (bottom - top || 1));
    if (!this.big) this.zoom = Math.min(this.zoom, 1.6);
    this.whole = this.zoom = Math.max(this.zoom, 1e-4);
  }
}
