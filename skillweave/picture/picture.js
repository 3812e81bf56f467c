// The picture of a graph: what Streamlit calls with new data. One stage a place on the page lives through reruns.
import { MARKUP } from "./markup.js";
import { Stage } from "./stage.js";

const stages = new WeakMap();

export default function picture({ parentElement, data, setTriggerValue }) {
  let stage = stages.get(parentElement);
  if (!stage) {
    const made = document.createElement("template");
    made.innerHTML = MARKUP;
    stage = new Stage(made.content.firstElementChild);
    parentElement.append(stage.root);
    stages.set(parentElement, stage);
  }
  stage.tell = (what, more = {}) => setTriggerValue("act", { what, ...more, at: Date.now() });
  stage.show(data);
  return () => {
    stage.leave();
    stage.root.remove();
    stages.delete(parentElement);
  };
}
