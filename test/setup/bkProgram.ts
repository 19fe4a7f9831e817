import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A program that answers as Buildkite's `bk` does (v3.55: cmd/auth, cmd/organization of github.com/buildkite/cli), for machines where
 * the real one cannot be had. It keeps its logins in a folder, notes every call there, and prints an old token until `auth status`
 * was asked, as `bk` does with an expired OAuth login.
 */
export interface BkProgram {
  /** Absolute path. */
  readonly program: string;
  /** The folder it lies in, for PATH. */
  readonly folder: string;
  /** Logs in to `organization`; `refreshed` is what `auth status` exchanges `token` for. */
  login(organization: string, token: string, refreshed?: string): Promise<void>;
  logout(): Promise<void>;
  /** Every call so far: arguments, working folder, and the variables of Buildkite it saw. */
  calls(): Promise<readonly BkCall[]>;
}

export interface BkCall {
  readonly args: readonly string[];
  readonly folder: string;
  /** What lay in that folder. */
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const SOURCE = `#!/usr/bin/env node
const { appendFileSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const state = join(__dirname, 'logins.json');
const args = process.argv.slice(2);
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('BUILDKITE_')));
appendFileSync(join(__dirname, 'calls.jsonl'), JSON.stringify({ args, folder: process.cwd(), files: readdirSync('.'), environment }) + '\\n');
const logins = JSON.parse(readFileSync(state, 'utf8'));
const selected = process.env.BUILDKITE_ORGANIZATION_SLUG ?? Object.keys(logins)[0];
const token = process.env.BUILDKITE_API_TOKEN ?? logins[selected]?.token;
const fail = (message) => { process.stderr.write('Error: ' + message + '\\n'); process.exitCode = 1; };
switch (args.slice(0, 2).join(' ')) {
  case 'organization list':
    console.log(JSON.stringify(Object.keys(logins).map((slug, index) => ({ slug, selected: index === 0 }))));
    break;
  case 'auth token':
    if (token) console.log(token);
    else fail('no token found; run \`bk auth login\` to authenticate');
    break;
  case 'auth status':
    if (logins[selected]?.refreshed) {
      logins[selected] = { token: logins[selected].refreshed };
      writeFileSync(state, JSON.stringify(logins));
    }
    console.log(JSON.stringify({ organization_slug: selected }));
    break;
  default:
    fail('unexpected argument ' + args[0]);
}
`;

/** Writes the program into `folder`. */
export async function makeBkProgram(folder: string): Promise<BkProgram> {
  const program = join(folder, 'bk');
  const state = join(folder, 'logins.json');
  const calls = join(folder, 'calls.jsonl');
  const logins = async () =>
    JSON.parse(await readFile(state, 'utf8')) as Record<string, { token: string; refreshed?: string }>;
  await mkdir(folder, { recursive: true });
  await writeFile(program, SOURCE);
  await chmod(program, 0o755);
  await writeFile(state, '{}');
  await writeFile(calls, '');
  return {
    program,
    folder,
    login: async (organization, token, refreshed) =>
      writeFile(state, JSON.stringify({ ...(await logins()), [organization]: { token, refreshed } })),
    logout: () => writeFile(state, '{}'),
    calls: async () =>
      (await readFile(calls, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as BkCall),
  };
}
