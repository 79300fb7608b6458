// The form of one answer: every change is sent at once; the page says when it is kept.
'use strict';
const form = document.querySelector('form.mark');
const say = document.querySelector('[role=status]');
const key = form && {lesson: form.dataset.lesson, exercise: form.dataset.exercise, code: form.dataset.code};

const SILENT = 'The program that keeps the marks does not answer. Is it still running? What was saved '
  + 'before is safe; copy what you typed since.';

async function send(path, content) {
  const options = {
    method: 'POST', keepalive: true, body: JSON.stringify(content),
    headers: {'Content-Type': 'application/json', 'X-Americas': 'mark'},
  };
  // Each browser has its own words for no answer at all, and none of them says what to do.
  const reply = await fetch(path, options).catch(() => { throw new Error(SILENT); });
  const found = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(found.told || SILENT);
  return found;
}

function points() {
  const text = form.elements.points.value.trim().replace(',', '.');
  return text === '' ? null : Number(text);
}

function rubric() {
  const given = {};
  for (const radio of form.querySelectorAll('input[type=radio]:checked')) given[radio.name] = Number(radio.value);
  return given;
}

// What the form holds, as one text; `kept` is the last such text that was saved or is waiting to be,
// `sent` the last that was handed to the network.
const state = () => JSON.stringify([form.elements.points.value.trim(), rubric(), form.elements.comment.value]);
const content = () => ({...key, points: points(), rubric: rubric(), comment: form.elements.comment.value});
const savable = () => !Number.isNaN(points()) && (points() !== null || form.dataset.marked === 'yes');
let kept = form && state();
let sent = kept;
let waiting = Promise.resolve();

function save() {
  const now = state();
  if (now === kept) return waiting;
  if (!savable()) {
    say.textContent = `Not saved yet: ${points() === null ? 'give points' : 'the points are not a number'}.`;
    return waiting;
  }
  kept = now;
  say.textContent = 'Saving …';
  const all = content();
  waiting = waiting.catch(() => {}).then(() => {
    if (sent === now) return; // the page was about to be left, and did not wait
    sent = now;
    return send('/save', all);
  }).then(() => {
    form.dataset.marked = 'yes';
    say.textContent = `Saved at ${new Date().toLocaleTimeString()}.`;
  }).catch(error => {
    kept = sent = null;
    say.textContent = `Not saved. ${error.message}`;
    throw error;
  });
  waiting.catch(() => {});
  return waiting;
}

// A page that is left can't wait for an answer to what it sent before.
function leave() {
  const now = state();
  if (now === sent || !savable()) return;
  kept = sent = now;
  send('/save', content()).catch(() => { kept = sent = null; });
}

// A page that Back brings out of the browser's memory isn't what is saved: Safari empties its points.
window.addEventListener('pageshow', event => { if (event.persisted) location.reload(); });

if (form) {
  form.addEventListener('submit', event => { event.preventDefault(); next(); });
  form.addEventListener('change', event => {
    if (event.target.type === 'radio') {
      const given = Object.values(rubric());
      const rows = form.querySelectorAll('fieldset.row').length;
      if (given.length === rows) form.elements.points.value = given.reduce((one, two) => one + two, 0);
      else say.textContent = `${rows - given.length} rows are still open.`;
    }
    save();
  });
  let typing;
  form.elements.comment.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(save, 800);
  });
  document.addEventListener('visibilitychange', () => { if (document.hidden) leave(); });
  window.addEventListener('pagehide', leave);
  // A comment without points, or a mark that could not be saved: the browser asks before it leaves.
  window.addEventListener('beforeunload', event => {
    if (state() !== kept && (kept === null || !savable())) event.preventDefault();
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (event.shiftKey) go(form.dataset.before); else next();
  });
  for (const button of form.querySelectorAll('button[data-agree]')) {
    button.addEventListener('click', async () => {
      await save();
      await send('/save', {...key, points: Number(button.dataset.agree), comment: form.elements.comment.value, agreed: true});
      location.reload();
    });
  }
  form.querySelector('button.keep').addEventListener('click', async () => {
    show(await send('/remark', {...key, text: form.elements.comment.value}));
    say.textContent = 'The comment is kept: use it again with the buttons below it.';
  });
  form.querySelector('button.back')?.addEventListener('click', async () => {
    await save();
    await send('/save', {...key, points: null, comment: form.elements.comment.value});
    location.reload();
  });
  listen();
}

async function go(code) {
  await save();
  if (code) location.href = `/answer/${key.lesson}/${key.exercise}/${code}`;
}

async function next() {
  await save();
  const code = form.dataset.open || form.dataset.after;
  location.href = code && code !== key.code ? `/answer/${key.lesson}/${key.exercise}/${code}` : '/';
}

function show({remarks}) {
  const list = form.querySelector('ul.remarks');
  list.replaceChildren(...remarks.map(text => {
    const item = document.createElement('li');
    const use = document.createElement('button'), drop = document.createElement('button');
    use.type = drop.type = 'button';
    use.className = 'use'; drop.className = 'drop';
    use.textContent = text;
    drop.textContent = '×';
    drop.setAttribute('aria-label', `Forget the comment: ${text}`);
    item.append(use, drop);
    return item;
  }));
  listen();
}

function listen() {
  for (const button of form.querySelectorAll('button.use')) button.onclick = () => {
    const field = form.elements.comment;
    field.value = [field.value.trim(), button.textContent].filter(Boolean).join('\n');
    field.focus();
    save();
  };
  for (const button of form.querySelectorAll('button.drop')) button.onclick = async () => {
    show(await send('/remark', {...key, text: button.previousElementSibling.textContent, drop: true}));
  };
}

// Oral checks: three questions; of a student with less work fewer, on the same scale.
for (const card of document.querySelectorAll('form.card')) {
  const tell = card.querySelector('[role=status]');
  const filled = () => {
    const given = {};
    for (const radio of card.querySelectorAll('input[type=radio]:checked')) given[radio.name] = Number(radio.value);
    return {given, open: card.querySelectorAll('fieldset').length - Object.keys(given).length};
  };
  const state = () => JSON.stringify([filled().given, card.elements.comment.value]);
  let sent = state();
  const keep = async () => {
    if (state() === sent) return;
    const {given, open} = filled();
    if (open > 0) {
      tell.textContent = `Not saved yet: ${open} ${open > 1 ? 'questions are' : 'question is'} still open.`;
      return;
    }
    sent = state();
    const values = Object.values(given);
    const share = values.reduce((one, two) => one + two, 0) / (values.length * card.dataset.each);
    const points = share * card.dataset.most;
    const content = {
      lesson: card.dataset.lesson, exercise: 'oral', who: card.dataset.who, points, rubric: given,
      comment: card.elements.comment.value,
    };
    try {
      await send('/save', content);
      tell.textContent = `Saved: ${points} of ${card.dataset.most} points.`;
    } catch (error) {
      sent = null;
      tell.textContent = `Not saved. ${error.message}`;
    }
  };
  card.addEventListener('submit', event => event.preventDefault());
  card.addEventListener('change', keep);
  document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); });
  window.addEventListener('pagehide', keep);
  window.addEventListener('beforeunload', event => { if (state() !== sent && (sent === null || filled().open)) event.preventDefault(); });
}
