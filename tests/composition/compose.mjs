// Composes graphs as Apollo does (npm @apollo/composition). Reads JSON, a list of { name, url, sdl }, and prints
// JSON: the errors, the hints and the API's schema of the composed graph.

import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse, printSchema } from 'graphql';

const services = JSON.parse(readFileSync(0, 'utf8'));
const { errors = [], hints = [], schema } = composeServices(
  services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
);
console.log(
  JSON.stringify({
    errors: errors.map((it) => `${it.extensions?.code}: ${it.message}`),
    hints: hints.map((it) => `${it.definition.code}: ${it.message}`),
    api: schema && printSchema(schema.toAPISchema().toGraphQLJSSchema()),
  }),
);
