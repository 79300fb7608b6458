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
