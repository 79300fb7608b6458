// What each slide of a deck looks like, shown one after another by its own button.
() => {
  const seen = box => box.width > 0 && box.height > 0;
  const name = element => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`;
  const root = document.documentElement;
  return [...document.querySelectorAll('.slide')].map((slide, i, slides) => {
    const shown = slides.filter(other => seen(other.getBoundingClientRect()));
    const page = slide.getBoundingClientRect();
    const foot = slide.querySelector('.where').getBoundingClientRect();
    const parts = [...slide.querySelectorAll('h1, h2, .course, .body *, .where *')]
      .filter(part => !part.closest('script, details') && seen(part.getBoundingClientRect()))
      .filter(part => !part.closest('svg') || part.tagName === 'text' && part.textContent.trim()
        && part.getAttribute('opacity') !== '0');
    const outside = parts.filter(part => {
      const box = part.getBoundingClientRect();
      const bottom = part.closest('.where') ? page.bottom : foot.top + 1;
      return box.left < page.left || box.right > page.right || box.top < page.top
        || box.bottom > bottom;
    });
    // A line of letters, but for what names a source, which nobody has to read from afar.
    const small = parts.filter(part => part.matches('p, li, h1, h2, td, th, code')
      && !part.closest('.source, .cited, .where')
      && parseFloat(getComputedStyle(part).fontSize) < (part.closest('p, li, h2, h1') ? 24 : 23));
    const body = slide.querySelector('.body');
    const figures = [...slide.querySelectorAll('figure.chart')];
    const look = {
      number: i + 1,
      alone: shown.length === 1 && shown[0] === slide,
      scrolls: root.scrollHeight > innerHeight || root.scrollWidth > innerWidth
        || [body, ...body.querySelectorAll('pre, div')].some(part => !part.closest('details')
          && part.scrollHeight > part.clientHeight + 1 && getComputedStyle(part).overflow !== 'visible'),
      outside: outside.map(name),
      small: small.map(name),
      heading: document.getElementById(slide.getAttribute('aria-labelledby'))?.textContent.trim(),
      words: body.innerText.trim(),
      kind: slide.classList[1],
      minutes: Number(slide.dataset.minutes),
      notes: slide.querySelector('.notes').textContent.trim(),
      figures: figures.map(figure => {
        const svg = figure.querySelector('svg.marks');
        const box = svg?.getBoundingClientRect();
        const drawn = svg?.viewBox.baseVal;
        return {
          drawn: figure.dataset.drawn,
          marks: svg?.querySelectorAll('.role-mark:not(.mark-group) > *').length ?? 0,
          // What the viewBox takes of the place: all of one side, unless the chart is cut off.
          area: box ? box.width * box.height : 0,
          letters: svg ? 13 * Math.min(box.width / drawn.width, box.height / drawn.height) : 0,
          described: svg?.getAttribute('aria-label') === figure.querySelector('details p')?.textContent,
          table: figure.querySelectorAll('details td').length,
        };
      }),
    };
    document.querySelector('[data-do=on]').click();
    return look;
  });
}
