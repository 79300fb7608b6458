// Starts reveal.js, makes text as large as its slide holds, and charts as large as theirs. What
// would be too small goes on: text on another slide, the rows of a chart in a second column.

const LARGE = 20; // letters at a chart's axes on a slide of 1280 by 720
const READ = 18.4, MOST_LARGER = 1.6; // letters that can be read, and what a full chart has room for
const MOST = 42, WITH_CODE = 30, BESIDE_CHART = 26, EASY = 24, LEAST = 18; // letters of text
const AROUND = 75; // what stands above and below the rows of a chart, on the slide
const TICK = 90; // from one label of a horizontal axis to the next, at least

const deck = new Reveal(document.querySelector('.reveal'), {
  width: 1280, height: 720, margin: 0, center: false, display: 'flex',
  hash: true, navigationMode: 'linear', transition: 'none', slideNumber: 'c/t',
  pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1, plugins: [RevealNotes],
  // Keys that what has the focus needs itself: a menu, a box that scrolls.
  keyboardCondition: () => !document.activeElement?.closest('select, summary, .wide'),
});

// Gives a slide the largest letters with which all of it has room; returns their size, or 0.
function fit(slide) {
  const most = slide.querySelector('figure.chart') ? BESIDE_CHART
    : slide.querySelector('pre, table') ? WITH_CODE : MOST;
  let [size, over] = [LEAST - 1, most + 1];
  const set = letters => slide.style.setProperty('--letters', `${letters}px`);
  while (over - size > 1) {
    const tried = (size + over) >> 1;
    set(tried);
    const holds = slide.scrollHeight <= slide.clientHeight && slide.scrollWidth <= slide.clientWidth;
    if (holds) size = tried; else over = tried;
  }
  set(Math.max(size, LEAST));
  return size < LEAST ? 0 : size;
}

// The parts of a slide that could open the next one: a paragraph, a point, code with its output.
function openings(slide) {
  const inText = [...slide.querySelectorAll('.text > *, .text > :is(ul, ol) > li')];
  return [...slide.querySelectorAll(':scope > :is(.text, pre.code, .fragment)'), ...inText]
    .filter(part => !part.closest('aside') && (part.previousElementSibling
      ? !part.previousElementSibling.matches('h1, h2, h3') : false));
}

// Moves a part of a slide and all after it to a new slide, which has the same notes.
function moveOn(slide, first) {
  const rest = document.createRange();
  rest.setStartBefore(first);
  rest.setEndAfter(slide.lastChild);
  const head = first.closest('.text')?.querySelector('h2, h3')?.cloneNode(true);
  const before = first.matches('li') ? [...first.parentElement.children].indexOf(first) : 0;
  const inside = first.parentElement !== slide;
  const next = slide.cloneNode(false);
  next.append(rest.extractContents());
  slide.after(next);
  next.querySelectorAll('aside').forEach(note => slide.append(note));
  slide.querySelectorAll('aside').forEach(note => next.append(note.cloneNode(true)));
  next.querySelectorAll(':scope > .fragment:first-child').forEach(
    part => part.replaceWith(...part.childNodes));
  next.querySelectorAll('ol').forEach(list => { if (before) list.start = before + 1; });
  if (inside && head) {
    head.append(' (2)');
    next.querySelector('.text').prepend(head);
  }
  return next;
}

// Lets a slide go on on another where its letters would be small, or where code follows a chart.
function goOn(slide) {
  const after = [...slide.querySelectorAll('.output:has(figure) ~ *')].find(
    part => !part.matches('aside') && (part.matches('pre, .output') || part.querySelector('pre, .output')));
  let next = after && moveOn(slide, after);
  if (!next && !slide.querySelector('figure') && fit(slide) < EASY) {
    const tried = openings(slide).map((opening, i) => {
      const copy = slide.cloneNode(true);
      slide.after(copy);
      const rest = moveOn(copy, openings(copy)[i]);
      const sizes = [copy, rest].map(part => Math.min(fit(part), EASY * 1.5));
      copy.remove();
      rest.remove();
      // Code with its output is a better beginning than a paragraph.
      return Math.min(...sizes) + (opening.matches('pre') ? 6 : 0) + Math.max(...sizes) / 100;
    });
    const best = Math.max(...tried);
    if (best > fit(slide)) next = moveOn(slide, openings(slide)[tried.indexOf(best)]);
  }
  if (next) goOn(next);
}

