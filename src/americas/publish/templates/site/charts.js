// Draws the charts of a page of the site, one after another; `draw` comes from figures.js.

// Below this share of its size a chart's letters are too small; then it is scrolled instead.
const SMALLEST = 0.75;
const NARROW = 560;
// On a phone a chart is drawn again, less wide, so that its letters need to shrink only so far.
const ON_PHONE = 0.8, LEAST_ACROSS = 0.4;

const lines = text => [text ?? []].flat();

// On a phone a chart's title would be cut off, so it stands above the chart and wraps.
function liftTitle(figure, spec) {
  const title = typeof spec.title === 'object' && !Array.isArray(spec.title)
    ? spec.title : {text: spec.title};
  if (!lines(title.text).length || figure.clientWidth === 0 || figure.clientWidth > NARROW) {
    return spec;
  }
  const {title: _, ...rest} = spec;
  if (figure.querySelector('.chart-title')) return rest;
  const head = document.createElement('p');
  head.className = 'chart-title';
  const strong = head.appendChild(document.createElement('strong'));
  strong.textContent = lines(title.text).join(' ');
  for (const line of lines(title.subtitle)) {
    head.append(document.createElement('br'), line);
  }
  figure.prepend(head);
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

// Makes the plots of a chart narrower, and gives its legends fewer columns.
function narrow(spec, across, columns) {
  const {legend, axisX} = spec.config ?? {};
  const apart = {labelOverlap: 'greedy', labelSeparation: 6, ...axisX};
  spec.config = {...spec.config, legend: {...legend, columns}, axisX: apart};
  for (const plot of plots(spec)) {
    stretch(plot, spec.config, [across, 1]);
    wrapTitles(plot, 1);
    for (const {encoding} of [plot, ...plot.layer ?? []]) {
      Object.values(encoding ?? {}).forEach(({legend}) => { if (legend?.columns) legend.columns = columns; });
    }
  }
  larger(spec, 1);
  return spec;
}

// Where the letters of a text are on the screen. Browsers differ in how much higher its box is.
function letters(text) {
  const {x, y, width, height} = text.getBBox();
  const line = height / (text.querySelectorAll('tspan').length || 1);
  const cut = Math.max(0, (line - 0.8 * parseFloat(getComputedStyle(text).fontSize)) / 2);
  const corners = [[x, y + cut], [x + width, y + cut], [x, y + height - cut], [x + width, y + height - cut]]
    .map(([across, down]) => new DOMPoint(across, down).matrixTransform(text.getScreenCTM()));
  const [left, right] = [Math.min, Math.max].map(most => most(...corners.map(corner => corner.x)));
  const [top, bottom] = [Math.min, Math.max].map(most => most(...corners.map(corner => corner.y)));
  return {left, right, top, bottom};
}

// How many words of a drawing lie on another.
function collisions(svg) {
  const boxes = [...svg.querySelectorAll('text')].filter(
    text => text.textContent.trim() && text.getAttribute('opacity') !== '0').map(letters);
  const meet = (a, b) => a.left + 1 < b.right && b.left + 1 < a.right && a.top < b.bottom && b.top < a.bottom;
  return boxes.flatMap((box, i) => boxes.slice(i + 1).filter(other => meet(box, other))).length;
}

// Draws a chart in the width that its place has, if its words have room there; else it scrolls.
async function drawInWidth(figure) {
  let whole = false;
  const change = (across, columns) => spec => {
    whole = JSON.stringify(spec.params ?? []).includes('"interval"');
    const lifted = liftTitle(figure, spec);
    return columns ? narrow(lifted, across, columns) : lifted;
  };
  let drawn = await draw(figure, change());
  if (!drawn) return;
  const width = () => drawn.svg.viewBox.baseVal.width;
  const goal = figure.querySelector('.drawing').clientWidth / ON_PHONE;
  if (!whole && figure.clientWidth <= NARROW && width() > goal) {
    const before = collisions(drawn.svg);
    for (const columns of [2, 1]) {
      const seen = [[1, width()]];
      let across = 1;
      for (let round = 0; round < 3 && width() > goal && across > LEAST_ACROSS; round += 1) {
        const [[t0, s0], [t1, s1]] = [seen.at(-2) ?? [0, 0], seen.at(-1)];
        // What stands around the plots keeps its size, which two drawings tell.
        across = Math.max(t1 + (goal - s1) / ((s1 - s0) / (t1 - t0) || s1), LEAST_ACROSS);
        drawn = await draw(figure, change(across, columns));
        seen.push([across, width()]);
      }
      if (width() <= goal + 1) break;
    }
    if (width() > goal * 1.05 || collisions(drawn.svg) > before) drawn = await draw(figure, change());
  }
  drawn.svg.style.minWidth = `${width() * (whole ? 1 : SMALLEST)}px`;
}

async function drawAll() {
  // One after another, so that the page can be read and scrolled meanwhile.
  for (const figure of document.querySelectorAll('figure.chart')) {
    await drawInWidth(figure);
    await new Promise(done => setTimeout(done));
  }
  tellWhatScrolls();
  window.addEventListener('resize', tellWhatScrolls);
  document.documentElement.dataset.figures = 'drawn';
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll);
else drawAll();
