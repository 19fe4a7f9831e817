import { addAbortSignal, type Readable } from 'node:stream';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../core/failure.ts';
import { tokenFrom } from '../accessToken.ts';
import type { CliCommand } from '../command.ts';
import { type Context, logFor } from '../context.ts';
import { EXIT, type ExitCode, WrongUse } from '../exitCodes.ts';
import { KeychainUnavailable, systemKeychain } from '../keychain.ts';
import { addExamples, hubOption, verboseOption } from '../options.ts';
import { answerTo } from '../prompting.ts';
import type { TokenCheck } from '../tokenCheck.ts';

interface LoginOptions {
  readonly hub: URL;
  readonly verbose?: boolean;
}

/** Keeps an access token in the keychain, once the hub has accepted it. */
export const login: CliCommand = {
  name: 'login',
  declare(command, decide) {
    command
      .description(
        l10n.t('Asks for an access token, or reads it from standard input, and keeps it in the keychain.'),
      )
      .addOption(hubOption())
      .addOption(verboseOption())
      .action((options: LoginOptions) => decide((context) => keepToken(options, context)));
    addExamples(command, [
      'login --hub https://packages.buildkite.com/acme/models/huggingface',
      'login --hub https://huggingface.co < token.txt',
    ]);
  },
};

async function keepToken({ hub, verbose = false }: LoginOptions, context: Context): Promise<ExitCode> {
  const { process, signal, terminal } = context;
  const [{ httpClientFor }, { checkToken }] = await Promise.all([
    import('../httpClient.ts'),
    import('../tokenCheck.ts'),
  ]);
  const keychain = systemKeychain(process.platform, process.env, signal);
  const http = await httpClientFor(context, logFor(context, verbose));
  try {
    // Before the person is asked for anything.
    await keychain.read(hub);
    const text = await (process.stdin.isTTY ? askedToken(hub, context) : pipedToken(process.stdin, signal));
    if (text === undefined) return EXIT.cancelled;
    const token = tokenFrom(text, hub, terminal);
    const check = await checkToken(hub, token, http, signal);
    await keychain.store(hub, token.reveal());
    terminal.result(storedSentence(hub, check));
    if (process.env.HF_TOKEN) {
      terminal.tell(
        l10n.t('HF_TOKEN is set as well. For this hub it is not used as long as the keychain holds a token.'),
      );
    }
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.cancelled;
    if (error instanceof KeychainUnavailable) {
      terminal.tell(error.message);
      return EXIT.failed;
    }
    if (!(error instanceof Failure)) throw error;
    terminal.tell(l10n.t('{0} The token was not stored.', error.message));
    return EXIT.failed;
  } finally {
    http.dispose();
  }
}

function storedSentence(hub: URL, check: TokenCheck): string {
  if (check.kind === 'unchecked') {
    return l10n.t(
      'The access token for {0} is in the keychain. It could not be checked, because the hub does not tell whose a token is.',
      hub.href,
    );
  }
  return check.name === undefined
    ? l10n.t('The access token for {0} was accepted and is in the keychain.', hub.href)
    : l10n.t('The access token of {1} for {0} is in the keychain.', hub.href, check.name);
}

/** Undefined where the person cancels. */
async function askedToken(hub: URL, { process, signal }: Context): Promise<string | undefined> {
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await answerTo(process.stdin, signal, (either) =>
    password({
      message: l10n.t('Access token for {0}', hub.href),
      input: process.stdin,
      output: process.stderr,
      signal: either,
      validate: (text) => (text?.trim() ? undefined : l10n.t('Paste a token first.')),
    }),
  );
  return isCancel(answer) ? undefined : answer;
}

/** A token is much shorter. Bytes. */
const LONGEST_INPUT = 64 * 1024;

async function pipedToken(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, input)) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).byteLength;
    if (size > LONGEST_INPUT) break;
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') {
    throw new WrongUse(
      l10n.t('Standard input holds no access token. Pipe it in, or run this in a terminal.'),
    );
  }
  return text;
}
