import * as l10n from '@vscode/l10n';

export const CLIENT_IDS = ['hf', 'huggingface-cli', 'python', 'model-registries', 'curl'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

export const ACTION_IDS = ['publish', 'install'] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** A program or library that reaches a registry. */
interface Client {
  readonly id: ClientId;
  readonly label: string;
  /** Sentences on which versions it works with and why its command looks as it does. */
  readonly notes: readonly string[];
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

/** Every client that commands are written for. Which version does what was measured with each. */
export function client(id: ClientId): Client {
  switch (id) {
    case 'hf':
      return {
        id,
        label: l10n.t('hf (huggingface_hub 1.2 or newer)'),
        notes: [l10n.t('hf comes with huggingface_hub: pip install --upgrade huggingface_hub')],
      };
    case 'huggingface-cli':
      return {
        id,
        label: l10n.t('huggingface-cli (huggingface_hub below 1.0)'),
        notes: [
          l10n.t(
            'huggingface-cli works up to huggingface_hub 0.36 only; from 1.0 on it is missing or does nothing, and hf takes its place.',
          ),
          l10n.t(
            "If an upload stops with 'Unknown repo_type', this version cannot read the path in the registry's address: use hf from huggingface_hub 1.2 or newer.",
          ),
        ],
      };
    case 'python':
      return {
        id,
        label: l10n.t('Python (huggingface_hub)'),
        notes: [
          l10n.t('It takes the token from the variable HF_TOKEN, and asks for it where that is not set.'),
          l10n.t('Install the library with: pip install --upgrade huggingface_hub'),
        ],
      };
    case 'model-registries':
      return {
        id,
        label: l10n.t('model-registries (command line of this extension)'),
        notes: [
          l10n.t(
            'model-registries publishes a commit of a Git repository, or a snapshot of the Hugging Face cache: what Git LFS or the cache knows the hash of is not read again.',
          ),
        ],
      };
    case 'curl':
      return {
        id,
        label: l10n.t('curl (checks only)'),
        notes: [
          l10n.t(
            'curl transfers no model here: it shows whether the address, the token and the version are right, without Git or Python.',
          ),
        ],
      };
  }
}

/** Whether `id` can do it; curl only looks. */
export function can(id: ClientId, action: ActionId): boolean {
  switch (id) {
    case 'hf':
    case 'huggingface-cli':
    case 'python':
      return true;
    case 'model-registries':
      return action === 'publish';
    case 'curl':
      return false;
  }
}
