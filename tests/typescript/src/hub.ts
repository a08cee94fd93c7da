// How the hub is asked: a typed document in, typed data out. It needs no library.

import type { TypedDocumentString } from '../generated/graphql.js';

/// What the hub refuses: its code is what programs read (docs/errors.md), its remedy what to do about it.
export class Refused extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(message: string, code: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

type Answer<Data> = {
  data?: Data | null;
  errors?: { message: string; extensions?: { code?: string; remedy?: string } }[];
};

/// Asks the hub at `url` with a token. A document that the hub knows is sent as its digest alone.
export async function ask<Data, Variables>(
  { url, token, byDigest }: { url: string; token: string; byDigest: boolean },
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const sha256Hash = (document.__meta__ as { hash?: string } | undefined)?.hash?.replace('sha256:', '');
  const body =
    byDigest && sha256Hash
      ? { variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }
      : { query: document.toString(), variables };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await response.json()) as Answer<Data>;
  const [first] = errors ?? [];
  if (first) {
    throw new Refused(first.message, first.extensions?.code ?? 'UNKNOWN', first.extensions?.remedy);
  }
  if (!data) throw new Refused('no data', 'UNKNOWN');
  return data;
}
