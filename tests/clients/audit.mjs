// The audits of GraphQL over HTTP (npm graphql-http) of a running hub. Arguments: the address of its API and
// the folder of the installed packages. Prints one line of JSON: each audit with its status and reason.

import { pathToFileURL } from 'node:url';

const [url, modules] = process.argv.slice(2);
const { auditServer } = await import(pathToFileURL(`${modules}/graphql-http/lib/index.mjs`));
const found = await auditServer({ url });
console.log(
  JSON.stringify(
    found.map((it) => ({ name: it.name, status: it.status, reason: it.reason ?? '' })),
  ),
);
