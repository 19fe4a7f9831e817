import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { Failure } from '../../core/failure.ts';
import type { CommandText } from '../../core/shells/commandText.ts';
import { type ShellId, knownShell, shellOf } from '../../core/shells/shells.ts';
import { visibleLine } from '../../core/visibleText.ts';

/** How a command came into a terminal. `typed`: it stands at the prompt, and the person presses Enter. */
export type Ran = 'ran' | 'typed';

/** Milliseconds in which a shell that VS Code understands says so after its start. */
const INTEGRATION_MS = 5000;

/**
 * The terminal of one panel, whose environment reaches its registry. One that is closed, busy, or of another token or
 * address is left alone, and another takes its place. All are the person's: disposing this closes none.
 */
export class RegistryTerminal implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable;
  #terminal: vscode.Terminal | undefined;
  /** Of {@link #terminal}. */
  #options: vscode.TerminalOptions | undefined;
  /** Commands under way in it, as its shell tells. */
  #underWay = new Set<vscode.TerminalShellExecution>();

  constructor() {
    this.#subscriptions = vscode.Disposable.from(
      vscode.window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
        if (terminal === this.#terminal) this.#underWay.add(execution);
      }),
      vscode.window.onDidEndTerminalShellExecution(({ execution }) => this.#underWay.delete(execution)),
    );
  }

  /** A new one, shown. */
  open(options: vscode.TerminalOptions): vscode.Terminal {
    this.#underWay = new Set();
    this.#options = options;
    this.#terminal = vscode.window.createTerminal(options);
    this.#terminal.show();
    return this.#terminal;
  }

  /**
   * Runs a command where {@link open} with the same options would: in the terminal that is there and idle, else in a
   * new one. In a shell that no commands are written for it is typed only; throws `refused` where it has several lines, which none can
   * type without running.
   *
   * @param write The command for the shell that the terminal turned out to have; may throw, and then nothing runs.
   */
  async run(
    options: vscode.TerminalOptions,
    write: (shell: ShellId) => CommandText,
    signal: AbortSignal,
  ): Promise<Ran> {
    const terminal = this.#idle(options) ?? this.open(options);
    terminal.show();
    const integration = await integrated(terminal, signal);
    if (terminal.exitStatus !== undefined) {
      throw new Failure(
        'refused',
        vscode.l10n.t('The terminal was closed before the command could run in it.'),
      );
    }
    const program = terminal.state.shell ?? vscode.env.shell;
    const command = write(shellOf(program, process.platform));
    if (knownShell(program) === undefined) {
      // VS Code sends each line break as Enter.
      if (command.includes('\n')) throw untypable(program);
      terminal.sendText(command, false);
      return 'typed';
    }
    if (integration) this.#underWay.add(integration.executeCommand(command));
    else terminal.sendText(command);
    return 'ran';
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Whether one without shell integration is busy cannot be known. */
  #idle(options: vscode.TerminalOptions): vscode.Terminal | undefined {
    const isOurs = this.#terminal?.exitStatus === undefined && isDeepStrictEqual(this.#options, options);
    return isOurs && this.#terminal?.shellIntegration && this.#underWay.size === 0
      ? this.#terminal
      : undefined;
  }
}

function untypable(program: string): Failure {
  return new Failure(
    'refused',
    vscode.l10n.t(
      'The command has several lines and is written for another shell than {0}, which would run each line as it comes. Nothing was run: copy the command, and write it for that shell.',
      visibleLine(basename(program)),
    ),
  );
}

/** Once the shell of a new terminal has told; undefined where it does not, or was closed. */
function integrated(
  terminal: vscode.Terminal,
  signal: AbortSignal,
): Promise<vscode.TerminalShellIntegration | undefined> {
  if (terminal.shellIntegration) return Promise.resolve(terminal.shellIntegration);
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      subscriptions.dispose();
      signal.removeEventListener('abort', abort);
      finish();
    };
    const abort = () => end(() => reject(signal.reason as Error));
    const timer = setTimeout(() => end(() => resolve(undefined)), INTEGRATION_MS);
    const subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeTerminalShellIntegration((change) => {
        if (change.terminal === terminal) end(() => resolve(change.shellIntegration));
      }),
      vscode.window.onDidCloseTerminal((closed) => {
        if (closed === terminal) end(() => resolve(undefined));
      }),
    );
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}
