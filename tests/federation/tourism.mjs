// The tourism office's graph: visits, ratings and homestay rooms, by the NIB of their enterprise.
// node tourism.mjs PORT [its list] with TUNGGAL_URL, the hub that says who is asking.

import { readFileSync } from 'node:fs';
import { serve } from './subgraph.mjs';
import { isOffice } from './caller.mjs';

const [port = '4001', list = new URL('tourism.json', import.meta.url)] = process.argv.slice(2);
const all = JSON.parse(readFileSync(list, 'utf8'));
const byNib = new Map(all.map((it) => [it.nib, it]));
const mean = (them) => (them.length ? them.reduce((a, b) => a + b) / them.length : null);

serve('tourism.graphql', {
  port: Number(port),
  resolvers: {
    Query: {
      establishments: (_, { first }) =>
        [...all]
          .sort((a, b) => (mean(b.ratings) ?? 0) - (mean(a.ratings) ?? 0) || a.nib.localeCompare(b.nib))
          .slice(0, Math.min(first, 200)),
    },
    Establishment: {
      rating: (it) => mean(it.ratings),
      nightsSold: async (it, _, { request }) => ((await isOffice(request)) ? it.nightsSold : null),
      enterprise: (it) => ({ nibKey: it.nib }),
    },
  },
  entities: {
    // One question for all of them, whatever holds the data.
    Enterprise: (asked) =>
      asked.map(({ nibKey }) => ({ nibKey, establishment: byNib.get(nibKey) ?? null })),
  },
});
