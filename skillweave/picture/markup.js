// The elements of a picture.
export const MARKUP = `
<div class="picture">
  <div class="bar" role="toolbar" aria-label="Picture of the graph">
    <span class="group" data-group="concept">
      <button type="button" data-do="expand" title="Show what is around the chosen concept (Enter)">Expand</button>
      <button type="button" data-do="hide" title="Leave the chosen concept out (H)">Hide</button>
      <button type="button" data-do="pin" title="Keep the chosen concept where it stands (P)">Pin</button>
      <button type="button" data-do="path" title="Choose a second concept: the shortest path between the two">Path to …</button>
    </span>
    <span class="group" data-group="walk" hidden>
      <button type="button" data-do="back" title="One step back">◀ Back</button>
      <button type="button" data-do="play" title="Play the walk step by step">Play</button>
      <button type="button" data-do="next" title="One step on">Step ▶</button>
    </span>
    <span class="group end">
      <button type="button" data-do="out" aria-label="Zoom out" title="Zoom out (-)">−</button>
      <button type="button" data-do="in" aria-label="Zoom in" title="Zoom in (+)">+</button>
      <button type="button" data-do="fit" title="Show all of it (0)">Fit</button>
      <button type="button" data-do="png" title="Save as a picture of pixels">PNG</button>
      <button type="button" data-do="svg" title="Save as a picture of lines">SVG</button>
    </span>
  </div>
  <div class="stage" tabindex="0" role="application" aria-label="Graph: arrow keys move, plus and minus zoom, 0 shows all; the concepts are listed as buttons below">
    <canvas class="mass" aria-hidden="true"></canvas>
    <canvas class="ink" aria-hidden="true"></canvas>
    <div class="legend" aria-hidden="true"></div>
  </div>
  <p class="status" role="status"></p>
  <ul class="listed" aria-label="Concepts in the picture"></ul>
</div>
`;
