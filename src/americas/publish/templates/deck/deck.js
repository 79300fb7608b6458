// Starts reveal.js, makes text as large as its slide holds, and charts as large as theirs.

const LETTERS = 13, LARGE = 20; // at a chart's axes: as stored, and on a slide of 1280 by 720
const READ = 18, MOST_LARGER = 1.35; // letters that can be read, and what a full chart has room for
const MOST = 42, BESIDE_CHART = 26, LEAST = 18; // letters of text
const ROW = [14, 40]; // the height of a row of a chart that has rows, in the chart's pixels

const deck = new Reveal(document.querySelector('.reveal'), {
  width: 1280, height: 720, margin: 0, center: false, display: 'flex',
  hash: true, navigationMode: 'linear', transition: 'none', slideNumber: 'c/t',
  pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1, plugins: [RevealNotes],
  // Keys that what has the focus needs itself: a menu, a box that scrolls.
  keyboardCondition: () => !document.activeElement?.closest('select, summary, .wide'),
});

function fit(slide) {
  const most = slide.querySelector('figure.chart') ? BESIDE_CHART : MOST;
  for (let size = most; size >= LEAST; size -= 1) {
    slide.style.setProperty('--letters', `${size}px`);
    if (slide.scrollHeight <= slide.clientHeight && slide.scrollWidth <= slide.clientWidth) return;
  }
}

// The plots inside a chart: what has a width and a height of its own.
function plots(spec) {
  const inside = spec.hconcat ?? spec.vconcat ?? spec.concat ?? (spec.spec ? [spec.spec] : null);
  return inside ? inside.flatMap(plots) : [spec];
}

function stretch(plot, config, [across, up]) {
  const view = config?.view ?? {};
  const rows = ['nominal', 'ordinal'].includes(
    [plot, ...plot.layer ?? []].map(part => part.encoding?.y?.type).find(Boolean));
  const projections = [plot, ...plot.layer ?? []].map(part => part.projection).filter(Boolean);
  if (projections.length) across = up = Math.min(across, up); // a map keeps its shape
  plot.width = (plot.width ?? view.continuousWidth ?? 300);
  if (typeof plot.width === 'number') plot.width *= across;
  plot.height ??= rows ? {step: view.step ?? 20} : view.continuousHeight ?? 300;
  if (plot.height.step) {
    const least = plot.encoding?.yOffset ? ROW[0] / 2 : ROW[0];
    plot.height = {...plot.height, step: Math.min(Math.max(plot.height.step * up, least), ROW[1])};
  } else plot.height *= up;
  for (const projection of new Set(projections)) {
    if (projection.scale) projection.scale *= across;
    projection.translate = projection.translate?.map(length => length * across);
    if (!projection.translate) delete projection.translate;
  }
}

function larger(part, times) {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value === 'number' && /fontSize$/i.test(key)) part[key] = value * times;
    else if (value && typeof value === 'object' && key !== 'datasets') larger(value, times);
  }
}

// A chart is drawn, measured, and drawn again in the shape of its room; then the whole is enlarged
// with its letters. So nothing about its parts has to be known.
async function enlarge(figure) {
  const place = figure.querySelector('.drawing');
  const room = [place.clientWidth, place.clientHeight];
  let times = [1, 1], letters = 1;
  const seen = [];
  for (let round = 0; round < 6; round += 1) {
    const svg = await draw(figure, spec => {
      plots(spec).forEach(plot => stretch(plot, spec.config, times));
      // A row holds no letters that are higher than itself.
      const rows = plots(spec).filter(plot => !plot.encoding?.yOffset).map(plot => plot.height?.step);
      spec.config = {...spec.config, axisX: {tickCount: {signal: 'ceil(width / 90)'}, ...spec.config?.axisX}};
      larger(spec, Math.min(letters, ...rows.filter(Boolean).map(step => step / LETTERS)));
      return spec;
    });
    if (!svg) return;
    const size = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
    seen.push([times, size]);
    // A chart of many rows stays higher than it should, and so may be wider, too.
    const scale = Math.min(LARGE / LETTERS, round ? room[1] / size[1] : Infinity);
    const goal = room.map(side => side / scale);
    const small = READ / LETTERS / scale;
    if (size.every((side, i) => Math.abs(side / goal[i] - 1) < 0.02) && small <= letters) break;
    if (round >= 2) letters = Math.min(Math.max(small, letters), MOST_LARGER);
    times = [0, 1].map(i => {
      const [[t0, s0], [t1, s1]] = [seen.at(-2)?.map(pair => pair[i]) ?? [0, 0], [times[i], size[i]]];
      // What stands around the plots keeps its size, which two drawings tell.
      const slope = (s1 - s0) / (t1 - t0) || s1 / t1;
      return Math.min(Math.max(t1 + (goal[i] - s1) / slope, 0.4), 3);
    });
  }
}

async function prepare(slide) {
  if (slide.dataset.ready) return;
  slide.dataset.ready = 'no';
  fit(slide);
  for (const figure of slide.querySelectorAll('figure.chart')) await enlarge(figure);
  slide.dataset.ready = 'yes';
}

async function prepareAll() {
  for (const slide of deck.getSlides()) await prepare(slide);
  document.documentElement.dataset.figures = 'drawn';
}

// On paper (`?print-pdf`) all slides are laid out first, and then made ready together.
const show = () => deck.isPrintView() || prepare(deck.getCurrentSlide());
deck.on('ready', show);
deck.on('slidechanged', show);
deck.on('pdf-ready', prepareAll);
deck.addKeyBinding({keyCode: 78, key: 'N', description: 'Notes beside the slide'},
  () => deck.configure({showNotes: !deck.getConfig().showNotes}));
window.deck = deck;
deck.initialize();
