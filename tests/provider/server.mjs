// A real OpenID provider (npm oidc-provider) for the tests: one person, one machine, keys that can be
// rotated while it runs. Arguments: the port, the folder of the installed packages, and for https the
// folder of key and certificate. It prints one line when it listens.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pathToFileURL } from 'node:url';

const [port, modules, tls] = process.argv.slice(2);
const entry = pathToFileURL(`${modules}/oidc-provider/lib/index.js`);
const { Provider } = await import(entry);

const issuer = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
const audience = 'urn:tunggal:test';

/** A new private key as a JWK, with a name. */
function newKey(alg) {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('hex').slice(0, 16);
  return { ...jwk, kid, alg, use: 'sig' };
}

/** What the next token of a client says of roles; a test sets it. */
let claims = { realm_access: { roles: ['offline_access', 'walidata'] } };
let keys = ['RS256', 'ES256', 'EdDSA'].map(newKey);
let provider = build();
let fetched = 0;

function build() {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: 'console',
        client_secret: 'console-secret',
        redirect_uris: [`${issuer}/landed`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
      {
        client_id: 'machine',
        client_secret: 'machine-secret',
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    cookies: { keys: ['test'] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx) => ({
          scope: 'openid umkm',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: ctx.oidc?.params?.scope?.split(' ').find((it) => /^[RE]/.test(it)) ?? 'RS256' } },
        }),
      },
    },
    scopes: ['openid', 'umkm', 'RS256', 'ES256', 'EdDSA'],
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: () => claims,
    // Everybody who signs in has agreed to everything.
    async loadExistingGrant(ctx) {
      const grant = new made.Grant({
        accountId: ctx.oidc.session.accountId,
        clientId: ctx.oidc.client.clientId,
      });
      grant.addOIDCScope('openid');
      grant.addResourceScope(audience, 'openid umkm');
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Session: 600, Grant: 600, Interaction: 600 },
  });
  made.on('server_error', (ctx, error) => console.error(error));
  return made;
}

/** What the tests may do with the provider. */
const controls = {
  // The sign-in page: whoever comes is ani.
  async interaction(request, response) {
    await provider.interactionFinished(request, response, { login: { accountId: 'ani' } });
  },
  // Signs with new keys; with ?keep the old ones stay published.
  async rotate(request, response) {
    const fresh = ['RS256', 'ES256', 'EdDSA'].map(newKey);
    keys = request.url.includes('keep') ? [...fresh, ...keys] : fresh;
    provider = build();
    response.end();
  },
  // How often somebody asked for the keys.
  async fetched(request, response) {
    response.end(String(fetched));
  },
  async claims(request, response) {
    let body = '';
    for await (const chunk of request) body += chunk;
    claims = JSON.parse(body);
    response.end();
  },
};

function answer(request, response) {
  const control = controls[request.url.split(/[/?]/)[1]];
  if (control) return control(request, response);
  if (request.url === '/jwks') fetched += 1;
  return provider.callback()(request, response);
}

const server = tls
  ? https.createServer(
      { key: readFileSync(`${tls}/server.key`), cert: readFileSync(`${tls}/server.pem`) },
      answer,
    )
  : http.createServer(answer);
server.listen(Number(port), '127.0.0.1', () => console.log('listening'));
