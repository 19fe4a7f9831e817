import * as l10n from '@vscode/l10n';
import { Document, Scalar, visit } from 'yaml';
import type { BuildInstructions, BuildTarget } from '../service.ts';
import { commandText, type Written } from '../../shells/commandText.ts';
import { quotePosix } from '../../shells/quoting.ts';
import type { ClientId } from '../../instructions/clients.ts';
import { admission } from './oidcAdmission.ts';
import { AGENT_ISSUER } from './oidcTokens.ts';
import {
  type Snippet,
  MODEL_PLACEHOLDER,
  publishWords,
  textOf,
  uploadWords,
} from '../../instructions/snippets.ts';

const PIPELINE_PLACEHOLDER = '<pipeline>';

/** Seconds that a token of an agent may live at most: https://buildkite.com/docs/package-registries/security/oidc */
const LIFETIME_SECONDS = 300;

const STEP_KEY = 'publish-model';

type PipelineClient = 'hf' | 'huggingface-cli' | 'model-registries';

/** A step of a pipeline, and the registry's policy that lets it publish. */
export const buildInstructions: BuildInstructions = {
  clientFor: pipelineClient,
  snippets: (target, id) => pipelineSnippets(target, pipelineClient(id)),
  admission: (policy, target) => admission(policy, target, STEP_KEY),
};

function pipelineClient(id: ClientId): PipelineClient {
  return id === 'python' || id === 'curl' ? 'hf' : id;
}

function pipelineSnippets(target: BuildTarget, program: PipelineClient): readonly Snippet[] {
  return [
    {
      id: 'pipeline.step',
      title: l10n.t('Pipeline step'),
      language: 'yaml',
      ...textOf(pipelineStep(target, program), [
        l10n.t(
          'Add it to the pipeline’s steps. The agent needs {0}, bash, and the model’s files: with Git LFS, let it check them out (git lfs pull).',
          program,
        ),
        l10n.t(
          'The token is asked for right before the upload, because it lives five minutes at most. An upload that takes longer fails at its end, and the step is tried again: files that the registry has by then are not sent again.',
        ),
        l10n.t(
          'For uploads that never fit, take HF_TOKEN from a Buildkite secret with an API access token that may read and write packages.',
        ),
        ...(target.model === undefined
          ? [l10n.t('Replace {0} with the name of your model.', MODEL_PLACEHOLDER)]
          : []),
      ]),
      copyLabel: l10n.t('Copy pipeline step'),
      copied: l10n.t('Pipeline step copied'),
    },
    {
      id: 'pipeline.policy',
      title: l10n.t('OIDC policy of the registry'),
      language: 'yaml',
      ...textOf(oidcPolicy(target), [
        l10n.t(
          'Add it with Edit OIDC Policy on the registry’s row, or in its Settings, under OIDC Policy. It lets builds of that pipeline read and write packages of this registry, and nothing else; statements that are there already stay valid beside it.',
        ),
        ...(target.pipeline === undefined
          ? [
              l10n.t(
                'Replace {0} with the slug of the pipeline, as it stands in its address.',
                PIPELINE_PLACEHOLDER,
              ),
            ]
          : []),
        ...(target.buildBranch === undefined
          ? [
              l10n.t(
                'It holds for builds of every branch. Name a branch under Options to let only its builds publish.',
              ),
            ]
          : []),
      ]),
      copyLabel: l10n.t('Copy OIDC policy'),
      copied: l10n.t('OIDC policy copied'),
    },
  ];
}

/**
 * A step that publishes the files of the checkout with a token of the agent:
 * https://buildkite.com/docs/agent/cli/reference/oidc. What `pipeline upload` interpolates is escaped, so that the
 * agent's shell sees it.
 */
export function pipelineStep(target: BuildTarget, program: PipelineClient): Written {
  const words = program === 'model-registries' ? publishWords(target) : uploadWords(target, program);
  const message =
    target.message === undefined
      ? ` ${program === 'model-registries' ? '--message' : '--commit-message'} "${BUILD_MESSAGE}"`
      : '';
  const lines = [
    'set -euo pipefail',
    ...(program === 'model-registries'
      ? []
      : [`export HF_ENDPOINT=${quoteInPipeline(target.endpoint)}`, 'export HF_HUB_DISABLE_XET=1']),
    `HF_TOKEN="$$(buildkite-agent oidc request-token --audience ${quoteInPipeline(audienceOf(target))} --lifetime ${LIFETIME_SECONDS})"`,
    'export HF_TOKEN',
    `${words.map(quoteInPipeline).join(' ')}${message}`,
  ];
  const step = {
    label: `:package: ${l10n.t('Publish model')}`,
    key: STEP_KEY,
    command: `${lines.join('\n')}\n`,
    retry: { automatic: [{ exit_status: 1, limit: 2 }] },
    ...(target.buildBranch === undefined ? {} : { branches: escapeInterpolation(target.buildBranch) }),
  };
  const { endpoint, buildBranch } = target;
  return yaml({ steps: [step] }, [...words, endpoint, audienceOf(target), buildBranch ?? '']);
}

/**
 * {@link quotePosix} for a command of a pipeline, whose `pipeline upload` interpolates before any shell reads it: every dollar sign is
 * doubled. No backslash that could be taken for its escape stands before one.
 * https://buildkite.com/docs/agent/cli/reference/pipeline#environment-variable-substitution
 */
export function quoteInPipeline(value: string): string {
  return quotePosix(value).replaceAll('$', '$$$$');
}

/** The registry's address, without `/huggingface`. */
function audienceOf({ endpoint }: BuildTarget): string {
  return endpoint.replace(/\/huggingface$/, '');
}

/** Of the agent's own variables, read when the step runs. */
const BUILD_MESSAGE =
  'Build $${BUILDKITE_BUILD_NUMBER} of $${BUILDKITE_PIPELINE_SLUG}, commit $${BUILDKITE_COMMIT}';

/** One statement: https://buildkite.com/docs/package-registries/security/oidc#define-an-oidc-policy */
export function oidcPolicy({ organization, pipeline, buildBranch }: BuildTarget): Written {
  const policy = [
    {
      iss: AGENT_ISSUER,
      scopes: ['read_packages', 'write_packages'],
      claims: {
        organization_slug: organization,
        pipeline_slug: { in: [pipeline ?? PIPELINE_PLACEHOLDER] },
        ...(buildBranch === undefined ? {} : { build_branch: branchMatcher(buildBranch) }),
      },
    },
  ];
  return yaml(policy, [organization, pipeline ?? '', buildBranch ?? '']);
}

/** Only `matches` knows `*` and `?`. */
function branchMatcher(
  branch: string,
): { readonly matches: readonly string[] } | { readonly equals: string } {
  return /[*?]/.test(branch) ? { matches: [branch] } : { equals: branch };
}

/** For a value that no shell reads. A backslash before a dollar sign cannot be kept; no branch holds one. */
function escapeInterpolation(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/**
 * Without anchors, tags and folded lines, which the policy does not take and people do not read. Text that YAML 1.1 or
 * 1.2 takes for something else is quoted: not all readers agree on numbers.
 *
 * @param values What was put into it.
 */
function yaml(value: unknown, values: readonly string[]): Written {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && /^[\d.+-]/.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return commandText(document.toString({ lineWidth: 0 }).split('\n'), values);
}
