/** A Hub endpoint as clients are given it: without the slash at its end. */
export function endpointText({ href }: URL): string {
  return href.replace(/\/$/, '');
}
