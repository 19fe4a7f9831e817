import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { Failure } from '../../failure.ts';
import { redact } from '../../log.ts';
import { programEnvironment } from '../../programs/programEnvironment.ts';
import type { Environment } from '../../programs/programPath.ts';
import { runProgram, type ExecError } from '../../programs/runProgram.ts';

/**
 * Buildkite's command line `bk` and the logins it keeps. It is asked anew each time: nothing it answers is kept here.
 * https://buildkite.com/docs/platform/cli/reference/auth
 */
export interface BkCli {
  /** The organizations it is set up for, from its own configuration and without a request. Throws a `refused` failure. */
  organizations(signal: AbortSignal): Promise<readonly BkOrganization[]>;
  /** Its token for an organization. Throws an `auth` failure where it has none, `refused` where it cannot be run. */
  token(organization: string, signal: AbortSignal): Promise<string>;
  /**
   * Has it ask the server who it is. `bk auth token` prints an expired token as it is; only a request makes `bk` exchange it for a
   * new one. Its own verdict does not matter here.
   */
  refresh(organization: string, signal: AbortSignal): Promise<void>;
}

interface BkOrganization {
  readonly slug: string;
  /** The one that `bk` uses when none is named. */
  readonly selected: boolean;
}

export interface BkCliOptions {
  /** Absolute path of the program. */
  readonly program: string;
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  /** Milliseconds before it is killed. Default 15,000: a keychain may ask the person first. */
  readonly timeoutMs?: number;
}

/** Bytes of output that are taken: a token or a list of slugs. */
const MOST_OUTPUT = 64 * 1024;
const DEFAULT_TIMEOUT_MS = 15_000;

const organizationsAnswer = z.array(z.object({ slug: z.string(), selected: z.catch(z.boolean(), false) }));

/** Whatever else a person once wrote into its configuration is no organization that could be asked for, and hides no other. */
const SLUG = /^[^\p{C}\p{Z}/\\?#%]+$/u;

export function createBkCli(options: BkCliOptions): BkCli {
  const { program, timeoutMs = DEFAULT_TIMEOUT_MS } = options;

  /** Standard output. */
  const run = async (args: readonly string[], organization: string | undefined, signal: AbortSignal) => {
    signal.throwIfAborted();
    const { error, stdout, stderr } = await inFolderOfItsOwn((folder) =>
      runProgram({
        program,
        args,
        folder,
        environment: bkEnvironment(options.environment, options.platform, organization),
        timeoutMs,
        mostOutput: MOST_OUTPUT,
        signal,
      }),
    );
    if (!error) return stdout;
    signal.throwIfAborted();
    throw notAnswered(args, error, stderr, timeoutMs);
  };

  return {
    async organizations(signal) {
      const text = await run(['organization', 'list', '--output', 'json'], undefined, signal);
      try {
        return organizationsAnswer.parse(JSON.parse(text)).filter(({ slug }) => SLUG.test(slug));
      } catch (cause) {
        throw new Failure(
          'refused',
          l10n.t('The command {0} printed something else than JSON. Update it.', 'bk organization list'),
          { cause },
        );
      }
    },
    async token(organization, signal) {
      const text = (await run(['auth', 'token'], organization, signal)).trim();
      if (/^[\x21-\x7e]+$/.test(text)) return text;
      throw new Failure(
        'auth',
        l10n.t(
          'The command {0} printed no token for {1}. Run {2} in a terminal, then try again.',
          'bk auth token',
          organization,
          'bk auth login',
        ),
      );
    },
    async refresh(organization, signal) {
      try {
        await run(['auth', 'status', '--output', 'json'], organization, signal);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    },
  };
}

/**
 * `bk` obeys a `.bk.yaml` of the folder that it runs in and of the Git repository around it, and any of those, the home folder's too, may
 * be a stranger's. It finds an empty folder, and looks no further up than where there is a `.git`.
 */
async function inFolderOfItsOwn<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'model-registries-bk-'));
  try {
    await mkdir(join(folder, '.git'));
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The environment `bk` runs in: that of any program that asks the network and the keychain, `bk`'s own settings, and the organization
 * that is meant. No token is among it, so that the stored one is used.
 */
export function bkEnvironment(
  environment: Environment,
  platform: NodeJS.Platform,
  organization: string | undefined,
): Record<string, string> {
  return {
    ...programEnvironment(environment, platform, { needs: ['network', 'session'], names: SETTINGS }),
    ...(organization !== undefined && { BUILDKITE_ORGANIZATION_SLUG: organization }),
    ...FIXED,
  };
}

/** Which servers `bk` asks, and where it keeps its logins; on build machines it uses no keychain. */
const SETTINGS: readonly string[] = [
  'BUILDKITE_REST_API_ENDPOINT',
  'BUILDKITE_GRAPHQL_ENDPOINT',
  'BUILDKITE_HOST',
  'BUILDKITE_NO_KEYRING',
  'BUILDKITE_CREDENTIAL_STORE',
  'BUILDKITE_CREDENTIAL_STORE_PATH',
  'BUILDKITE_EXPERIMENTS',
  'BK_TELEMETRY',
  'BUILDKITE',
  'CI',
];

const FIXED: Readonly<Record<string, string>> = {
  BUILDKITE_NO_INPUT: 'true',
  BUILDKITE_NO_PAGER: 'true',
  NO_COLOR: '1',
};

function notAnswered(args: readonly string[], error: ExecError, stderr: string, timeoutMs: number): Failure {
  const command = ['bk', ...args].join(' ');
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new Failure('refused', l10n.t('The command {0} printed too much. Update it.', command));
  }
  if (typeof error.code === 'string') {
    return new Failure('refused', l10n.t('The command {0} cannot be run ({1}).', command, error.code));
  }
  if (error.killed === true) {
    return new Failure(
      'refused',
      l10n.t(
        'The command {0} did not end within {1} seconds. Run it in a terminal to see what it waits for.',
        command,
        timeoutMs / 1000,
      ),
    );
  }
  // The error's own message repeats the command line and all of what was printed; neither is kept.
  const words = redact(stderr.replace(/\p{C}+/gu, ' ').trim()).slice(0, 300);
  return new Failure(
    'auth',
    l10n.t(
      'The command {0} failed: {1}. Run {2} in a terminal, then try again.',
      command,
      words === '' ? l10n.t('exit code {0}', String(error.code)) : words.replace(/\.$/, ''),
      'bk auth login',
    ),
  );
}
