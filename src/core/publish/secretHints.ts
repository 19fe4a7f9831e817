/**
 * What every secret that `secretTexts` finds has in it. Most texts have nothing of the kind; one pass over them is
 * cheaper than forty, and than to load what looks closer.
 */
const TOKEN_HINTS = [
  'hf_|api_org_|bk[a-z]{2,3}_|gh[pousr]_|github_pat_|gl(?:pat-|c_|sa_)|AKIA|ASIA|ABIA|ACCA|AIza|GOCSPX-|ya29\\.',
  'sk-[a-zA-Z0-9]|[sr]k_(?:live|test)_|xai-|pplx-|nvapi-|r8_|pcsk_|lsv2_|dop_v1_|pypi-AgE|ATATT3|AccountKey=',
  '/webhooks/|\\d:AA[\\w-]{33}|eyJ[\\w+/=-]{12}|PRIVATE KEY|PuTTY-User|AGE-SECRET|machine\\s|"key"',
  'npm_|_authToken|x-oauth-basic|://[^\\s/]{1,520}@|xox[bpaor]-|xapp-|SG\\.\\w|shp(?:pa|ca|at|ss)_|gsk_|lin_api_',
  'ntn_|ops_ey|hv[sbr]\\.|vc[piark]_|dapi[A-Fa-f0-9]{8}|dckr_pat_|figd_|cf(?:k|ut|at)_|tskey-',
];
const HINTS: readonly RegExp[] = [
  new RegExp(TOKEN_HINTS.join('|')),
  /(?:key|token|secret|passw(?:or)?d|passphrase|authorization)\\?["']?\s*(?:[:=]|=>)/i,
  /wandb|hooks\.slack\.com|(?:mongodb|mysql|postgres)[a-z+]{0,4}:\/\//i,
];

/** Whether it is worth while to look closer at a text. */
export function mayHoldSecret(text: string): boolean {
  return HINTS.some((hint) => hint.test(text));
}
