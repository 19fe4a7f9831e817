import * as l10n from '@vscode/l10n';

export const CLIENT_IDS = ['hf', 'huggingface-cli'] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

/** A command-line client of the Hub. Both take the same words for uploads and downloads. */
export interface Client {
  readonly id: ClientId;
  readonly label: string;
  /** Variables it needs besides the token and the endpoint, to work with a server that has no Xet. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Sentences on which versions it works with and why its command looks as it does. */
  readonly notes: readonly string[];
}

/** Every client that commands are written for. Which version does what was measured: facts/hugging-face-hub.md, sections 0 and 4. */
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
  }
}
