// As whom one can ask: the demo's tokens where the server gives them out, otherwise a role to paste a token for.

const LABELS = {
  public: 'Public, without a token',
  developer: 'Developer',
  agency_viewer: 'Agency: reads',
  agency_operator: 'Agency: sends lists',
  steward: 'Data steward (walidata)',
  administrator: 'Administrator',
  lender: 'Lender (BJB)',
  central_bank: 'Bank Indonesia',
  auditor: 'Auditor',
};

/** The list at `path`, or an empty one: both files are optional. */
async function list(path) {
  try {
    const reply = await fetch(path, { headers: { Accept: 'application/json' } });
    const value = reply.ok ? await reply.json() : [];
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Everything the bar offers: identities as `{ id, role, label, token }`, and example queries by role. */
export async function load() {
  const [tokens, examples] = await Promise.all([list('tokens.json'), list('examples.json')]);
  const given = tokens.map(({ role, label, token }, at) => {
    const earlier = tokens.slice(0, at).filter((it) => it.role === role).length;
    return { id: earlier ? `${role}-${earlier + 1}` : role, role, label: label ?? role, token };
  });
  const roles = given.length ? ['public', ...examples.map((it) => it.role)] : Object.keys(LABELS);
  const asked = [...new Set(roles)]
    .filter((role) => !given.some((it) => it.role === role))
    .map((role) => ({ id: role, role, label: LABELS[role] ?? role, token: '' }));
  return { identities: [...asked, ...given], examples };
}
