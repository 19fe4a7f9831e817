import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import type { ProgramLender, ServiceSurroundings } from '../service.ts';
import { createBkCli, type BkCli } from './bkCli.ts';

/** Milliseconds for a `bk` that is only asked whether it can be offered. */
const OFFER_TIMEOUT_MS = 5000;

/** The logins of Buildkite's command line, one for each organization. */
export function bkLender({
  setting,
  findProgram,
  environment,
  platform,
}: ServiceSurroundings): ProgramLender {
  const installed = async (timeoutMs?: number): Promise<BkCli | undefined> => {
    const named = setting('bkPath');
    const program = typeof named === 'string' ? await findProgram(named) : undefined;
    return program === undefined ? undefined : createBkCli({ program, environment, platform, timeoutMs });
  };
  const required = async (): Promise<BkCli> => {
    const cli = await installed();
    if (cli) return cli;
    throw new Failure(
      'refused',
      l10n.t(
        'Buildkite’s command line {0} was not found. Install it, or name its place in the setting {1}.',
        'bk',
        'modelRegistries.bkPath',
      ),
    );
  };
  return {
    kind: 'program',
    id: 'bk',
    offer: l10n.t('Use the login of the command line bk'),
    icon: 'terminal',
    question: l10n.t('The organization whose login is used'),
    nameOf: (organization) => `bk, ${organization}`,
    afterwards: l10n.t('The command line bk stays logged in.'),
    logins: async (signal) => {
      const organizations = (await (await installed(OFFER_TIMEOUT_MS))?.organizations(signal)) ?? [];
      return organizations.map(({ slug, selected }) => ({ name: slug, selected }));
    },
    token: async (organization, signal) => (await required()).token(organization, signal),
    renew: async (organization, signal) => (await required()).refresh(organization, signal),
  };
}
