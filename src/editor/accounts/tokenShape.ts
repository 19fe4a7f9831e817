import * as l10n from '@vscode/l10n';

/** Buildkite's prefixes of tokens that cannot browse registries (https://buildkite.com/docs/platform/security/tokens). */
const OTHER_TOKENS = /^bk(?:pt|tx|aa|aj|ct|ar|pat|ps)_/;

/** Says what is wrong with a token before it is sent anywhere; undefined where nothing is. Old tokens have no prefix at all. */
export function misshapenToken(text: string): string | undefined {
  if (text === '') return l10n.t('Paste a token first.');
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return l10n.t('A token has no spaces, line breaks or special characters. Copy it once more.');
  }
  if (OTHER_TOKENS.test(text)) {
    return l10n.t(
      'This is a token of another kind, such as a registry or agent token. An API access token begins with {0}.',
      'bkua_',
    );
  }
  return undefined;
}
