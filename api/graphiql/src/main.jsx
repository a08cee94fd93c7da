import './workers.js';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { load } from './identities.js';
import { expiryOf, forgetTabs, remember, remembered, storageFor } from './session.js';
import 'graphiql/style.css';
import './page.css';

const HTTP_URL = '/graphql';
const WS_URL = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql/ws`;

const WELCOME = `# Type here: Ctrl-Space completes, Ctrl-Enter runs.
# The book on the left holds the whole schema with a description of every field.

query Welcome {
  __typename
}
`;

/** Sends operations with a token: queries by POST, subscriptions over graphql-transport-ws. */
function connect(token) {
  const authorization = token ? { Authorization: `Bearer ${token}` } : {};
  const socket = createClient({ url: WS_URL, lazy: true, retryAttempts: 0, connectionParams: authorization });
  const fetcher = createGraphiQLFetcher({
    url: HTTP_URL,
    wsClient: socket,
    headers: authorization,
  });
  return { fetcher, close: () => socket.dispose() };
}

function tabsOf(examples, role) {
  const own = examples.filter((it) => it.role === role);
  return own.map(({ title, query, variables }) => ({
    query: title ? `# ${title}\n${query}` : query,
    variables: variables || null,
  }));
}

function Expiry({ token }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const expiry = expiryOf(token);
  if (!expiry) return null;
  const minutes = Math.floor((expiry - now) / 60_000);
  if (expiry <= now) return <span className="expired">token has expired</span>;
  return <span className="expiry">{minutes < 120 ? `ends in ${minutes} min` : `ends ${expiry.toLocaleString()}`}</span>;
}

function Bar({ identities, chosen, token, onChoose, onToken, onReset }) {
  const field = useRef(null);
  const use = () => onToken(field.current.value.trim().replace(/^bearer\s+/i, ''));
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        use();
      }}
    >
      <strong>Tunggal</strong>
      <label>
        Ask as
        <select value={chosen.id} onChange={(event) => onChoose(event.target.value)}>
          {identities.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="token">
        Token
        <input
          key={`${chosen.id} ${token}`}
          ref={field}
          type="password"
          autoComplete="off"
          spellCheck="false"
          defaultValue={token}
          placeholder="paste a token, or leave empty to ask as the public"
          onBlur={use}
        />
      </label>
      <Expiry token={token} />
      <button type="button" onClick={onReset} title="Close this role's tabs and bring its examples back">
        Examples
      </button>
    </form>
  );
}

function Page({ identities, examples }) {
  const known = (id) => identities.find((it) => it.id === id);
  const developer = identities.find((it) => it.role === 'developer' && it.token);
  const [chosen, setChosen] = useState(known(remembered('role')) ?? developer ?? identities[0]);
  // Counts the times a token or the tabs were replaced: each starts the editor afresh.
  const [round, setRound] = useState(0);
  const token = remembered(`token:${chosen.id}`) || chosen.token;

  const connection = useMemo(() => connect(token), [token, round]);
  useEffect(() => connection.close, [connection]);
  const storage = useMemo(() => storageFor(chosen.id), [chosen.id]);
  const tabs = useMemo(() => tabsOf(examples, chosen.role), [examples, chosen.role]);

  // The editor takes the first tab's query from the tabs, but not its variables.
  const isFirstVisit = !storage.getItem('graphiql:tabState');
  const firstVariables = (isFirstVisit && tabs[0]?.variables) || undefined;

  const choose = (id) => {
    remember('role', id);
    setChosen(known(id));
  };
  const replaceToken = (value) => {
    if (value === token) return;
    remember(`token:${chosen.id}`, value === chosen.token ? '' : value);
    setRound(round + 1);
  };
  const reset = () => {
    forgetTabs(chosen.id);
    setRound(round + 1);
  };

  return (
    <>
      <Bar identities={identities} {...{ chosen, token }} onChoose={choose} onToken={replaceToken} onReset={reset} />
      <GraphiQL
        key={`${chosen.id} ${round}`}
        fetcher={connection.fetcher}
        storage={storage}
        defaultTabs={tabs.length ? tabs : undefined}
        initialVariables={firstVariables}
        defaultQuery={WELCOME}
        defaultEditorToolsVisibility="variables"
        shouldPersistHeaders={false}
        showPersistHeadersSettings={false}
      >
        <GraphiQL.Logo> </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

const root = createRoot(document.getElementById('page'));
load().then((loaded) => root.render(<Page {...loaded} />));
