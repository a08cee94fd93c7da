// Serves a supergraph with Hive Gateway: one address for whoever asks, who need not know who holds what.
// node gateway.mjs PORT SUPERGRAPH; prints one line when it is ready, and one for each request to a graph.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import http from '@graphql-mesh/transport-http';
import { createGraphQLError } from '@graphql-tools/utils';
import { parse } from 'graphql';

const [port = '4000', file = 'supergraph.graphql'] = process.argv.slice(2);
// What was not composed is not served.
const supergraph = parse(readFileSync(file, 'utf8'));

/// What of a request every graph is told: who asks, what for, in which language, and by which id it is known.
const PASSED_ON = ['authorization', 'tunggal-purpose', 'tunggal-reason', 'accept-language', 'x-request-id'];

/// What a graph refuses is told as it told it, with its code and remedy. Of a graph that does not answer, the
/// caller is told which, and neither where it is nor what it was asked.
function maskError(error) {
  const { path, extensions: { code, serviceName: graph, remedy, detail } = {} } = error;
  const own = code && !['SUBREQUEST_HTTP_ERROR', 'DOWNSTREAM_SERVICE_ERROR', 'INTERNAL_SERVER_ERROR'].includes(code);
  if (own) {
    const told = { code, graph, remedy, detail };
    return createGraphQLError(error.message, { path, extensions: told });
  }
  if (graph) {
    const told = { code: 'GRAPH_UNAVAILABLE', graph, remedy: 'Ask again later; what is there is in data.' };
    return createGraphQLError(`the graph ${graph} does not answer`, { path, extensions: told });
  }
  // A field that is always there was not given, because its object was not found.
  if (error.message.startsWith('Cannot return null for non-nullable field')) {
    const told = { code: 'NOT_FOUND', remedy: 'There is none, or none that you can find.' };
    return createGraphQLError('nothing that you can find', { path, extensions: told });
  }
  console.error(error);
  return createGraphQLError('the gateway could not finish this request', {
    path,
    extensions: { code: 'INTERNAL', remedy: 'Tell the operator when it happened.' },
  });
}

const say = (line) => console.log(JSON.stringify(line));
const gateway = createGatewayRuntime({
  supergraph,
  transports: { http },
  // Each graph decides for itself what the caller sees; the gateway has no rights of its own.
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) =>
      Object.fromEntries(
        PASSED_ON.flatMap((name) => {
          const value = request.headers.get(name);
          return value ? [[name, value]] : [];
        }),
      ),
  },
  maskedErrors: { maskError },
  graphiql: false,
  landingPage: false,
  logging: false,
  plugins: () => [
    {
      onFetch: ({ executionRequest }) => say({ asks: executionRequest?.subgraphName ?? null }),
      onResponse: ({ response }) => say({ answered: response.status }),
    },
  ],
});
const server = createServer(gateway);
server.listen(Number(port), '127.0.0.1', () =>
  say({ ready: `http://127.0.0.1:${server.address().port}/graphql` }),
);
