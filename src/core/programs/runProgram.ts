import { execFile } from 'node:child_process';

interface ProgramRun {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The whole of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds before it is killed. */
  readonly timeoutMs: number;
  /** Bytes of each output that are taken; it is killed when it prints more. */
  readonly mostOutput: number;
  readonly signal: AbortSignal;
}

export type ExecError = Error & { readonly code?: string | number | null; readonly killed?: boolean };

interface ProgramEnd {
  /** Null where it ended with exit code 0. */
  readonly error: ExecError | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell and without anything to read, for a bounded time and output. Never rejects. */
export function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = execFile(
      run.program,
      run.args,
      {
        cwd: run.folder,
        env: run.environment,
        timeout: run.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: run.mostOutput,
        windowsHide: true,
        encoding: 'utf8',
        signal: run.signal,
      },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
    child.stdin?.on('error', () => undefined).end();
  });
}
