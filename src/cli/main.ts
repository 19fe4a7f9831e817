import * as l10n from '@vscode/l10n';
import { version } from '../../package.json';
import { redact } from '../core/log.ts';
import { cancelOnSignals } from './cancellation.ts';
import { parseCommandLine, type Request } from './commandLine.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode, WrongUse } from './exitCodes.ts';
import { createTerminal } from './terminal.ts';

/** Does what the arguments of `process` ask for. Never throws. */
export async function main(process: NodeJS.Process): Promise<ExitCode> {
  const terminal = createTerminal(process.stdout, process.stderr);
  const cancellation = cancelOnSignals(process, () => process.exit(EXIT.cancelled));
  const { signal } = cancellation;
  try {
    const request = parseCommandLine(process.argv.slice(2), version, {
      writeOut: (text) => void process.stdout.write(text),
      // What was written wrongly is repeated, and may hold anything.
      writeErr: (text) => terminal.tell(redact(text).trimEnd()),
    });
    return await run(request, { terminal, process, version, signal });
  } catch (error) {
    if (error instanceof WrongUse) {
      if (error.message !== '') terminal.tell(error.message);
      return EXIT.wrongUse;
    }
    if (signal.aborted) return EXIT.cancelled;
    terminal.tell(
      l10n.t(
        'This should not have happened; please report it: {0}',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ),
    );
    return EXIT.failed;
  } finally {
    cancellation.dispose();
  }
}

/** Each command is loaded when it is asked for, so that help and mistakes are answered at once. */
async function run(request: Request, context: Context): Promise<ExitCode> {
  switch (request.kind) {
    case 'shown':
      return EXIT.done;
    case 'publish': {
      const { publish } = await import('./publish.ts');
      return publish(request, context);
    }
    case 'login': {
      const { login } = await import('./login.ts');
      return login(request, context);
    }
    case 'logout': {
      const { logout } = await import('./logout.ts');
      return logout(request, context);
    }
  }
}
