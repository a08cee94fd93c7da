// The graphs that a command line names, as NAME=URL or NAME=URL,FILE: each is asked for its schema, unless a file
// has it. TUNGGAL_TOKEN, if it is set, is sent along: the hub tells its schema to roles that may introspect.

import { readFileSync } from 'node:fs';
import { parse } from 'graphql';

async function told(url) {
  const token = process.env.TUNGGAL_TOKEN;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data, errors } = await response.json();
  if (!data?._service) {
    const [{ message = 'no reason given' } = {}] = errors ?? [];
    console.error(
      `${url} does not tell its schema: ${message}. Set TUNGGAL_TOKEN to a token of a role that may read it, ` +
        'or give the schema as a file: NAME=URL,FILE.',
    );
    process.exit(1);
  }
  return data._service.sdl;
}

/// Each graph with its name, its address and its parsed schema.
export function graphs() {
  const wanted = process.argv.slice(2).map((it) => it.match(/^(\w+)=([^,]+)(?:,(.+))?$/));
  if (wanted.length === 0 || wanted.includes(null)) {
    console.error(`node ${process.argv[1]} NAME=URL[,FILE].. ; a name is of letters, digits and _`);
    process.exit(2);
  }
  return Promise.all(
    wanted.map(async ([, name, url, file]) => {
      const sdl = file ? readFileSync(file, 'utf8') : await told(url);
      return { name, url, typeDefs: parse(sdl) };
    }),
  );
}

/// The supergraph of a composition; says what is wrong and ends without one.
export function orFail({ supergraphSdl, errors }) {
  if (errors?.length || !supergraphSdl) {
    for (const it of errors ?? []) console.error(`${it.extensions?.code ?? 'ERROR'}: ${it.message}`);
    process.exit(1);
  }
  return supergraphSdl;
}
