// What a page does beside lying there: search of headings, folding of code, scrolling by key.
// All of it works from a file, and the page can be read without it.

const make = (tag, text, properties = {}) =>
  Object.assign(document.createElement(tag), {textContent: text}, properties);

// ---- search: `headings` comes from headings.js as [page, heading, address]

const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const MOST = 12;

function search(words) {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  return window.headings
    .map(([page, heading, address]) => {
      const text = plain(`${heading} ${page}`);
      if (!wanted.every(word => text.includes(word))) return null;
      // A word that begins in the heading itself is more likely what is meant.
      const rank = wanted.filter(word => ` ${plain(heading)}`.includes(` ${word}`)).length;
      return {page, heading, address, rank};
    })
    .filter(Boolean)
    .sort((a, b) => b.rank - a.rank);
}

function setUpSearch() {
  const place = document.querySelector('search');
  const field = place.querySelector('input');
  const box = place.querySelector('.found');
  const [status, list] = [box.querySelector('p'), box.querySelector('ul')];
  place.hidden = false;
  field.addEventListener('input', () => {
    const found = search(field.value);
    box.hidden = !field.value.trim();
    status.textContent = found.length > MOST ? `The first ${MOST} of ${found.length} headings`
      : found.length === 1 ? '1 heading' : `${found.length || 'No'} headings`;
    list.replaceChildren(...found.slice(0, MOST).map(({page, heading, address}) => {
      const link = make('a', heading, {href: address});
      if (page !== heading) link.append(make('span', page));
      const item = make('li', '');
      item.append(link);
      return item;
    }));
  });
  place.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    box.hidden = true;
    field.focus();
  });
  list.addEventListener('click', () => { box.hidden = true; });
  place.addEventListener('focusout', event => {
    if (event.relatedTarget && !place.contains(event.relatedTarget)) box.hidden = true;
  });
  place.addEventListener('focusin', () => { box.hidden = !field.value.trim(); });
  document.addEventListener('click', event => {
    if (!place.contains(event.target)) box.hidden = true;
  });
}

// ---- folding

function setUpFolding() {
  const codes = [...document.querySelectorAll('details.code')];
  const place = document.querySelector('.folding');
  if (!place || !codes.length) return;
  for (const [text, open] of [['Show all code', true], ['Hide all code', false]]) {
    const button = make('button', text, {type: 'button'});
    button.addEventListener('click', () => codes.forEach(code => { code.open = open; }));
    place.append(button);
  }
}

function setUpContents() {
  const contents = document.querySelector('.on-this-page details');
  // Beside the text where there is room, else folded above it.
  const wide = window.matchMedia('(min-width: 68rem)');
  const fold = () => { contents.open = wide.matches; };
  if (!contents) return;
  fold();
  wide.addEventListener('change', fold);
}

// ---- what is wider than the page scrolls, also by key

function setUpScrolling() {
  const boxes = [...document.querySelectorAll('.wide, pre')];
  const look = () => boxes.forEach(box => {
    if (box.closest('details.data')) return;
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    box.toggleAttribute('tabindex', scrolls);
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', 'Wider than the page: scrolls sideways');
    } else {
      box.removeAttribute('role');
      box.removeAttribute('aria-label');
    }
  });
  look();
  window.addEventListener('resize', look);
  document.addEventListener('toggle', look, true);
}

setUpSearch();
setUpFolding();
setUpContents();
setUpScrolling();
document.documentElement.dataset.ready = 'yes';
