import * as l10n from '@vscode/l10n';

export const CLIENT_IDS = ['hf', 'huggingface-cli', 'python', 'model-registries', 'curl'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

export const ACTION_IDS = ['publish', 'install'] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** A program or library that reaches a registry. */
interface Client {
  readonly id: ClientId;
  readonly label: string;
  /** Sentences on which versions it works with, why its commands look as they do, and how it is had. */
  readonly notes: Readonly<Record<ActionId, readonly string[]>>;
}

/** What is particular about a server for the clients of huggingface_hub. */
export interface ServerTraits {
  /** It stores files with Xet, too: clients may send them so. */
  readonly xet?: boolean;
  /** It tells the `ETag` of a large new file only after a while, longer than clients wait by themselves. */
  readonly lateEtag?: boolean;
}

/** Seconds that Artifactory and Harness tell people to have clients wait: a day. */
const PATIENCE = '86400';

/**
 * Variables that huggingface_hub needs with such a server besides the token and the endpoint
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables).
 */
export function switches(
  { xet = false, lateEtag = false }: ServerTraits,
  action: ActionId,
): readonly (readonly [name: string, value: string])[] {
  return [
    // From 1.20 on it would insist on Xet for what it sends; it takes what it gets as it comes.
    ...(action === 'publish' && !xet ? [['HF_HUB_DISABLE_XET', '1'] as const] : []),
    ...(lateEtag ? ['ETAG', 'DOWNLOAD'].map((what) => [`HF_HUB_${what}_TIMEOUT`, PATIENCE] as const) : []),
  ];
}

/** What installs huggingface_hub, or a newer one. Every shell takes it as it is. */
export const INSTALL_HUB = 'pip install --upgrade huggingface_hub';

/** The last releases that `huggingface-cli` is in. */
export const INSTALL_OLD_HUB = 'pip install --upgrade "huggingface_hub<1"';

/** In a clone of this repository. */
const INSTALL_OURS = 'npm run build && npm install --global .';

/** Every client that commands are written for. Which version does what was measured with each. */
export function client(id: ClientId): Client {
  switch (id) {
    case 'hf': {
      const source = l10n.t('hf comes with huggingface_hub: {0}', INSTALL_HUB);
      return {
        id,
        label: l10n.t('hf (huggingface_hub 1.2 or newer)'),
        notes: forBoth([source]),
      };
    }
    case 'huggingface-cli': {
      const source = l10n.t(
        'huggingface-cli works up to huggingface_hub 0.36 only; from 1.0 on it is missing or does nothing, and hf takes its place. Where it has to be this one: {0}',
        INSTALL_OLD_HUB,
      );
      return {
        id,
        label: l10n.t('huggingface-cli (huggingface_hub below 1.0)'),
        notes: {
          publish: [
            source,
            l10n.t(
              'If an upload stops with “Unknown repo_type”, this version cannot read the path in the registry’s address: use hf from huggingface_hub 1.2 or newer.',
            ),
          ],
          install: [source],
        },
      };
    }
    case 'python':
      return {
        id,
        label: l10n.t('Python (huggingface_hub)'),
        notes: forBoth([
          l10n.t('It takes the token from the variable HF_TOKEN, and asks for one where that is not set.'),
          l10n.t('Install the library with: {0}', INSTALL_HUB),
        ]),
      };
    case 'model-registries': {
      const common = [
        l10n.t(
          'It takes the token that “model-registries login” keeps for this address in the system’s keychain, else that of HF_TOKEN.',
        ),
        l10n.t(
          'model-registries comes with the source of this extension: in a clone of it, “{0}” puts it on your PATH. It needs Node.js 20.19 or newer, and Git.',
          INSTALL_OURS,
        ),
      ];
      return {
        id,
        label: l10n.t('model-registries (command line of this extension)'),
        notes: {
          publish: [
            l10n.t(
              'model-registries publishes a commit of a Git repository, or what hf has downloaded: what Git LFS or hf knows the hash of is not read again. A model of another hub it streams from there.',
            ),
            l10n.t(
              'A folder that is in no Git repository becomes one by “model-registries init”, with a first commit.',
            ),
            ...common,
          ],
          install: common,
        },
      };
    }
    case 'curl':
      return {
        id,
        label: l10n.t('curl (checks only)'),
        notes: forBoth([
          l10n.t(
            'curl transfers no model here: it shows whether the address, the token and the version are right, without Git or Python.',
          ),
        ]),
      };
  }
}

function forBoth(notes: readonly string[]): Client['notes'] {
  return { publish: notes, install: notes };
}

/** Whether its commands publish and install; those for curl only look. */
export function transfers(id: ClientId): boolean {
  return id !== 'curl';
}
