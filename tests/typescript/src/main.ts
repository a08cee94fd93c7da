// Lists the enterprises of a kecamatan, page by page: node built/src/main.js URL KECAMATAN [--by-digest], with the
// token in TUNGGAL_TOKEN. Prints a line of JSON for each.

import { graphql } from '../generated/gql.js';
import { ask } from './hub.js';

const inKecamatan = graphql(`
  query InKecamatan($kecamatan: String!, $after: String) {
    enterprises(first: 100, after: $after, filter: { kecamatan: $kecamatan }) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        name {
          value
          access
        }
        kelurahan {
          value {
            name
          }
        }
        workers {
          value
          reason
        }
      }
    }
  }
`);

const [url, kecamatan, how] = process.argv.slice(2);
const token = process.env.TUNGGAL_TOKEN;
if (!url || !kecamatan || !token) {
  console.error('TUNGGAL_TOKEN=... node built/src/main.js URL KECAMATAN [--by-digest]');
  process.exit(2);
}
const hub = { url, token, byDigest: how === '--by-digest' };
let after: string | null = null;
do {
  const { enterprises }: Awaited<ReturnType<typeof page>> = await page(after);
  for (const it of enterprises?.nodes ?? []) {
    // The compiler knows each of these, and that a value may be withheld.
    const workers: number | null | undefined = it.workers.value;
    console.log(
      JSON.stringify({
        id: it.id,
        name: it.name.value ?? `(${it.name.access})`,
        kelurahan: it.kelurahan.value?.name ?? null,
        workers: workers ?? it.workers.reason ?? null,
      }),
    );
  }
  after = enterprises?.pageInfo.hasNextPage ? (enterprises.pageInfo.endCursor ?? null) : null;
} while (after);

function page(after: string | null) {
  return ask(hub, inKecamatan, { kecamatan: kecamatan!, after });
}
