// Plays a sample walk on a scene, step by step.
const PACE = 1400;

export class Player {
  constructor(scene, changed) { this.scene = scene; this.changed = changed; this.timer = null; }

  take(walk) {
    if (JSON.stringify(walk) === JSON.stringify(this.scene.walk)) return;
    this.stop();
    this.scene.walk = walk;
    this.scene.at = walk.length ? 0 : -1;
  }

  get playing() { return this.timer !== null; }

  go(by) {
    this.scene.at = Math.min(Math.max(this.scene.at + by, 0), this.scene.walk.length - 1);
    this.changed();
  }

  play() {
    if (this.playing) { this.stop(); this.changed(); return; }
    if (this.scene.at >= this.scene.walk.length - 1) this.scene.at = -1;
    const step = () => {
      this.go(1);
      if (this.scene.at >= this.scene.walk.length - 1) { this.stop(); this.changed(); }
    };
    this.timer = setInterval(step, PACE);
    step();
  }

  stop() { clearInterval(this.timer); this.timer = null; }

  words() {
    const { walk, at } = this.scene, step = walk[at];
    if (!step) return "";
    const place = `Step ${at} of ${walk.length - 1}`;
    if (at === 0) return `${place}: the walk starts at ${step.name}.`;
    const again = step.counts ? "" : " It was there already, and counts once.";
    return `${place}: from ${walk[at - 1].name} to ${step.name}, together in ${step.weight.toLocaleString("en")} ${step.weight === 1 ? "seed" : "seeds"}; ${(100 * step.chance).toFixed(1)} % likely among ${step.choices.toLocaleString("en")} neighbours of its kind.${again}`;
  }
}
