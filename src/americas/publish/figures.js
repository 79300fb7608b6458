// Draws a <figure class="chart"> from the chart stored in it. `vegaEmbed` is in scope.

// `change` makes the stored chart the one to draw. Returns the drawn SVG with the
// spec and the view behind it, or nothing on a failure.
async function draw(figure, change = spec => spec) {
  const place = figure.querySelector('.drawing');
  const label = figure.dataset.label ??= place.getAttribute('aria-label');
  const {spec, options} = JSON.parse(figure.querySelector('script').textContent);
  try {
    const drawn = change(spec);
    const {view} = await vegaEmbed(place, drawn, options);
    const svg = place.querySelector('svg.marks');
    // The description is read once, as a picture's, and not each of a thousand points, some of
    // which have no name.
    place.querySelectorAll('[role^=graphics-]').forEach(part => {
      part.removeAttribute('role');
      part.removeAttribute('aria-label');
      part.removeAttribute('aria-roledescription');
    });
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
    place.removeAttribute('role');
    place.removeAttribute('aria-label');
    place.querySelector(':scope > details > summary')
      ?.setAttribute('aria-label', 'Save this chart, or see how it is made');
    figure.dataset.drawn = 'yes';
    return {svg, spec: drawn, view};
  } catch (error) {
    figure.dataset.drawn = 'no';
    place.append(`This chart could not be drawn: ${error.message}`);
    console.error(error);
  }
}

const LETTERS = 13; // at the axes of a stored chart
const ROW = [14, 40]; // the height of a row of a chart that has rows, in the chart's pixels

// The plots inside a chart: what has a width and a height of its own.
function plots(spec) {
  const inside = spec.hconcat ?? spec.vconcat ?? spec.concat ?? (spec.spec ? [spec.spec] : null);
  return inside ? inside.flatMap(plots) : [spec];
}

// Whether a plot has names one below the other.
const hasRows = plot => ['nominal', 'ordinal'].includes(
  [plot, ...plot.layer ?? []].map(part => part.encoding?.y?.type).find(Boolean));

// Makes a plot wider and higher by two factors; a map keeps its shape.
function stretch(plot, config, [across, up]) {
  const view = config?.view ?? {};
  const projections = [plot, ...plot.layer ?? []].map(part => part.projection).filter(Boolean);
  if (projections.length) across = up = Math.min(across, up);
  plot.width = (plot.width ?? view.continuousWidth ?? 300);
  if (typeof plot.width === 'number') plot.width *= across;
  plot.height ??= hasRows(plot) ? {step: view.step ?? 20} : view.continuousHeight ?? 300;
  if (plot.height.step && up !== 1) {
    const least = plot.encoding?.yOffset ? ROW[0] / 2 : ROW[0];
    plot.height = {...plot.height, step: Math.min(Math.max(plot.height.step * up, least), ROW[1])};
  } else if (!plot.height.step) plot.height *= up;
  for (const projection of new Set(projections)) {
    if (projection.scale) projection.scale *= across;
    projection.translate = projection.translate?.map(length => length * across);
    if (!projection.translate) delete projection.translate;
  }
}

// The titles of axes in as many lines as keep them beside their plot.
function wrapTitles(plot, letters) {
  for (const {encoding} of [plot, ...plot.layer ?? []]) {
    for (const [channel, side] of [['x', plot.width], ['y', plot.height]]) {
      const most = side / (letters * LETTERS * 0.54);
      const part = encoding?.[channel]?.axis?.title ? encoding[channel].axis : encoding?.[channel];
      if (typeof part?.title !== 'string' || !most) continue;
      const lines = [''];
      for (const word of part.title.split(' ')) {
        const longer = `${lines.at(-1)} ${word}`.trim();
        if (longer.length > most && lines.at(-1)) lines.push(word); else lines.splice(-1, 1, longer);
      }
      part.title = lines;
    }
  }
}

// Makes all letters larger; those smaller than at the axes become like them.
function larger(part, times) {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value === 'number' && /fontSize$/i.test(key)) part[key] = Math.max(value, LETTERS) * times;
    else if (value && typeof value === 'object' && key !== 'datasets') larger(value, times);
  }
}
