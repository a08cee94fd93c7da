// Asks and listens with a client of the package that is named. Arguments: ws or sse, the address, the folder
// of the installed packages, a token or nothing, and how many subscribe at once. Every line it reads is what
// is asked, as JSON with id and query; every line it prints is JSON of what came: {id, next}, {id, error},
// {id, complete}, {closed}.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [kind, url, modules, token] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${modules}/${path}`));
const tell = (message) => console.log(JSON.stringify(message));

/** A client that speaks the protocol `kind`. */
async function client() {
  if (kind === 'sse') {
    const { createClient } = await load('graphql-sse/lib/index.mjs');
    return createClient({
      url,
      retryAttempts: 0,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
  }
  const { createClient } = await load('graphql-ws/dist/index.js');
  const { default: webSocketImpl } = await load('ws/index.js');
  return createClient({
    url,
    webSocketImpl,
    lazy: true,
    retryAttempts: 0,
    connectionParams: token ? { Authorization: `Bearer ${token}` } : {},
    on: { closed: (event) => tell({ closed: event.code }) },
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, query } = JSON.parse(line);
  const { subscribe } = await client();
  subscribe(
    { query },
    {
      next: (next) => tell({ id, next }),
      error: (error) =>
        tell({ id, error: Array.isArray(error) ? error : String(error.message ?? error.code) }),
      complete: () => tell({ id, complete: true }),
    },
  );
}
