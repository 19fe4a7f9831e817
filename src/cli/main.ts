import * as l10n from '@vscode/l10n';
import { version } from '../../package.json';
import { redact } from '../core/log.ts';
import { cancelOnSignals, endAtOnce } from './cancellation.ts';
import { parseCommandLine } from './commandLine.ts';
import { EXIT, type ExitCode, WrongUse } from './exitCodes.ts';
import { isAsked } from './keychain.ts';
import { createTerminal } from './terminal.ts';

/** Does what the arguments of `process` ask for. Never throws. */
export async function main(process: NodeJS.Process): Promise<ExitCode> {
  let isLost = false;
  const terminal = createTerminal(process.stdout, process.stderr, ({ code }) => {
    if (isLost) return;
    isLost = true;
    terminal.tell(
      l10n.t('Standard output cannot be written ({0}). Make room there and try again.', code ?? '?'),
    );
    // It may come after all else.
    process.once('exit', () => {
      if (process.exitCode === EXIT.done) process.exitCode = EXIT.failed;
    });
  });
  const cancellation = cancelOnSignals(process, () => endAtOnce(process, isAsked()));
  const { signal } = cancellation;
  try {
    const work = parseCommandLine(process.argv.slice(2), version, {
      writeOut: (text) => void process.stdout.write(text),
      // What was written wrongly is repeated, and may hold anything.
      writeErr: (text) => terminal.tell(redact(text).trimEnd()),
    });
    return (await work?.({ terminal, process, version, signal })) ?? EXIT.done;
  } catch (error) {
    if (error instanceof WrongUse) {
      if (error.message !== '') terminal.tell(error.message);
      return EXIT.wrongUse;
    }
    if (signal.aborted) return EXIT.cancelled;
    if (isCurrentFolderGone(error)) {
      terminal.tell(
        l10n.t('The current folder is not there any more. Change to another one (“cd”) and try again.'),
      );
      return EXIT.failed;
    }
    terminal.tell(
      l10n.t(
        'This should not have happened; please report it: {0}',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ),
    );
    return EXIT.failed;
  } finally {
    cancellation.dispose();
    // It was given up, and would keep the process.
    if (signal.aborted && isAsked()) endAtOnce(process, true);
  }
}

/** Whether a relative path could not be understood: https://docs.libuv.org/en/v1.x/misc.html#c.uv_cwd */
function isCurrentFolderGone(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';
}
