import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import { MOST_TRANSFERS } from '../core/publish/mostTransfers.ts';
import { concurrencyOption, jsonOption, verboseOption } from './options.ts';

/** How something is to be sent to a registry, as commander gives it. */
export interface SendingOptions {
  readonly message?: string;
  readonly dryRun?: boolean;
  readonly allowSecrets?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly concurrency?: number;
}

/** The same with every choice made. */
export interface Sending {
  /** Message of the commit in the registry; undefined: the subject of what is published. */
  readonly message: string | undefined;
  readonly dryRun: boolean;
  readonly allowSecrets: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  /** Transfers at once, at most; undefined: as many as the link takes. */
  readonly concurrency: number | undefined;
}

/** The options of whatever publishes, but for `--message`, whose words are the command's own. */
export function addSendingOptions(command: Command): Command {
  return command
    .option('--dry-run', l10n.t('tell what would be published, and send nothing'))
    .option('--allow-secrets', l10n.t('publish files that look like they hold secrets, too'))
    .addOption(jsonOption())
    .addOption(concurrencyOption(MOST_TRANSFERS))
    .addOption(verboseOption());
}

export function sendingOf(options: SendingOptions): Sending {
  const { message, concurrency } = options;
  const { dryRun = false, allowSecrets = false, json = false, verbose = false } = options;
  return { message, concurrency, dryRun, allowSecrets, json, verbose };
}
