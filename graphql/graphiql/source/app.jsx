// The page: a bar to sign in and out, and GraphiQL below it.

import { GraphiQL } from 'graphiql';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

import 'graphiql/graphiql.css';
import './page.css';
import * as session from './session.js';

const WELCOME = `# Sign in above, then ask for example:

query Viewer {
  viewer {
    __typename
  }
}
`;

function App() {
  const [who, setWho] = useState(session.current());
  useEffect(() => {
    const changed = () => setWho(session.current());
    window.addEventListener('session', changed);
    return () => window.removeEventListener('session', changed);
  }, []);
  return (
    <>
      {who ? <SignedIn who={who} /> : <SignIn />}
      <div className="editor">
        {/* A new schema may be visible to another person: begin anew. */}
        <GraphiQL key={who ? `${who.tenant}/${who.email}` : ''} fetcher={session.fetcher} defaultQuery={WELCOME} />
      </div>
    </>
  );
}

function SignIn() {
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    try {
      await session.signIn(Object.fromEntries(new FormData(event.target)));
    } catch (error) {
      setFailure(error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="bar" onSubmit={submit}>
      <Field name="tenant" autoComplete="organization" />
      <Field name="email" type="email" autoComplete="username" />
      <Field name="password" type="password" autoComplete="current-password" />
      <button disabled={busy}>Sign in</button>
      <output role="alert">{failure}</output>
    </form>
  );
}

function Field({ name, ...rest }) {
  return (
    <label>
      {name} <input name={name} required {...rest} />
    </label>
  );
}

function SignedIn({ who }) {
  return (
    <div className="bar">
      <span>
        {who.email} at {who.tenant}
      </span>
      <button onClick={session.signOut}>Sign out</button>
    </div>
  );
}

createRoot(document.getElementById('root')).render(<App />);
