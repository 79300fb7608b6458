// Shows one slide at a time. Without this script all slides stand one below the other.
const root = document.documentElement;
const slides = [...document.querySelectorAll('.slide')];
const find = selector => document.querySelector(selector);
const dialog = find('dialog'), clock = find('.clock'), letters = find('#letters');
let now = 0, speaker = null, started = null;

const numberInAddress = () => slides.findIndex(slide => `#${slide.id}` === location.hash);

function show(number, focus = true) {
  number = Math.min(Math.max(number, 0), slides.length - 1);
  if (number !== now && started === null) started = Date.now();
  slides[now].classList.remove('now');
  slides[now].querySelectorAll('details[open]').forEach(details => details.open = false);
  slides[now = number].classList.add('now');
  history.replaceState(null, '', `#${slides[now].id}`);
  if (focus) slides[now].querySelector('h1, h2').focus();
  tell();
}

const actions = {
  on: () => show(now + 1),
  back: () => show(now - 1),
  first: () => show(0),
  last: () => show(slides.length - 1),
  keys: () => dialog.open ? dialog.close() : dialog.showModal(),
  notes() {
    const open = root.classList.toggle('notes-open');
    find('[data-do=notes]').setAttribute('aria-pressed', open);
    tell();
  },
  speaker() {
    speaker = window.open('', 'speaker', 'width=900,height=700');
    if (!speaker) return;
    speaker.document.title = `Notes: ${document.title}`;
    speaker.document.documentElement.lang = 'en-GB';
    speaker.document.body.innerHTML = `<main><p><b id="clock"></b>
      <button data-do="back">Back</button> <button data-do="on">Next</button>
      <button data-do="zero">Clock to zero</button></p><div id="notes"></div></main>`;
    speaker.document.body.style.cssText = 'font: 20px/1.45 sans-serif; margin: 24px; color: #26262b';
    speaker.onkeydown = press;
    speaker.onclick = click;
    tell();
  },
  zero() { started = Date.now(); tell(); },
};

// What the speaker sees: the clock, and in the window the notes and what comes next.
function tell() {
  const seconds = started === null ? 0 : Math.floor((Date.now() - started) / 1000);
  const spent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  clock.hidden = !root.classList.contains('notes-open');
  clock.textContent = `${spent} of ${slides.at(-1).dataset.until}:00`;
  if (!speaker || speaker.closed) return;
  speaker.document.getElementById('clock').textContent = clock.textContent;
  const place = speaker.document.getElementById('notes');
  if (place.dataset.slide === slides[now].id) return;
  place.dataset.slide = slides[now].id;
  place.innerHTML = `<h1>${slides[now].querySelector('h1, h2').innerHTML}</h1>
    ${slides[now].querySelector('.notes').innerHTML}
    <h2>Next</h2><p>${slides[now + 1]?.querySelector('h2').innerHTML ?? 'The end'}</p>`;
}

const keys = {
  ArrowRight: 'on', ArrowDown: 'on', PageDown: 'on', ' ': 'on', ArrowLeft: 'back', ArrowUp: 'back',
  PageUp: 'back', Home: 'first', End: 'last', n: 'notes', s: 'speaker', '?': 'keys',
};

function press(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let action = keys[key];
  const at = event.target.closest?.bind(event.target) ?? (() => null);
  if (event.key === 'Escape') slides[now].querySelectorAll('details[open]').forEach(d => d.open = false);
  if (!action || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  // Keys that what has the focus needs itself: a slider, a button, a box that scrolls.
  if (at('input, select') || key === ' ' && at('button, summary')) return;
  if (/Arrow(Up|Down)|Page|Home|End| /.test(key) && at('.wide, .notes, details[open]')) return;
  if (/^[ns?]$/.test(key) && !letters.checked) return;
  if (key === ' ' && event.shiftKey) action = 'back';
  event.preventDefault();
  actions[action]();
}

const click = event => actions[event.target.closest('[data-do]')?.dataset.do]?.();

let touched = null;
addEventListener('touchstart', event => { touched = event.target.closest('input, .wide') ? null : event.touches[0]; });
addEventListener('touchend', event => {
  if (!touched || innerWidth <= 800) return;
  const [across, down] = [event.changedTouches[0].clientX - touched.clientX, event.changedTouches[0].clientY - touched.clientY];
  if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) actions[across < 0 ? 'on' : 'back']();
});
addEventListener('keydown', press);
addEventListener('click', click);
addEventListener('hashchange', () => numberInAddress() >= 0 && show(numberInAddress()));
setInterval(tell, 1000);
root.classList.add('js');
show(Math.max(numberInAddress(), 0), false);
