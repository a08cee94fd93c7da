// Composes graphs as Hive does (npm @theguild/federation-composition). Reads JSON, a list of { name, url, sdl },
// and prints JSON: the errors and the API's schema of the composed graph. With an argument it is the contract for
// that audience: what has its tag.

import { readFileSync } from 'node:fs';
import { composeSchemaContract, composeServices, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { parse, print } from 'graphql';

const [audience] = process.argv.slice(2);
const services = JSON.parse(readFileSync(0, 'utf8')).map(({ name, url, sdl }) => ({
  name,
  url,
  typeDefs: parse(sdl),
}));
const tags = { include: new Set([audience]), exclude: new Set() };
const { errors = [], publicSdl, supergraphSdl } = audience
  ? composeSchemaContract(services, tags, true)
  : composeServices(services);
const api = supergraphSdl && (publicSdl ?? print(transformSupergraphToPublicSchema(parse(supergraphSdl))));
console.log(
  JSON.stringify({
    errors: (errors ?? []).map((it) => `${it.extensions?.code}: ${it.message}`),
    api: api && `\n${api}`,
  }),
);
