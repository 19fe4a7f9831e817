/**
 * How tokens begin, as a part of a pattern: access tokens and those of browser logins and trusted publishers (`hf_`, `hf_oauth_`,
 * `hf_jwt_`: https://huggingface.co/docs/hub/security-tokens), and the former tokens of organizations.
 */
export const HUB_TOKEN_BEGINNING = '(?:hf_|api_org_)';

/** Names in programs begin so, too: what follows is one long word. */
export const HUB_TOKEN = /\b(?:hf_(?:oauth_|jwt_)?|api_org_)[A-Za-z0-9]{30,}\b/g;