// The names that a chart has one below the other, where they are more than letters that can be read
// leave room for. It has to be one plot, without selections.
function rowsOf(spec, view, height) {
  const alone = (spec.mark || spec.layer) && !spec.params && hasRows(spec);
  const names = alone ? view.scale('y').domain() : null;
  return names?.length * READ + AROUND > height && typeof names[0] === 'string' ? names : null;
}

// The same chart in two columns, the first half of its rows and the second.
function inColumns(spec, rows) {
  const {$schema, config, datasets, description, ...plot} = spec;
  const only = (part, names, above) => {
    const y = part.encoding?.y ?? above;
    if (part.encoding?.y) part.encoding.y = {...y, sort: names, scale: {...y.scale, domain: names}};
    if (y?.field && (part.data || part.mark)) {
      part.transform = [...part.transform ?? [], {filter: {field: y.field, oneOf: names}}];
    }
    // A layer with nothing to draw in this column would be a complaint of Vega's.
    if (part.layer) part.layer = part.layer.filter(layer => draws(layer, names, y));
    part.layer?.forEach(layer => only(layer, names, y));
    return part;
  };
  const draws = ({data, encoding}, names, above) => {
    const rows = datasets?.[data?.name];
    const field = (encoding?.y ?? above)?.field;
    return !Array.isArray(rows) || !rows.some(row => field in row)
      || rows.some(row => names.includes(row[field]));
  };
  const half = Math.ceil(rows.length / 2);
  const hconcat = [rows.slice(0, half), rows.slice(half)].map(
    names => only(structuredClone(plot), names));
  for (const {encoding} of [hconcat[1], ...hconcat[1].layer ?? []]) {
    if (encoding?.y) encoding.y = {...encoding.y, title: null, axis: {...encoding.y.axis, title: null}};
  }
  return {$schema, config, datasets, description, hconcat, resolve: {scale: {x: 'shared'}}};
}

// A chart is drawn, measured, and drawn again in the shape of its room; then the whole is enlarged
// with its letters. So nothing about its parts has to be known.
async function enlarge(figure) {
  const place = figure.querySelector('.drawing');
  const room = [place.clientWidth, place.clientHeight];
  let times = [1, 1], letters = 1, rows;
  const seen = [];
  for (let round = 0; round < 10; round += 1) {
    const drawn = await draw(figure, stored => {
      const spec = rows ? inColumns(stored, rows) : stored;
      plots(spec).forEach(plot => stretch(plot, spec.config, times));
      // A row holds no letters that are higher than itself.
      const steps = plots(spec).filter(plot => !plot.encoding?.yOffset).map(plot => plot.height?.step);
      const factor = Math.min(letters, ...steps.filter(Boolean).map(step => step / LETTERS));
      const narrowest = Math.min(...plots(spec).map(plot => plot.width).filter(Number.isFinite));
      const axisX = {labelSeparation: 8, ...spec.config?.axisX};
      if (narrowest < Infinity) axisX.tickCount ??= Math.ceil(narrowest / TICK / factor);
      spec.config = {...spec.config, axisX};
      plots(spec).forEach(plot => wrapTitles(plot, factor));
      larger(spec, factor);
      return spec;
    });
    if (!drawn) return;
    room[1] = place.clientHeight - (place.querySelector('.vega-bindings')?.offsetHeight ?? 0);
    const size = [drawn.svg.viewBox.baseVal.width, drawn.svg.viewBox.baseVal.height];
    if (!round && (rows = rowsOf(drawn.spec, drawn.view, room[1]))) continue;
    seen.push([times, size]);
    // A chart of many rows stays higher than it should, and so may be wider, too.
    const scale = Math.min(LARGE / LETTERS, seen.length > 1 ? room[1] / size[1] : Infinity);
    const goal = room.map(side => side / scale);
    const small = READ / LETTERS / scale;
    if (size.every((side, i) => Math.abs(side / goal[i] - 1) < 0.02) && small <= letters) break;
    if (seen.length > 2) letters = Math.min(Math.max(small, letters), MOST_LARGER);
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
deck.addKeyBinding({keyCode: 78, key: 'N', description: 'Notes beside the slide'}, () => {
  deck.configure({showNotes: !deck.getConfig().showNotes});
  deck.layout(); // the slide has less room, or all of it again
});
window.deck = deck;
document.body.classList.add('measured');
document.querySelectorAll('.slides > section > section').forEach(goOn);
document.body.classList.remove('measured');
deck.initialize();
