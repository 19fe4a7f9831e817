import * as l10n from '@vscode/l10n';
import { type Advice, clientAdvice, missingAdvice } from '../../core/instructions/clientAdvice.ts';
import type { Admission } from '../../core/hosts/policies.ts';
import type { ActionId } from '../../core/instructions/clients.ts';
import type { PanelContent, UsesState } from './content.ts';
import type { PanelStatement, TabId } from './messages.ts';
import { buildTargetOf } from './targets.ts';

/** What decides whether the snippets of a tab work. Pure. */
export function statements(content: PanelContent, tab: TabId): readonly PanelStatement[] {
  switch (tab) {
    case 'publish':
    case 'install':
      return installedStatements(content, tab);
    case 'code':
      return usesStatements(content.uses);
    case 'pipeline':
      return [...clientStatements(content), ...policyStatements(content)];
  }
}

function clientStatements({ builds, choice }: PanelContent): readonly PanelStatement[] {
  const used = builds?.clientFor(choice.client) ?? choice.client;
  if (used === choice.client) return [];
  const sentence = l10n.t('A pipeline cannot publish with {0}, so its step uses {1}.', choice.client, used);
  return [{ tone: 'warning', sentence }];
}

function policyStatements(content: PanelContent): readonly PanelStatement[] {
  const { builds, policy } = content;
  switch (policy.kind) {
    case 'none':
      return [];
    case 'looking':
      return [{ tone: 'waiting', sentence: l10n.t('Reading the registry’s OIDC policy…') }];
    case 'failed':
      return [{ tone: 'warning', sentence: policy.sentence }];
    case 'known': {
      const admission = builds?.admission(policy.policy, buildTargetOf(content));
      return admission ? [{ tone: ADMISSION_TONES[admission.kind], sentence: admission.sentence }] : [];
    }
  }
}

const ADMISSION_TONES: Readonly<Record<Admission['kind'], PanelStatement['tone']>> = {
  allowed: 'good',
  denied: 'bad',
  unknown: 'warning',
};

function installedStatements(
  { choice, installed, subject }: PanelContent,
  action: ActionId,
): readonly PanelStatement[] {
  const { client: program } = choice;
  if (program !== 'hf' && program !== 'huggingface-cli') return [];
  switch (installed.kind) {
    case 'looking':
      return [{ tone: 'waiting', sentence: l10n.t('Looking for {0} on this machine…', program) }];
    case 'untrusted':
      return [
        {
          tone: 'warning',
          sentence: l10n.t(
            'This workspace is not trusted, so {0} was not looked for on this machine.',
            program,
          ),
        },
      ];
    case 'known': {
      const found = installed.clients.find((candidate) => candidate.program === program);
      const advice = found
        ? clientAdvice(program, found.version, action, subject.traits)
        : missingAdvice(program, installed.clients.length > 0);
      return [{ tone: TONES[advice.verdict], sentence: advice.sentence }];
    }
  }
}

const TONES: Readonly<Record<Advice['verdict'], PanelStatement['tone']>> = {
  works: 'good',
  'may fail': 'warning',
  cannot: 'bad',
};

function usesStatements(uses: UsesState): readonly PanelStatement[] {
  switch (uses.kind) {
    case 'none':
      return [
        {
          tone: 'waiting',
          sentence: l10n.t('Name a model to see which libraries can load it.'),
        },
      ];
    case 'looking':
      return [{ tone: 'waiting', sentence: l10n.t('Looking at the model’s files…') }];
    case 'failed':
      return [{ tone: 'warning', sentence: uses.sentence }];
    case 'known':
      return uses.uses.length > 0
        ? []
        : [
            {
              tone: 'waiting',
              sentence: l10n.t(
                'Its files do not tell which library loads it: it has no config.json with a model type, no model_index.json and no GGUF file.',
              ),
            },
          ];
  }
}
