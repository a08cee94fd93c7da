// A graph of one's own beside Tunggal's: serves a schema with the two fields that a gateway asks, `_service` for
// the schema to compose from, and `_entities` for things by their keys. That is all a subgraph is.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';

const ask = `
  scalar _Any
  type _Service { sdl: String! }
`;

/// Serves `schema` (a file beside this one) on a port of this machine, 0 for a free one, for a gateway beside it:
/// what is @inaccessible is hidden by the gateway alone. `entities` has for each
/// type with a key a function of all representations of one question: it answers them in their order, at once.
/// Prints one line when it is ready, and one for each request.
export function serve(schema, { resolvers, entities, port }) {
  const sdl = readFileSync(new URL(schema, import.meta.url), 'utf8');
  const types = Object.keys(entities);
  const typeDefs = `
    directive @authenticated on FIELD_DEFINITION
    directive @external on FIELD_DEFINITION
    directive @inaccessible on FIELD_DEFINITION
    directive @key(fields: String!) repeatable on OBJECT
    directive @requires(fields: String!) on FIELD_DEFINITION
    directive @link(url: String!, import: [String!]) repeatable on SCHEMA
    ${sdl}
    ${ask}
    union _Entity = ${types.join(' | ')}
    extend type Query {
      _service: _Service!
      _entities(representations: [_Any!]!): [_Entity]!
    }`;
  const yoga = createYoga({
    schema: createSchema({
      typeDefs,
      resolvers: {
        ...resolvers,
        _Entity: { __resolveType: (it) => it.__typename },
        Query: {
          ...resolvers.Query,
          _service: () => ({ sdl }),
          _entities: async (_, { representations }, context) => {
            const found = new Array(representations.length).fill(null);
            for (const type of types) {
              const places = representations.flatMap((it, at) => (it.__typename === type ? [at] : []));
              if (places.length === 0) continue;
              const all = await entities[type](
                places.map((at) => representations[at]),
                context,
              );
              all.forEach((it, at) => (found[places[at]] = it && { ...it, __typename: type }));
            }
            return found;
          },
        },
      },
    }),
    graphiql: false,
    logging: false,
    maskedErrors: true,
  });
  const server = createServer((request, response) => {
    console.log(JSON.stringify({ asked: request.method }));
    yoga(request, response);
  });
  server.listen(port, '127.0.0.1', () =>
    console.log(JSON.stringify({ ready: `http://127.0.0.1:${server.address().port}/graphql` })),
  );
}
