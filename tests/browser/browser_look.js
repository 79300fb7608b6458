// What the notebook in front looks like: for each code cell its errors and its charts.
() => {
  const seen = box => box.width > 0 || box.height > 0;
  const inside = (a, b) => a.left > b.left - 2 && a.right < b.right + 2
    && a.top > b.top - 2 && a.bottom < b.bottom + 2;
  const marks = group => [...group.querySelectorAll('.role-mark:not(.mark-group) > *')]
    .filter(mark => mark.textContent || mark.tagName !== 'text')
    .filter(mark => seen(mark.getBoundingClientRect()));
  const chart = embed => {
    const svg = embed.querySelector('svg.marks');
    if (!svg) return null;
    const box = svg.getBoundingClientRect();
    const output = embed.closest('.jp-OutputArea-output');
    const views = [...svg.querySelectorAll('[class*=concat_]')]
      .filter(group => !group.querySelector('[class*=concat_]'));
    return {
      width: svg.viewBox.baseVal.width,
      scale: box.width / svg.viewBox.baseVal.width,
      cut: output.scrollWidth > output.clientWidth + 1,
      marks: Math.min(...(views.length ? views : [svg]).map(view => marks(view).length)),
      lost: [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()
        && text.getAttribute('opacity') !== '0'
        && !inside(text.getBoundingClientRect(), box)).map(text => text.textContent),
      // Numbers and dates may be left out where they have no room, names may not.
      nameless: [...svg.querySelectorAll('.role-axis-label text[opacity="0"]')]
        .map(text => text.textContent).filter(text => /[^\W\d_]{3}/u.test(text)),
      label: embed.querySelector('[role=graphics-document]')?.getAttribute('aria-label'),
    };
  };
  const type = 'application/vnd.vegalite.v5+json';
  return jupyterapp.shell.currentWidget.content.widgets
    .map((cell, i) => ({cell, i})).filter(({cell}) => cell.model.type === 'code')
    .map(({cell, i}) => {
      const outputs = cell.outputArea.model.toJSON();
      return {
        number: i + 1,
        meant: (cell.model.sharedModel.getMetadata('tags') ?? []).includes('raises-exception'),
        ran: cell.model.executionCount !== null || !cell.model.sharedModel.source.trim(),
        errors: outputs.filter(o => o.output_type === 'error')
          .map(o => `${o.ename}: ${o.evalue}`),
        specs: outputs.filter(o => o.data?.[type]).map(o => o.data[type]),
        charts: [...cell.node.querySelectorAll('.vega-embed')].map(chart),
      };
    });
}
