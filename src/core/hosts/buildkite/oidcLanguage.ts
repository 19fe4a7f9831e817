import * as l10n from '@vscode/l10n';
import type { PolicyLanguage } from '../policies.ts';
import { policyCompletions } from './oidcCompletion.ts';
import { isEmptyPolicy, parseOidcPolicy } from './oidcPolicy.ts';
import { AGENT_ISSUER } from './oidcTokens.ts';

const DOCUMENTATION = new URL('https://buildkite.com/docs/package-registries/security/oidc');

/** The policies of Buildkite's registries. */
export const oidcLanguage: PolicyLanguage = {
  documentation: DOCUMENTATION,
  beginning: ({ organization, slug }) =>
    [
      l10n.t('{0} has no OIDC policy: builds need an access token of somebody.', `${organization}/${slug}`),
      l10n.t('A statement such as this one lets builds of a pipeline read and write without one:'),
      '',
      `- iss: ${AGENT_ISSUER}`,
      '  scopes:',
      '    - read_packages',
      '    - write_packages',
      '  claims:',
      `    organization_slug: ${organization}`,
      '    pipeline_slug: train',
      '    build_branch: main',
      '',
      DOCUMENTATION.href,
    ]
      .map((line) => `# ${line}`.trimEnd() + '\n')
      .join(''),
  isEmpty: isEmptyPolicy,
  problems: (text) => parseOidcPolicy(text).problems,
  completions: policyCompletions,
};
