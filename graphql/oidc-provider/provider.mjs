// A certified OpenID Connect provider on a free port of this machine, for one test. It prints where it listens, lets in
// whoever `PUT /as/NAME` said last without asking for a password, and ends with its standard input.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [clientId, clientSecret, redirectUri] = process.argv.slice(2);

// What it knows of people: the name before the address is the subject.
const people = {
  uwe: { email: 'uwe@acme.test', email_verified: true, name: 'Uwe' },
  new: { email: 'new@acme.test', email_verified: true, name: 'Neda' },
  unverified: { email: 'ana@acme.test', email_verified: false, name: 'Not Ana' },
  outsider: { email: 'eve@evil.test', email_verified: true, name: 'Eve' },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let account = 'uwe';
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    // Whoever signs in has agreed to everything.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    cookies: { keys: ['only for a test'] },
    ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, AuthorizationCode: 60, IdToken: 60 },
  });
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    const as = /^\/as\/(\w+)$/.exec(request.url);
    if (request.method === 'PUT' && as) {
      account = as[1];
      response.end();
    } else if (request.url.startsWith('/interaction/')) {
      await provider.interactionFinished(request, response, { login: { accountId: account, remember: false } });
    } else {
      callback(request, response);
    }
  });
  console.log(`listening on ${issuer}`);
});

process.stdin.on('end', () => process.exit(0)).resume();
