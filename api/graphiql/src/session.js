// What this browser tab remembers. Queries may hold a NIK and tokens open a register, so all of it
// goes with the tab: sessionStorage, never localStorage.

const PREFIX = 'tunggal:';

/** GraphiQL keys that belong to one role; the rest (theme, pane sizes) is shared. */
const OF_ROLE = /:(query|variables|headers|tabState|queries|favorites)$/;

/** A storage for GraphiQL in which each role has its own tabs and history. */
export function storageFor(role) {
  const named = (key) => (OF_ROLE.test(key) ? `${PREFIX}${role}:${key}` : PREFIX + key);
  return {
    getItem: (key) => sessionStorage.getItem(named(key)),
    setItem: (key, value) => sessionStorage.setItem(named(key), value),
    removeItem: (key) => sessionStorage.removeItem(named(key)),
    clear: () => forget((key) => key.startsWith(PREFIX)),
    get length() {
      return sessionStorage.length;
    },
  };
}

/** Forgets the tabs of a role, so that its examples come back. */
export function forgetTabs(role) {
  forget((key) => key.startsWith(`${PREFIX}${role}:`) && /:(query|variables|headers|tabState)$/.test(key));
}

function forget(matches) {
  Object.keys(sessionStorage)
    .filter(matches)
    .forEach((key) => sessionStorage.removeItem(key));
}

export const remembered = (name) => sessionStorage.getItem(PREFIX + name) ?? '';

export function remember(name, value) {
  if (value) sessionStorage.setItem(PREFIX + name, value);
  else sessionStorage.removeItem(PREFIX + name);
}

/** When a token ends, or null where it does not say. */
export function expiryOf(token) {
  try {
    const payload = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    const { exp } = JSON.parse(atob(payload));
    return Number.isFinite(exp) ? new Date(exp * 1000) : null;
  } catch {
    return null;
  }
}
