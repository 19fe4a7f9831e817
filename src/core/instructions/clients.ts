import * as l10n from '@vscode/l10n';

export const CLIENT_IDS = ['hf', 'huggingface-cli', 'python', 'model-registries', 'curl'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

export const ACTION_IDS = ['publish', 'install'] as const;
export type ActionId = (typeof ACTION_IDS)[number];

/** A program or library that reaches a registry. */
interface Client {
  readonly id: ClientId;
  readonly label: string;
  /** Variables it needs besides the token and the endpoint, to work with a server that has no Xet. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Sentences on which versions it works with and why its command looks as it does. */
  readonly notes: readonly string[];
}

/** Every client that commands are written for. Which version does what was measured with each. */
export function client(id: ClientId): Client {
  switch (id) {
    case 'hf':
      return {
        id,
        label: l10n.t('hf (huggingface_hub 1.2 or newer)'),
        environment: [['HF_HUB_DISABLE_XET', '1']],
        notes: [
          l10n.t(
            'HF_HUB_DISABLE_XET=1 is needed because the registry stores files with Git LFS and has no Xet storage: without it, hf from huggingface_hub 1.20 or newer asks for an Xet token and fails.',
          ),
          l10n.t('hf comes with huggingface_hub: pip install --upgrade huggingface_hub'),
        ],
      };
    case 'huggingface-cli':
      return {
        id,
        label: l10n.t('huggingface-cli (huggingface_hub below 1.0)'),
        environment: [],
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
        environment: [],
        notes: [
          l10n.t('It takes the token from the variable HF_TOKEN, and asks for it where that is not set.'),
          l10n.t('Install the library with: pip install --upgrade huggingface_hub'),
        ],
      };
    case 'model-registries':
      return {
        id,
        label: l10n.t('model-registries (command line of this extension)'),
        environment: [],
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
        environment: [],
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
