import type { FolderEntry } from '../snapshot/files/walk.ts';
import type { Ignored } from './plans.ts';

/** A line of `.gitignore`, and what it is about. */
interface IgnoreRule {
  readonly line: string;
  readonly isFolder: boolean;
  /** Whether it is about a file or folder of that name. */
  readonly name: RegExp;
  /** It is written though there is no such file: whoever works in the folder makes one soon. */
  readonly always?: true;
}

/**
 * What trainers, notebooks and systems leave in a model's folder: checkpoints, states of optimisers, logs and caches.
 * Of transformers (`trainer_callback.py`, `trainer.py`), accelerate (`checkpointing.py`), DeepSpeed, Lightning,
 * TensorBoard, Weights & Biases and MLflow.
 */
const RULES: readonly IgnoreRule[] = [
  folder('checkpoint-[0-9]*/', /^checkpoint-\d/, true),
  folder('global_step[0-9]*/', /^global_step\d/),
  ...['runs/', 'wandb/', 'mlruns/', 'lightning_logs/', '.neptune/'].map((name) => folder(name)),
  ...['.venv/', 'venv/', 'node_modules/'].map((name) => folder(name)),
  ...['.cache/', '__pycache__/', '.ipynb_checkpoints/'].map((name) => folder(name, undefined, true)),
  ...['optimizer.pt', 'optimizer.bin', 'scheduler.pt', 'scheduler.bin', 'scaler.pt'].map((name) =>
    file(name),
  ),
  file('rng_state*.pth', /^rng_state.*\.pth$/),
  file('random_states_*.pkl', /^random_states_.*\.pkl$/),
  file('*_optim_states.pt', /_optim_states\.pt$/),
  file('events.out.tfevents.*', /^events\.out\.tfevents\./),
  ...['.DS_Store', 'Thumbs.db', 'desktop.ini'].map((name) => file(name, undefined, true)),
];

function file(line: string, name = exactly(line), always?: true): IgnoreRule {
  return { line, isFolder: false, name, ...(always && { always }) };
}

function folder(line: string, name = exactly(line.slice(0, -1)), always?: true): IgnoreRule {
  return { line, isFolder: true, name, ...(always && { always }) };
}

function exactly(name: string): RegExp {
  return new RegExp(`^${name.replace(/\./g, '\\.')}$`);
}

/**
 * The lines that `.gitignore` is to get, with what each of them is about in the folder: of those that it has already,
 * or the opposite of, none.
 *
 * @param entries all that is in the folder.
 * @param existing what `.gitignore` holds; empty where there is none.
 */
export function ignoresFor(
  entries: readonly (FolderEntry & { readonly size: number })[],
  existing: string,
): readonly Ignored[] {
  const lines = existing.split(/\r?\n/);
  const decided = new Set(lines.map(subject));
  // A rule that comes behind them would overrule what the person takes back.
  const takenBack = lines
    .filter((line) => line.trim().startsWith('!'))
    .map((line) => subject(line).split('/'));
  const rules = RULES.filter(
    ({ line, name }) =>
      !decided.has(subject(line)) && !takenBack.some((names) => names.some((each) => name.test(each))),
  );
  const found = new Map(rules.map((rule) => [rule, { files: 0, bytes: 0 }]));
  for (const { path, size } of entries) {
    // What is in a folder that is ignored needs no line of its own.
    const rule = rules.find((each) => isAbout(each, path));
    const sum = rule && found.get(rule);
    if (rule !== undefined && sum !== undefined) {
      found.set(rule, { files: sum.files + 1, bytes: sum.bytes + size });
    }
  }
  return [...found]
    .filter(([{ always }, { files }]) => files > 0 || always === true)
    .map(([{ line }, sum]) => ({ line, ...sum }));
}

/** What a line is about, whether it ignores that or takes it back. */
function subject(line: string): string {
  return line
    .trim()
    .replace(/^!/, '')
    .replace(/^(?:\*\*)?\//, '')
    .replace(/\/(?:\*\*?)?$/, '');
}

function isAbout({ isFolder, name }: IgnoreRule, path: string): boolean {
  const names = path.split('/');
  return isFolder ? names.slice(0, -1).some((each) => name.test(each)) : name.test(names.at(-1) ?? '');
}
