// Who is asking. The gateway passes the caller's token on; the hub, which knows the city's people and machines and
// who of them was shut out a second ago, says what she is. Nothing of a token is believed unasked.

const hub = process.env.TUNGGAL_URL;
const OFFICE = ['AGENCY_VIEWER', 'AGENCY_OPERATOR', 'STEWARD', 'ADMINISTRATOR'];
/// How long an answer of the hub is believed, in milliseconds; it shuts somebody out within five seconds, too.
const BELIEVED = 5000;
const known = new Map();

/// The role of whoever sent a request; null without a token that holds.
async function roleOf(authorization) {
  const response = await fetch(hub, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: '{ viewer { role } }' }),
  });
  if (!response.ok) return null;
  return (await response.json()).data?.viewer?.role ?? null;
}

/// Whether an office of the city asks.
export async function isOffice(request) {
  const authorization = request.headers.get('authorization');
  if (!authorization || !hub) return false;
  const now = Date.now();
  let answer = known.get(authorization);
  if (!answer || answer.until < now) {
    if (1000 < known.size) known.clear();
    // Asked once for all fields of a request.
    answer = { until: now + BELIEVED, role: roleOf(authorization).catch(() => null) };
    known.set(authorization, answer);
  }
  return OFFICE.includes(await answer.role);
}
