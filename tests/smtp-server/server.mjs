// A mail server on a free port of this machine, for one test. It prints where it listens, then every message that it got to
// the end of, as a line of JSON, and ends with its standard input. Its one argument is JSON:
//   tls: "implicit", "starttls" or "none"; certificate: a file, instead of the one for localhost; user, password: who may send; port: instead of a free one
//   answers: codes to answer the first messages with, instead of taking them; refuse: an address that nobody has; refuseSender: a code to answer every sender with
//   ascii: it takes no addresses in other scripts (SMTPUTF8)
//   hold: it takes a message and does not say so; dumb: it says nothing at all
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const options = JSON.parse(process.argv[2]);
const answers = [...(options.answers ?? [])];
const beside = (name) => readFileSync(new URL(name, import.meta.url));
const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });

const server = new SMTPServer({
  secure: options.tls === 'implicit',
  hideSTARTTLS: options.tls !== 'starttls',
  hideSMTPUTF8: options.ascii ?? false,
  disabledCommands: options.tls === 'none' ? ['STARTTLS'] : [],
  key: beside('key.pem'),
  cert: beside(options.certificate ?? 'cert.pem'),
  authOptional: !options.user,
  allowInsecureAuth: options.tls === 'none',
  onAuth({ username, password }, session, done) {
    const known = username === options.user && password === options.password;
    done(known ? null : refusal(535, 'nobody of that name'), { user: username });
  },
  onMailFrom(sender, session, done) {
    done(options.refuseSender ? refusal(options.refuseSender, 'not as this sender') : null);
  },
  onRcptTo({ address }, session, done) {
    done(address === options.refuse ? refusal(550, 'no such mailbox') : null);
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const code = answers.shift();
      if (code) {
        done(refusal(code, `answer ${code}`));
        return;
      }
      const { mailFrom, rcptTo } = session.envelope;
      const message = {
        from: mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        secure: session.secure,
        user: session.user ?? null,
        data: Buffer.concat(parts).toString(),
      };
      console.log(JSON.stringify(message));
      if (!options.hold) {
        done(null, 'taken');
      }
    });
  },
});
server.on('error', () => {});

const listener = options.dumb ? createServer(() => {}) : server;
listener.listen(options.port ?? 0, '127.0.0.1', function () {
  const { port } = (options.dumb ? listener : server.server).address();
  console.log(`listening on ${port}`);
});

process.stdin.on('end', () => process.exit(0)).resume();
