import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { wineEnvironment, type WindowsTools } from '../setup/windows/windows.ts';

export interface WineOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path, as this machine spells it. */
  readonly cwd?: string;
  /** Absolute path of the file that is standard input; none where it is left out. */
  readonly input?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** Standard output so far. */
  readonly said: () => string;
  /** As a person presses Ctrl-Break; of Node.js only. */
  readonly pressBreak: () => void;
  readonly kill: () => void;
}

/** A program did not end. */
export class Hung extends Error {
  override readonly name = 'Hung';
}

/** How Windows spells an absolute path of this machine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** Loaded before what runs in Node.js. */
const UNDER_WINE = fileURLToPath(new URL('../setup/windows/underWine.mjs', import.meta.url));

/** Milliseconds after which a program is taken to hang. */
const PATIENCE_MS = 45_000;

/** Starts programs of Windows, whose standard streams are files: what reads a pipe of this machine, Wine does not tell. */
export class Wine {
  readonly #tools: WindowsTools;
  readonly #folder: string;
  readonly #running = new Set<Running>();
  #runs = 0;

  /** @param folder absolute path of a folder that nobody else has */
  constructor(tools: WindowsTools, folder: string) {
    this.#tools = tools;
    this.#folder = folder;
  }

  /** @param program absolute path, or the name of one of Windows' own */
  start(program: string, args: readonly string[], { env = {}, cwd, input }: WineOptions = {}): Running {
    const name = join(this.#folder, `run-${this.#runs++}`);
    const files = { stdout: `${name}.stdout`, stderr: `${name}.stderr`, ctrlBreak: `${name}.break` };
    const streams = [
      openSync(input ?? '/dev/null', 'r'),
      openSync(files.stdout, 'w'),
      openSync(files.stderr, 'w'),
    ];
    const child = spawn(this.#tools.wine, [program, ...args], {
      cwd: cwd ?? this.#folder,
      env: { ...wineEnvironment(this.#tools), TEST_CTRL_BREAK: windowsPath(files.ctrlBreak), ...env },
      stdio: streams,
    });
    for (const stream of streams) closeSync(stream);
    const read = (path: string) => readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, PATIENCE_MS);
    const ended = once(child, 'exit').then(([code]): Ended => {
      clearTimeout(timer);
      this.#running.delete(running);
      const end = { code: code as number | null, stdout: read(files.stdout), stderr: read(files.stderr) };
      if (hangs) throw new Hung(`${program} ${args.join(' ')}\n${end.stdout}\n${end.stderr}`);
      return end;
    });
    ended.catch(() => undefined);
    const running: Running = {
      ended,
      said: () => readFileSync(files.stdout, 'utf8'),
      pressBreak: () => closeSync(openSync(files.ctrlBreak, 'w')),
      kill: () => void child.kill('SIGKILL'),
    };
    this.#running.add(running);
    return running;
  }

  /** A script in Node.js. */
  node(script: string, args: readonly string[], options?: WineOptions): Running {
    const preload = pathToFileURL(UNDER_WINE).href.replace('file:///', 'file:///Z:/');
    const all = ['--import', preload, windowsPath(script), ...args];
    return this.start(this.#tools.node, all, options);
  }

  /** Kills what is left of what was started here, and of what that started. */
  async end(): Promise<void> {
    const left = [...this.#running];
    for (const running of left) running.kill();
    await Promise.allSettled(left.map(({ ended }) => ended));
    for (const [id] of foundIn(this.#folder)) process.kill(id, 'SIGKILL');
  }
}

/** Command lines of the programs of Windows that were started from `folder`, or work in it. */
export function processesIn(folder: string): readonly string[] {
  return foundIn(folder).map(([, line]) => line);
}

function foundIn(folder: string): readonly (readonly [id: number, line: string])[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const isIn =
          line.includes(windowsPath(folder)) || readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
        return isIn && /\.exe\b/i.test(line) ? [[Number(name), line] as const] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}
