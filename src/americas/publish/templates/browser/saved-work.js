// What JupyterLite keeps in the browser: IndexedDB, a database of this name (set in
// jupyter-lite.json), a store "files", a path as the key.
const NAME = "crime-and-cooperation";

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Returns null where nothing was ever saved: to open a database is to make it.
export async function openStore() {
  const known = indexedDB.databases ? await indexedDB.databases() : [{ name: NAME }];
  if (!known.some((database) => database.name === NAME)) return null;
  const database = await promised(indexedDB.open(NAME));
  return database.objectStoreNames.contains("files") ? database : null;
}

// The notebooks that are saved here. `ours`: the course has one of that path. `newer`: it has
// changed since this copy was made. Notebooks bear the digest of what they were when released.
export async function savedNotebooks(database) {
  const released = await fetch(new URL("course.json", import.meta.url), { cache: "no-cache" })
    .then((answer) => answer.json()).then((course) => course.notebooks).catch(() => ({}));
  const files = await promised(database.transaction("files").objectStore("files").getAll());
  return files.filter((file) => file && file.type === "notebook" && file.content)
    .sort((a, b) => a.path.localeCompare(b.path))
    .map((file) => {
      const ours = released[file.path];
      const from = file.content.metadata?.americas?.released;
      return { file, ours: Boolean(ours), newer: Boolean(ours && from && from !== ours) };
    });
}

// Moves a copy to a path that is free, so that the course's file is seen again; returns its name.
export async function keepBeside(database, file) {
  const transaction = database.transaction("files", "readwrite");
  const store = transaction.objectStore("files");
  const taken = await promised(store.getAllKeys());
  const day = new Date().toISOString().slice(0, 10);
  let path = "";
  for (let number = 1; !path || taken.includes(path); number += 1) {
    path = file.path.replace(/\.ipynb$/, ` (mine, ${day}${number > 1 ? `, ${number}` : ""}).ipynb`);
  }
  const mine = { ...file, path, name: path.split("/").pop() };
  // In one transaction: either both happen or neither.
  store.put(mine, path);
  store.delete(file.path);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = () => reject(transaction.error);
  });
  return mine.name;
}
