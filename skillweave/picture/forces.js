// Where the nodes of a small picture stand: springs along edges, nodes push each other off. The same data gives the
// same picture: starting places follow from the order of the nodes, never from chance.
const GOLDEN = Math.PI * (3 - Math.sqrt(5));

export function place(nodes, links) {
  const by = new Map(nodes.map((node) => [node.id, node]));
  nodes.forEach((node, i) => {
    if (node.x !== undefined) return;
    const near = links.map(([a, b]) => (a === node.id ? by.get(b) : b === node.id ? by.get(a) : null))
      .find((other) => other && other.x !== undefined && i > 0);
    const far = near && near.steps > 0 ? 70 : 55 * Math.sqrt(i);
    node.x = (near ? near.x : 0) + far * Math.cos(i * GOLDEN);
    node.y = (near ? near.y : 0) + far * Math.sin(i * GOLDEN);
  });
}

export function settle(nodes, links, rounds, held = null) {
  const by = new Map(nodes.map((node, i) => [node.id, i]));
  const ends = links.map(([a, b, weight]) => [by.get(a), by.get(b), weight]);
  const degree = new Array(nodes.length).fill(0);
  for (const [a, b] of ends) { degree[a] += 1; degree[b] += 1; }
  const spread = 8200 + 90 * nodes.length;
  for (let round = 0; round < rounds; round += 1) {
    const heat = 26 * (1 - round / rounds) ** 1.3 + 0.4;
    const move = nodes.map((node) => [-node.x * 0.014, -node.y * 0.011]);
    for (let i = 0; i < nodes.length; i += 1) {
      for (let j = i + 1; j < nodes.length; j += 1) {
        const dx = nodes[i].x - nodes[j].x || 0.01 * (i - j), dy = nodes[i].y - nodes[j].y || 0.01;
        const push = spread / (dx * dx + dy * dy + 60);
        const far = Math.sqrt(dx * dx + dy * dy);
        move[i][0] += (push * dx) / far; move[i][1] += (push * dy) / far;
        move[j][0] -= (push * dx) / far; move[j][1] -= (push * dy) / far;
      }
    }
    for (const [a, b, weight] of ends) {
      const dx = nodes[b].x - nodes[a].x, dy = nodes[b].y - nodes[a].y, far = Math.hypot(dx, dy) || 1;
      const pull = ((far - 100) * 0.09 * Math.min(1 + Math.log2(weight), 4)) / Math.sqrt(Math.min(degree[a], degree[b]));
      move[a][0] += (pull * dx) / far; move[a][1] += (pull * dy) / far;
      move[b][0] -= (pull * dx) / far; move[b][1] -= (pull * dy) / far;
    }
    nodes.forEach((node, i) => {
      if (node.pinned || node === held) return;
      const far = Math.hypot(...move[i]) || 1, step = Math.min(far, heat);
      node.x += (move[i][0] / far) * step;
      node.y += (move[i][1] / far) * step;
    });
  }
}
