import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { execa } from 'execa';
import { hfClientOrSkip } from '../setup/python.ts';
import type { HuggingfaceHubVersion } from '../setup/python.ts';

/** Where a client runs, and against what. */
export interface Surroundings {
  /** A temporary folder that takes the place of the person's home. */
  readonly home: string;
  /** The Hub endpoint of a registry. */
  readonly endpoint: string;
  readonly token: string;
}

/** How a run ended. */
export interface Ended {
  readonly failed: boolean;
  /** Both streams, as a person saw them. */
  readonly output: string;
}

/** A command line client of the Hub protocol that nobody here wrote. */
export interface Client {
  /** Runs it; variables come on top of those it needs. */
  run(
    surroundings: Surroundings,
    args: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<Ended>;
}

/** A command of huggingface_hub, ready to run; skips the test where it cannot be had. */
export async function pythonClient(
  test: Mocha.Context,
  version: HuggingfaceHubVersion,
  command: 'hf' | 'huggingface-cli',
): Promise<Client> {
  const { bin } = await hfClientOrSkip(test, version);
  return {
    run: (surroundings, args, variables) =>
      run(join(bin, command), args, { ...clientEnvironment(surroundings), ...variables }),
  };
}

/** `@huggingface/hub`, driven by `javascriptClient.ts`. */
export const javascriptClient: Client = {
  run: (surroundings, args, variables) =>
    run(
      process.execPath,
      [
        '--import',
        import.meta.resolve('tsx'),
        fileURLToPath(new URL('javascriptClient.ts', import.meta.url)),
        ...args,
      ],
      { ...clientEnvironment(surroundings), ...variables },
    ),
};

/** Nothing of the person's own settings, caches and tokens; no calls to anyone but the registry. */
export function clientEnvironment({ home, endpoint, token }: Surroundings): Record<string, string> {
  const system = ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(system),
    HOME: home,
    USERPROFILE: home,
    HF_HOME: join(home, 'huggingface'),
    HF_ENDPOINT: endpoint,
    HF_TOKEN: token,
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_UPDATE_CHECK: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    NO_COLOR: '1',
    PYTHONUTF8: '1',
  };
}

async function run(command: string, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const { failed, all } = await execa(command, args, {
    env,
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  return { failed, output: all };
}
