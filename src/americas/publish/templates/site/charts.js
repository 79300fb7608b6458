// Draws the charts of a page of the site, one after another; `draw` comes from figures.js.

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
  let whole;
  for (const figure of document.querySelectorAll('figure.chart')) {
    const drawn = await draw(figure, spec => {
      whole = JSON.stringify(spec.params ?? []).includes('"interval"');
      return liftTitle(figure, spec);
    });
    if (drawn) {
      const width = drawn.svg.viewBox.baseVal.width * (whole ? 1 : SMALLEST);
      drawn.svg.style.minWidth = `${width}px`;
    }
    await new Promise(done => setTimeout(done));
  }
  tellWhatScrolls();
  window.addEventListener('resize', tellWhatScrolls);
  document.documentElement.dataset.figures = 'drawn';
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll);
else drawAll();
