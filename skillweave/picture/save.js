// Saves what is shown: as PNG, drawn again at twice the size, and as SVG, written by what draws the picture.
import { paintMass, paintOver } from "./paint.js";

export function savePng(scene, look, view, name) {
  const canvas = document.createElement("canvas"), dense = 2;
  canvas.width = view.width * dense;
  canvas.height = view.height * dense;
  const ink = canvas.getContext("2d");
  ink.scale(dense, dense);
  ink.fillStyle = look.paper;
  ink.fillRect(0, 0, view.width, view.height);
  paintMass(ink, scene, look, view);
  paintOver(ink, scene, look, view);
  canvas.toBlob((blob) => give(blob, `${name}.png`), "image/png");
}

export function saveSvg(scene, look, view, name) {
  const ink = new Writer();
  paintMass(ink, scene, look, view);
  paintOver(ink, scene, look, view);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${view.width}" height="${view.height}" viewBox="0 0 ${view.width} ${view.height}">`;
  const paper = `<rect width="100%" height="100%" fill="${look.paper}"/>`;
  give(new Blob([head, paper, ...ink.parts, "</svg>"], { type: "image/svg+xml" }), `${name}.svg`);
}

function give(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const text = (words) => String(words).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "").replace(/[&<>"']/g, (sign) => ENTITIES[sign]);
const short = (number) => Math.round(number * 100) / 100;

// As much of CanvasRenderingContext2D as paint.js uses.
class Writer {
  constructor() {
    this.parts = []; this.path = "";
    this.globalAlpha = 1; this.fillStyle = "#000"; this.strokeStyle = "#000"; this.lineWidth = 1; this.font = "";
    this.measure = document.createElement("canvas").getContext("2d");
  }

  beginPath() { this.path = ""; }

  moveTo(x, y) { this.path += `M${short(x)} ${short(y)}`; }

  lineTo(x, y) { this.path += `L${short(x)} ${short(y)}`; }

  closePath() { this.path += "Z"; }

  arc(x, y, radius) {
    const r = short(radius);
    this.path += `M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }

  get opacity() { return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : ""; }

  fill() { this.parts.push(`<path d="${this.path}" fill="${this.fillStyle}"${this.opacity}/>`); }

  stroke() { this.parts.push(`<path d="${this.path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${this.opacity}/>`); }

  measureText(words) { this.measure.font = this.font; return this.measure.measureText(words); }

  letters(words, x, y, paint) {
    const bold = this.font.startsWith("600") ? ' font-weight="600"' : "";
    this.parts.push(`<text x="${short(x)}" y="${short(y)}" font-family="sans-serif" font-size="12"${bold} dominant-baseline="central" ${paint}${this.opacity}>${text(words)}</text>`);
  }

  strokeText(words, x, y) { this.letters(words, x, y, `fill="none" stroke="${this.strokeStyle}" stroke-width="3.5" stroke-linejoin="round"`); }

  fillText(words, x, y) { this.letters(words, x, y, `fill="${this.fillStyle}"`); }
}
