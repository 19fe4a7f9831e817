/** How tokens begin, as a part of a pattern: https://buildkite.com/docs/platform/security/tokens */
export const BUILDKITE_TOKEN_BEGINNING = '(?:bk(?:ua|pt|tx|aa|aj|ct|ar|pat|ps)_)';

export const BUILDKITE_TOKEN = new RegExp(String.raw`\b${BUILDKITE_TOKEN_BEGINNING}[A-Za-z0-9_-]{20,}`, 'g');

/** An API access token, which alone can browse registries. */
export const API_TOKEN = 'bkua_';
/** A token that reads one registry. */
export const REGISTRY_TOKEN = 'bkpt_';
