// Who is signed in: the tokens, how they are got, renewed and given back.
// They live in memory and in this tab's sessionStorage; closing the tab forgets them.

const STORAGE_KEY = 'mortise.session';
const ENDPOINT = 'graphql';

/** Renew an access token this long before it ends, in milliseconds. */
const RENEW_BEFORE_MS = 30_000;

const TOKENS = '{ accessToken refreshToken expiresAt }';
const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) ${TOKENS} }`;
const RENEW = `mutation Renew($refreshToken: String!) { tokenRefresh(refreshToken: $refreshToken) ${TOKENS} }`;
const SIGN_OUT = 'mutation SignOut { signOut { __typename } }';

let session = restore();
let renewal = null;

/** The session, or null: `{ tenant, email, accessToken, refreshToken, expiresAt }`. */
export const current = () => session;

export async function signIn({ tenant, email, password }) {
  const { signIn: tokens } = await ask(SIGN_IN, { input: { tenant, email, password } });
  keep({ tenant, email, ...tokens });
}

/** Forgets the tokens whether or not the server could be told. */
export async function signOut() {
  const token = session?.accessToken;
  keep(null);
  await ask(SIGN_OUT, {}, token).catch(() => {});
}

/** Sends what the editor wants sent, as the one who is signed in. */
export async function fetcher(parameters, options) {
  await renewIfEnding();
  let response = await post(parameters, session?.accessToken, options?.headers);
  if (response.status === 401 && session) {
    await renew();
    response = await post(parameters, session?.accessToken, options?.headers);
  }
  return response.json();
}

async function renewIfEnding() {
  if (session && Date.parse(session.expiresAt) - Date.now() < RENEW_BEFORE_MS) await renew();
}

/** One renewal at a time: a refresh token is good for one use. */
function renew() {
  const { refreshToken, ...rest } = session;
  renewal ??= ask(RENEW, { refreshToken })
    .then(
      ({ tokenRefresh: tokens }) => keep({ ...rest, ...tokens }),
      () => keep(null),
    )
    .finally(() => (renewal = null));
  return renewal;
}

async function ask(query, variables, token) {
  const { data, errors } = await (await post({ query, variables }, token)).json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

function post(parameters, token, headers) {
  return fetch(ENDPOINT, {
    method: 'POST',
    credentials: 'omit',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(parameters),
  });
}

function restore() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY));
  } catch {
    return null;
  }
}

function keep(next) {
  session = next;
  try {
    if (next) sessionStorage.setItem(STORAGE_KEY, JSON.stringify(next));
    else sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // A browser without storage keeps it in memory.
  }
  window.dispatchEvent(new Event('session'));
}
