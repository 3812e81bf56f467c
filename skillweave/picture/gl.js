// Draws a whole graph with WebGL 2: all edges as lines, all nodes as points with the shapes of their kinds. What is
// there is sent to the card once; a move of the camera changes three numbers.
import { KINDS, rgb } from "./look.js";

const WHERE = `uniform vec2 middle; uniform vec2 scale;
vec4 at(vec2 place) { return vec4((place - middle) * scale, 0., 1.); }`;
const EDGE = [`#version 300 es
in vec2 place; in float weight; out float strength; ${WHERE}
void main() { gl_Position = at(place); strength = weight; }`, `#version 300 es
precision mediump float; in float strength; uniform vec3 colour; uniform float most; out vec4 shown;
void main() { float alpha = most * strength; shown = vec4(colour * alpha, alpha); }`];
const NODE = [`#version 300 es
in vec2 place; in float size; in float kind; out float which; out float across; ${WHERE}
uniform float grown; uniform float dense;
void main() {
  gl_Position = at(place); which = kind;
  across = (min(size, 9.) * grown + .6) * 2.9 * dense; gl_PointSize = across;
}`, `#version 300 es
precision mediump float; in float which; in float across; uniform vec3 colours[3]; uniform vec3 paper; out vec4 shown;
float far(vec2 p) {
  if (which < .5) return length(p) - .69;
  if (which < 1.5) return (abs(p.x) + abs(p.y) - .86) * .7071;
  return max(p.y - .55, dot(vec2(abs(p.x), p.y), vec2(.875, -.485)) - .485);
}
void main() {
  float edge = 2. / across, d = far(gl_PointCoord * 2. - 1.);
  float alpha = 1. - smoothstep(0., edge, d - edge);
  if (alpha <= 0.) discard;
  vec3 colour = which < .5 ? colours[0] : which < 1.5 ? colours[1] : colours[2];
  colour = mix(colour, paper, smoothstep(-edge, 0., d));
  shown = vec4(colour * alpha, alpha);
}`];

export class Mass {
  static on(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    return gl ? new Mass(canvas, gl) : null;
  }

  constructor(canvas, gl) {
    this.canvas = canvas; this.gl = gl; this.count = 0; this.edges = 0;
    this.edge = program(gl, EDGE); this.node = program(gl, NODE);
    this.edgeArray = gl.createVertexArray(); this.nodeArray = gl.createVertexArray();
    this.edgeBuffer = gl.createBuffer(); this.nodeBuffer = gl.createBuffer();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  take(scene) {
    const gl = this.gl;
    const points = new Float32Array(scene.nodes.length * 4);
    // The least mentioned first, so that the others lie over them.
    [...scene.nodes].reverse().forEach((node, i) => points.set([node.x, node.y, 1.3 + 0.42 * Math.sqrt(node.seeds), KINDS.indexOf(node.kind)], 4 * i));
    const lines = new Float32Array(scene.links.length * 6);
    scene.links.forEach(([one, other, weight], i) => {
      const a = scene.node(one), b = scene.node(other), strength = Math.min(0.3 + 0.2 * Math.log2(weight), 1);
      lines.set([a.x, a.y, strength, b.x, b.y, strength], 6 * i);
    });
    this.count = scene.nodes.length; this.edges = scene.links.length;
    fill(gl, this.edgeArray, this.edgeBuffer, lines, this.edge, [["place", 2], ["weight", 1]]);
    fill(gl, this.nodeArray, this.nodeBuffer, points, this.node, [["place", 2], ["size", 1], ["kind", 1]]);
  }

  draw(view, look, dense, edges) {
    const gl = this.gl;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const scale = [(2 * view.zoom) / view.width, (-2 * view.zoom) / view.height];
    gl.useProgram(this.edge);
    const set = (program, name, kind, value) => gl[kind](gl.getUniformLocation(program, name), value);
    set(this.edge, "middle", "uniform2fv", [view.x, view.y]);
    set(this.edge, "scale", "uniform2fv", scale);
    set(this.edge, "colour", "uniform3fv", rgb(look.edge));
    const crowd = Math.min(1, Math.sqrt(2500 / Math.max(this.edges, 1)));
    set(this.edge, "most", "uniform1f", Math.min((look.dark ? 0.75 : 0.65) * crowd * Math.sqrt(view.zoom / view.whole), 0.8));
    gl.bindVertexArray(this.edgeArray);
    gl.drawArrays(gl.LINES, 0, 2 * Math.min(this.edges, edges));
    gl.useProgram(this.node);
    set(this.node, "middle", "uniform2fv", [view.x, view.y]);
    set(this.node, "scale", "uniform2fv", scale);
    set(this.node, "grown", "uniform1f", view.grown);
    set(this.node, "dense", "uniform1f", dense);
    set(this.node, "paper", "uniform3fv", rgb(look.paper));
    gl.uniform3fv(gl.getUniformLocation(this.node, "colours"), KINDS.flatMap((kind) => rgb(look.kinds[kind])));
    gl.bindVertexArray(this.nodeArray);
    gl.drawArrays(gl.POINTS, 0, this.count);
    gl.bindVertexArray(null);
  }

  clear() {
    this.gl.clearColor(0, 0, 0, 0);
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }
}

function program(gl, [vertex, fragment]) {
  const made = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  return made;
}

function fill(gl, array, buffer, numbers, program, parts) {
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, numbers, gl.STATIC_DRAW);
  const stride = 4 * parts.reduce((sum, [, size]) => sum + size, 0);
  let offset = 0;
  for (const [name, size] of parts) {
    const place = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, offset);
    offset += 4 * size;
  }
  gl.bindVertexArray(null);
}
