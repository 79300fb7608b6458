// Draws each stored chart. `vegaEmbed` is in scope; `ast` reads a chart's formulas without eval.
for (const figure of document.querySelectorAll('figure.chart')) {
  const place = figure.querySelector('.drawing');
  const spec = JSON.parse(figure.querySelector('script').textContent);
  const options = {actions: false, ast: true, renderer: 'svg', mode: 'vega-lite'};
  vegaEmbed(place, spec, options).then(() => {
    // The description is read once, as a picture's.
    place.querySelectorAll('[role^=graphics-]').forEach(part => {
      for (const name of ['role', 'aria-label', 'aria-roledescription']) part.removeAttribute(name);
    });
    figure.dataset.drawn = 'yes';
  }).catch(error => {
    figure.dataset.drawn = 'no';
    place.append(`This chart could not be drawn: ${error.message}`);
  });
}
