import * as l10n from '@vscode/l10n';
import { Command, CommanderError } from 'commander';
import type { CliCommand, Work } from './command.ts';
import { compare } from './commands/compare.ts';
import { completion } from './commands/completion.ts';
import { download } from './commands/download.ts';
import { importModel } from './commands/import.ts';
import { init } from './commands/init.ts';
import { list } from './commands/list.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { publish } from './commands/publish.ts';
import { show } from './commands/show.ts';
import { tokens } from './commands/tokens.ts';
import { WrongUse } from './exitCodes.ts';
import { refuseTokens } from './options.ts';

/** In the order in which `--help` lists them. */
const COMMANDS: readonly CliCommand[] = [
  publish,
  importModel,
  download,
  list,
  show,
  compare,
  init,
  login,
  logout,
  tokens,
  completion,
];

/** Where commander writes. */
interface Writers {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/**
 * What the arguments ask for; undefined where that was help or the version, which was written.
 *
 * @param args without the program and the script.
 * @throws WrongUse where they ask for nothing that can be done. What is wrong was then written already, if `message` is
 *   empty.
 */
export function parseCommandLine(
  args: readonly string[],
  version: string,
  writers: Writers,
): Work | undefined {
  let decided: Work | undefined;
  const program = new Command('model-registries')
    .description(
      l10n.t(
        'Publishes, imports and downloads models of registries that speak the Hugging Face Hub protocol, such as Buildkite’s.',
      ),
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput(writers)
    .showHelpAfterError(l10n.t('(add --help for the arguments and options)'))
    .addHelpText('after', () => `\n${notes()}`);
  refuseTokens(program);
  for (const definition of commandsOf(args)) {
    const command = program.command(definition.name);
    refuseTokens(command);
    definition.declare(command, (work) => (decided = work));
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new WrongUse('', { cause: error });
  }
  return decided;
}

/** The command that is asked for, which saves declaring the others; all for help, mistakes, and `completion`, which tells them. */
function commandsOf([first]: readonly string[]): readonly CliCommand[] {
  const asked = COMMANDS.find((command) => command.name === first && command !== completion);
  return asked === undefined ? COMMANDS : [asked];
}

function notes(): string {
  return [
    l10n.t(
      'The access token is the one that “model-registries login” keeps for the hub, else that of HF_TOKEN.',
    ),
    l10n.t(
      'It goes to no other address than the hub’s, or with “tokens” that of Buildkite’s API, and there only by https or on this machine.',
    ),
    '',
    l10n.t('Exit codes: 0 done, or there already, 1 failed, 2 wrong use, 130 cancelled.'),
    '',
    l10n.t('Connections go through the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.'),
    l10n.t('Certificates of your own are trusted with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.'),
  ].join('\n');
}
