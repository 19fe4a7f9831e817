import { HUB_PROGRAMS, type HubProgram } from '../instructions/clientAdvice.ts';
import { programEnvironment } from './programEnvironment.ts';
import type { Environment } from './programPath.ts';
import { runProgram } from './runProgram.ts';

/** A program of huggingface_hub on this machine. */
export interface InstalledClient {
  readonly program: HubProgram;
  /** Absolute path. */
  readonly path: string;
  /** Such as `1.33.0`; `none` where it only refuses to work; undefined where it did not tell. */
  readonly version: string | undefined;
}

interface InstalledClientsOptions {
  readonly environment: Environment;
  /** Finds a program; undefined where it is not here. */
  readonly find: (program: HubProgram) => Promise<string | undefined>;
  /** Where they run: never the folder of a workspace, from which Python would load modules. */
  readonly folder: string;
  /** Milliseconds before one is killed. Default 10,000: a Python that was not used lately takes seconds to start. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Bytes of output that are taken. */
const MOST_OUTPUT = 16 * 1024;

/** The programs of huggingface_hub that `find` finds, with their versions. Rejects with the signal's reason. */
export async function installedClients(
  options: InstalledClientsOptions,
): Promise<readonly InstalledClient[]> {
  const found = await Promise.all(
    HUB_PROGRAMS.map(async (program) => {
      const path = await options.find(program);
      return path === undefined ? [] : [{ program, path, version: await versionOf(path, options) }];
    }),
  );
  options.signal.throwIfAborted();
  return found.flat();
}

/** Runs `version` without a request to anyone. */
async function versionOf(path: string, options: InstalledClientsOptions): Promise<string | undefined> {
  const { error, stdout, stderr } = await runProgram({
    program: path,
    args: ['version'],
    folder: options.folder,
    environment: clientEnvironment(options.environment, process.platform),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    mostOutput: MOST_OUTPUT,
    signal: options.signal,
  });
  return readVersion(error === null, `${stdout}\n${stderr}`);
}

/**
 * What `hf version` or `huggingface-cli version` printed: `huggingface_hub version: 0.36.2`, `1.0.1`, or
 * `version: 1.33.0` in its own line. From 1.10.1 on `huggingface-cli` fails with a sentence about itself.
 */
export function readVersion(succeeded: boolean, output: string): string | undefined {
  if (succeeded)
    return /^\s*(?:(?:huggingface_hub )?version: *)?(\d+\.\d+[\w.+-]{0,40})\s*$/m.exec(output)?.[1];
  return output.includes('deprecated and no longer works') ? 'none' : undefined;
}

/** What every program gets, and nothing that makes the program ask the network or take modules from elsewhere. */
export function clientEnvironment(
  environment: Environment,
  platform: NodeJS.Platform,
): Record<string, string> {
  return { ...programEnvironment(environment, platform), ...FIXED };
}

const FIXED: Readonly<Record<string, string>> = {
  HF_HUB_OFFLINE: '1',
  HF_HUB_DISABLE_TELEMETRY: '1',
  HF_HUB_DISABLE_UPDATE_CHECK: '1',
  NO_COLOR: '1',
  PYTHONUTF8: '1',
  PYTHONSAFEPATH: '1',
};
