import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An extension that lends its session as Buildkite's own does (github.com/buildkite/vscode-buildkite, src/api/oauth): the provider
 * `buildkite`, one account at a time, any session for any scopes. It has what the file beside it says, so that a test signs it in and
 * out; signing in through it, which would replace its session, is a mistake and writes the file `asked`.
 */
export interface BuildkiteExtensionStandIn {
  /** To be loaded as an extension under development. */
  readonly folder: string;
  signIn(session: { readonly account: string; readonly token: string }): Promise<void>;
  signOut(): Promise<void>;
}

const MANIFEST = {
  name: 'buildkite-vscode',
  publisher: 'buildkite',
  version: '0.0.1',
  engines: { vscode: '^1.105.0' },
  activationEvents: ['onStartupFinished'],
  main: './extension.cjs',
};

const SOURCE = `
const { readFileSync, watchFile, unwatchFile, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');
const file = join(__dirname, 'session.json');
const sessions = () => {
  const session = JSON.parse(readFileSync(file, 'utf8'));
  if (!session) return [];
  const { account, token } = session;
  return [{ id: 'only', accessToken: token, account: { id: account, label: account }, scopes: ['read_user'] }];
};
exports.activate = (context) => {
  const changed = new vscode.EventEmitter();
  watchFile(file, { interval: 50 }, () => changed.fire({ added: [], removed: [], changed: sessions() }));
  context.subscriptions.push(
    { dispose: () => unwatchFile(file) },
    vscode.authentication.registerAuthenticationProvider('buildkite', 'Buildkite', {
      onDidChangeSessions: changed.event,
      getSessions: async () => sessions(),
      createSession: async () => {
        writeFileSync(join(__dirname, 'asked'), '');
        throw new Error('It should not be asked to sign in.');
      },
      removeSession: async () => writeFileSync(file, 'null'),
    }),
  );
};
`;

/** Writes the extension, signed out, into `folder`. */
export async function makeBuildkiteExtension(folder: string): Promise<BuildkiteExtensionStandIn> {
  const session = join(folder, 'session.json');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  await writeFile(join(folder, 'extension.cjs'), SOURCE);
  /** At once: the extension may read at any moment. */
  const put = async (content: unknown) => {
    await writeFile(`${session}.new`, JSON.stringify(content));
    await rename(`${session}.new`, session);
  };
  await put(null);
  return {
    folder,
    signIn: (given) => put(given),
    signOut: () => put(null),
  };
}
