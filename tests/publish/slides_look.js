// What each slide of a deck looks like when it is on the screen, with all its fragments shown.
async () => {
  const wait = () => new Promise(done => setTimeout(done, 10));
  const looks = [];
  for (const slide of deck.getSlides()) {
    const {h, v} = deck.getIndices(slide);
    deck.slide(h, v, 99);
    while (slide.dataset.ready !== 'yes') await wait();
    const page = slide.getBoundingClientRect();
    const foot = page.bottom - 40; // below it stands where in the lesson one is
    const seen = [...slide.querySelectorAll('.text, .output, pre, p, li, h1, h2, h3, td, th, svg text')]
      .filter(part => !part.closest('aside, details') && part.textContent.trim()
        && part.getAttribute('opacity') !== '0' && part.getBoundingClientRect().width);
    const name = part => part.textContent.trim().slice(0, 40);
    const svg = slide.querySelector('svg.marks');
    const scale = svg ? Math.min(...['width', 'height'].map(
      side => svg.getBoundingClientRect()[side] / svg.viewBox.baseVal[side])) : 1;
    const size = part => parseFloat(part.getAttribute('font-size') || getComputedStyle(part).fontSize)
      * (part.closest('svg') ? scale : 1);
    // Letters that lie upon letters: by what ink takes of a line. How high a line is, browsers choose.
    const ink = part => {
      const {left, right, top, bottom} = part.getBoundingClientRect();
      const lines = part.querySelectorAll('tspan').length || 1;
      const turned = /rotate\(-?(90|270)/.test(part.getAttribute('transform'));
      const air = Math.max(0, (turned ? right - left : bottom - top) / lines - 0.72 * size(part)) / 2;
      const [x, y] = turned ? [air, 1] : [1, air];
      return {part, left: left + x, right: right - x, top: top + y, bottom: bottom - y};
    };
    const upright = seen.filter(part => part.closest('svg')
      && !/rotate\(-?(?!0|90|180|270)\d/.test(part.getAttribute('transform'))).map(ink);
    // Two names at ends of lines may touch, where the lines do; and a name's halo is that name again.
    const free = part => part.closest('.mark-text.role-mark');
    const onto = (a, b) => !(free(a.part) && free(b.part)) && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const figures = [...slide.querySelectorAll('figure.chart')];
    looks.push({
      outside: seen.filter(part => {
        const box = part.getBoundingClientRect();
        return box.left < page.left || box.right > page.right + 1 || box.bottom > foot + 1;
      }).map(name),
      letters: Math.min(...seen.filter(part => !part.closest('svg')).map(size)),
      overlaps: upright.flatMap((a, i) => upright.slice(i + 1).filter(b => onto(a, b))
        .map(b => `${name(a.part)} on ${name(b.part)}`)),
      words: slide.innerText.trim().length,
      notes: deck.getSlideNotes(slide) ?? '',
      charts: figures.map(figure => ({
        drawn: figure.dataset.drawn,
        marks: figure.querySelectorAll('.role-mark:not(.mark-group) > *').length,
        letters: Math.min(...[...figure.querySelectorAll('svg text')].filter(part =>
          seen.includes(part)).map(size)),
        filled: Math.max(...['width', 'height'].map(side =>
          svg.viewBox.baseVal[side] * scale / svg.getBoundingClientRect()[side])),
        described: svg?.getAttribute('aria-label') === figure.querySelector('details p')?.textContent,
        table: figure.querySelectorAll('details td').length,
      })),
    });
  }
  return looks;
}
