// What the pages do beside what their theme does.

// A lesson can be run here where the browser edition lies beside the pages, which a file can't tell.
async function offerToRun() {
  const links = document.querySelectorAll('.run-here');
  if (!links.length || !location.protocol.startsWith('http')) return;
  const answer = await fetch(links[0].href, {method: 'HEAD'}).catch(() => null);
  links.forEach(link => { link.hidden = !answer?.ok; });
}

// What is wider than the page scrolls, also by key.
function reachWhatScrolls() {
  for (const box of document.querySelectorAll('.cell_output .output, .pst-scrollable-table-container, pre')) {
    if (box.closest('details.data')) continue;
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    box.toggleAttribute('tabindex', scrolls);
    if (scrolls) box.tabIndex = 0;
  }
}

offerToRun();
reachWhatScrolls();
addEventListener('resize', reachWhatScrolls);
document.addEventListener('toggle', reachWhatScrolls, true);
