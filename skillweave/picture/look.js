// Colours, shapes and sizes. A kind has a colour and a shape, so that colour is never the only sign.
export const KINDS = ["topic", "knowledge_point", "skill"];
export const WORDS = { topic: "topic", knowledge_point: "knowledge point", skill: "skill" };

const LIGHT = { topic: "#1d4ed8", knowledge_point: "#b45309", skill: "#0f766e" };
const DARK = { topic: "#7aa2ff", knowledge_point: "#f0a94b", skill: "#4fd1b5" };

export function readLook(element) {
  const style = getComputedStyle(element);
  const take = (name, other) => style.getPropertyValue(name).trim() || other;
  const paper = take("--st-background-color", "#ffffff");
  const dark = luminance(paper) < 0.4;
  return {
    dark,
    paper,
    ink: take("--st-text-color", dark ? "#eeeeee" : "#222222"),
    edge: dark ? "#8b93a5" : "#6b7280",
    strong: dark ? "#ff8fb1" : "#be123c", // a path or a walk
    chosen: take("--st-primary-color", "#1d4ed8"),
    font: take("--st-font", "sans-serif"),
    kinds: dark ? DARK : LIGHT,
  };
}

const known = new Map();

export function rgb(colour) {
  if (known.has(colour)) return known.get(colour);
  const canvas = rgb.canvas ?? (rgb.canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
  known.set(colour, parts);
  return parts;
}

function luminance(colour) {
  const [red, green, blue] = rgb(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// The corners of a kind's shape around (0, 0) with the area of a circle of that radius; none for the circle.
export function corners(kind, radius) {
  if (kind === "knowledge_point") {
    const reach = radius * 1.25;
    return [[0, -reach], [reach, 0], [0, reach], [-reach, 0]];
  }
  if (kind === "skill") {
    const reach = radius * 1.45;
    return [[0, -reach], [reach * 0.87, reach * 0.55], [-reach * 0.87, reach * 0.55]];
  }
  return [];
}

export const radiusOf = (seeds) => Math.min(4.5 + 1.7 * Math.sqrt(seeds), 17);
export const widthOf = (weight) => Math.min(0.6 + 0.9 * Math.sqrt(weight), 8);
