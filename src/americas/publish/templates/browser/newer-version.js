// Tells a visitor of JupyterLab that a saved copy hides a newer version of a notebook.
import { openStore, savedNotebooks } from "./saved-work.js";

const PAGE = new URL("my-work.html", import.meta.url).href;

async function tell(app) {
  await app.restored;
  const database = await openStore();
  if (!database) return;
  const names = (await savedNotebooks(database)).filter((saved) => saved.newer)
    .map((saved) => saved.file.path);
  database.close();
  if (!names.length) return;
  const commandId = "course:your-work";
  app.commands.addCommand(commandId, { execute: () => window.open(PAGE) });
  // JupyterLab cuts a message after 140 characters.
  const what = names.length > 1 ? `${names.length} notebooks than the copies` : `${names[0]} than the copy`;
  await app.commands.execute("apputils:notify", {
    message: `The course has a newer version of ${what} that you saved and see here.`,
    type: "info",
    options: { autoClose: false, actions: [{ label: "Your work", commandId }] },
  });
}

// JupyterLab puts itself there when it has started.
const waiting = setInterval(() => {
  if (window.jupyterapp) {
    clearInterval(waiting);
    tell(window.jupyterapp).catch(() => {}); // Where storage is refused, nothing is saved.
  }
}, 500);
