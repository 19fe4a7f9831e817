/** The Hugging Face Hub, as `HF_ENDPOINT` would hold it: where models come from if nobody says otherwise. */
export const HUGGING_FACE_HUB = 'https://huggingface.co';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether an address is one of this machine, by its name. */
export function isOnThisMachine({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname);
}

/** An address that a token may go to: https, or http on this machine; no credentials, query, fragment or end slash. */
export function parseEndpoint(text: string): URL | undefined {
  const url = URL.parse(text.trim());
  if (!url) return undefined;
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isOnThisMachine(url));
  if (!safe || url.username || url.password || url.search || url.hash) return undefined;
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
