import * as l10n from '@vscode/l10n';
import { type ActionId, INSTALL_HUB, INSTALL_OLD_HUB, type ServerTraits } from './clients.ts';

/** The programs that come with huggingface_hub. */
export const HUB_PROGRAMS = ['hf', 'huggingface-cli'] as const;
export type HubProgram = (typeof HUB_PROGRAMS)[number];

export interface Advice {
  /** `may fail`: it depends on the server. */
  readonly verdict: 'works' | 'may fail' | 'cannot';
  /** Localised; says the way out where it does not simply work. */
  readonly sentence: string;
}

/** What brings the newest release that a program is in. */
const UPGRADES: Readonly<Record<HubProgram, string>> = {
  hf: INSTALL_HUB,
  'huggingface-cli': INSTALL_OLD_HUB,
};

/**
 * Whether a program of huggingface_hub can do what the commands here ask of it, as measured with its real releases.
 *
 * @param version As `hf version` tells it, such as `1.33.0`. `none`: the program is there and does nothing but refuse,
 *   as `huggingface-cli` from 1.10.1 on. undefined: it did not tell.
 */
export function clientAdvice(
  program: HubProgram,
  version: string | undefined,
  action: ActionId,
  { xet = false }: ServerTraits = {},
): Advice {
  if (version === 'none') return goneAdvice(program);
  const release = version === undefined ? undefined : parseRelease(version);
  if (release === undefined) {
    return {
      verdict: 'may fail',
      sentence: l10n.t(
        '{0} is installed here but did not tell its version. If its command fails, update it: {1}',
        program,
        UPGRADES[program],
      ),
    };
  }
  const name = `${program} ${version ?? ''}`;
  if (program === 'huggingface-cli' && !isBelow(release, [1, 0])) return goneAdvice(program);
  if (isBelow(release, [0, 17])) {
    return {
      verdict: 'cannot',
      sentence: l10n.t(
        '{0} is installed here, and is too old for these commands. Update it: {1}',
        name,
        UPGRADES[program],
      ),
    };
  }
  if (action === 'install' || (!isBelow(release, [1, 2]) && (xet || isBelow(release, [1, 20])))) {
    return { verdict: 'works', sentence: l10n.t('{0} is installed here and works with this command.', name) };
  }
  if (isBelow(release, [1, 2])) {
    return {
      verdict: 'may fail',
      sentence: l10n.t(
        '{0} is installed here. Below huggingface_hub 1.2 it takes a part of the registry’s address for the kind of repository: if it stops with “Unknown repo_type”, update it ({1}) and use hf.',
        name,
        INSTALL_HUB,
      ),
    };
  }
  return {
    verdict: 'works',
    sentence: l10n.t(
      '{0} is installed here and works with this command, as HF_HUB_DISABLE_XET=1 keeps it from Xet storage, which the registry does not have.',
      name,
    ),
  };
}

/** What is said where the program is not on the editor's `PATH`: an environment of a terminal may have it. */
export function missingAdvice(program: HubProgram, hasOther: boolean): Advice {
  if (program === 'huggingface-cli' && hasOther) {
    return {
      verdict: 'cannot',
      sentence: l10n.t('huggingface-cli is not installed here, but hf is: choose hf.'),
    };
  }
  return {
    verdict: 'may fail',
    sentence: l10n.t(
      '{0} is not on the PATH of VS Code. If no environment that you activate in the terminal has it, install it: {1}',
      program,
      UPGRADES[program],
    ),
  };
}

function goneAdvice(program: HubProgram): Advice {
  return {
    verdict: 'cannot',
    sentence: l10n.t(
      'The {0} that is installed here does nothing any more: from huggingface_hub 1.0 on, hf takes its place. Choose hf.',
      program,
    ),
  };
}

type Release = readonly [major: number, minor: number];

function parseRelease(version: string): Release | undefined {
  const [, major, minor] = /^(\d{1,5})\.(\d{1,5})/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

function isBelow([major, minor]: Release, [otherMajor, otherMinor]: Release): boolean {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
