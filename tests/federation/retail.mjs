// The graph of whoever places small enterprises' products in shops, by the id the hub gave them.
// node retail.mjs PORT [its list] with TUNGGAL_URL, the hub that says who is asking.

import { readFileSync } from 'node:fs';
import { serve } from './subgraph.mjs';
import { isOffice } from './caller.mjs';

const [port = '4002', list = new URL('retail.json', import.meta.url)] = process.argv.slice(2);
const all = JSON.parse(readFileSync(list, 'utf8'));
const byEnterprise = new Map();
for (const it of all) {
  byEnterprise.set(it.enterprise, [...(byEnterprise.get(it.enterprise) ?? []), it]);
}

serve('retail.graphql', {
  port: Number(port),
  resolvers: {
    Query: {
      placements: (_, { channel }) =>
        all
          .filter((it) => !channel || it.channel === channel)
          .sort((a, b) => b.since.localeCompare(a.since)),
    },
    Placement: {
      soldLastMonth: async (it, _, { request }) => ((await isOffice(request)) ? it.soldLastMonth : null),
      enterprise: (it) => ({ id: it.enterprise }),
    },
  },
  entities: {
    // An id may have retired since a placement was written down; the hub says which lead to this one.
    Enterprise: (asked) =>
      asked.map(({ id, retiredIds }) => ({
        id,
        placements: [id, ...(retiredIds ?? [])].flatMap((it) => byEnterprise.get(it) ?? []),
      })),
  },
});
