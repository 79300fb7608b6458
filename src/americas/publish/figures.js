// Draws every <figure class="chart"> of a page from the chart stored in it. `vegaEmbed` is in scope.

// Below this share of its size a chart's letters are too small; then it is scrolled instead.
const SMALLEST = 0.75;
const NARROW = 560;

const lines = text => [text ?? []].flat();

// On a phone a chart's title would be cut off, so it stands above the chart and wraps.
function liftTitle(figure, spec) {
  const title = typeof spec.title === 'object' && !Array.isArray(spec.title)
    ? spec.title : {text: spec.title};
  if (!lines(title.text).length || figure.clientWidth === 0 || figure.clientWidth > NARROW) {
    return spec;
  }
  const head = document.createElement('p');
  head.className = 'chart-title';
  const strong = head.appendChild(document.createElement('strong'));
  strong.textContent = lines(title.text).join(' ');
  for (const line of lines(title.subtitle)) {
    head.append(document.createElement('br'), line);
  }
  figure.prepend(head);
  const {title: _, ...rest} = spec;
  return rest;
}

async function draw(figure) {
  const place = figure.querySelector('.drawing');
  const label = place.getAttribute('aria-label');
  const {spec, options} = JSON.parse(figure.querySelector('script').textContent);
  try {
    await vegaEmbed(place, liftTitle(figure, spec), options);
    const svg = place.querySelector('svg.marks');
    const whole = JSON.stringify(spec.params ?? []).includes('"interval"');
    svg.style.minWidth = `${svg.viewBox.baseVal.width * (whole ? 1 : SMALLEST)}px`;
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
  } catch (error) {
    figure.dataset.drawn = 'no';
    place.append(`This chart could not be drawn: ${error.message}`);
    console.error(error);
  }
}

// A chart that is cut off where a line goes on would mislead, so it says that there is more.
function tellWhatScrolls() {
  document.querySelectorAll('figure.chart .drawing').forEach(place => {
    const scrolls = place.scrollWidth > place.clientWidth + 1;
    const told = place.parentElement.querySelector(':scope > .more');
    if (scrolls && !told) {
      const line = document.createElement('p');
      line.className = 'more';
      line.textContent = 'The chart goes on to the right: push it sideways.';
      place.before(line);
    } else if (!scrolls) told?.remove();
  });
}

async function drawAll() {
  // One after another, so that the page can be read and scrolled meanwhile.
  for (const figure of document.querySelectorAll('figure.chart')) {
    await draw(figure);
    await new Promise(done => setTimeout(done));
  }
  tellWhatScrolls();
  window.addEventListener('resize', tellWhatScrolls);
  document.documentElement.dataset.figures = 'drawn';
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll);
else drawAll();
