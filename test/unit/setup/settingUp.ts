import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { carryOut } from '../../../src/core/setup/carryOut.ts';
import type { Made, Making } from '../../../src/core/setup/making.ts';
import { planCommit } from '../../../src/core/setup/planCommit.ts';
import { planSetup } from '../../../src/core/setup/planSetup.ts';
import type { CommitPlan, SetupPlan } from '../../../src/core/setup/plans.ts';
import { silent } from '../snapshot/repositories.ts';

export const ADA = { name: 'Ada', email: 'ada@example.org' };

export const options = () => ({ signal: new AbortController().signal, log: silent });

/** Writes files as a trainer does that has ended some time ago. */
export function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, ...path.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
}

/** Bytes that are nothing in particular, the same for the same seed. */
export function bytes(size: number, seed = 'weights'): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at * 32 < size; at += 1) parts.push(createHash('sha256').update(`${seed}${at}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

export const WEIGHTS = bytes(150_000);

/** What transformers leaves behind. */
export function trainerOutput(): Record<string, string | Buffer> {
  return {
    'config.json': JSON.stringify({
      _name_or_path: 'acme/base-7b',
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      transformers_version: '4.50.0',
    }),
    'tokenizer_config.json': JSON.stringify({ chat_template: '{{ messages }}' }),
    'model.safetensors': WEIGHTS,
    'checkpoint-500/model.safetensors': bytes(120_000, 'checkpoint'),
    'checkpoint-500/optimizer.pt': bytes(130_000, 'optimizer'),
    'optimizer.pt': bytes(130_000, 'optimizer'),
    'rng_state_0.pth': 'state',
    'runs/Nov27/events.out.tfevents.1': 'log',
    'wandb/run-1/files/output.log': 'log',
  };
}

export async function setUp(
  folder: string,
  making: Partial<Making> = {},
  leaveOut: readonly string[] = [],
): Promise<{ readonly plan: SetupPlan; readonly made: Made }> {
  const plan = await planSetup(folder, { ...options(), leaveOut });
  const made = await carryOut(plan, {
    ...options(),
    author: plan.author ?? ADA,
    message: 'The model',
    ...making,
  });
  if (made === undefined) throw new Error('nothing was committed');
  return { plan, made };
}

export async function commitAll(
  folder: string,
  making: Partial<Making> = {},
): Promise<{ readonly plan: CommitPlan; readonly made: Made | undefined }> {
  const plan = await planCommit(folder, options());
  return {
    plan,
    made: await carryOut(plan, { ...options(), author: plan.author ?? ADA, message: 'A change', ...making }),
  };
}

/** Git as somebody has it who never heard of Git LFS. */
export function plainGit(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'core.quotePath=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  }).replace(/\n$/, '');
}

/** Paths in HEAD. */
export function committed(folder: string): string[] {
  return plainGit(folder, 'ls-tree', '-r', '-z', '--name-only', 'HEAD').split('\0').filter(Boolean);
}

/** All files of a folder with their contents, but for the repository. */
export function contentsOf(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length + 1);
    if (entry.isFile() && !path.startsWith('.git/')) found.set(path, readFileSync(file, 'latin1'));
  }
  return found;
}

/** PATH without the folders that hold git-lfs, but with git. */
export function pathWithoutLfs(shims: string): string {
  const git = execFileSync('which', ['git'], { encoding: 'utf8' }).trim();
  writeFileSync(join(shims, 'git'), `#!/bin/sh\nexec ${git} "$@"\n`, { mode: 0o755 });
  return [shims].join(delimiter);
}
