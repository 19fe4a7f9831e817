import { BUILDKITE_TOKEN, BUILDKITE_TOKEN_BEGINNING } from './buildkite/tokenForms.ts';
import { HUB_TOKEN, HUB_TOKEN_BEGINNING } from './hub/tokenForms.ts';

/** How tokens of every kind of service begin, as a part of a pattern: for the redaction of logs. */
export const SERVICE_TOKEN_BEGINNING = `(?:${BUILDKITE_TOKEN_BEGINNING}|${HUB_TOKEN_BEGINNING})`;

/** Whole tokens of every kind of service, in a text that is mostly something else. */
export const SERVICE_TOKENS: readonly RegExp[] = [BUILDKITE_TOKEN, HUB_TOKEN];
