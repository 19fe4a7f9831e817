import { createHmac, timingSafeEqual } from 'node:crypto';

export type SignatureProblem = 'wrong' | 'expired';

/** URLs that carry their own authority, as presigned S3 URLs do: who has one needs no token. */
export class SignedUrls {
  readonly #key: string;
  readonly #uploadRoot: () => string | undefined;

  /** @param uploadRoot origin of upload URLs where it is not the one the caller used. */
  constructor(key: string, uploadRoot: () => string | undefined) {
    this.#key = key;
    this.#uploadRoot = uploadRoot;
  }

  upload(
    root: string,
    path: string,
    parameters: Readonly<Record<string, string | number>>,
    lifetimeMs: number,
  ): string {
    return this.#sign(this.#uploadRoot() ?? root, path, parameters, lifetimeMs);
  }

  download(
    root: string,
    path: string,
    parameters: Readonly<Record<string, string | number>>,
    lifetimeMs: number,
  ): string {
    return this.#sign(root, path, parameters, lifetimeMs);
  }

  /** Why a URL is no good; undefined when it is. */
  problem(url: URL): SignatureProblem | undefined {
    const query = new URLSearchParams(url.search);
    const given = Buffer.from(query.get('signature') ?? '', 'hex');
    query.delete('signature');
    const right = this.#signature(url.pathname, query);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return 'wrong';
    return Number(query.get('expires')) <= Date.now() ? 'expired' : undefined;
  }

  #sign(
    root: string,
    path: string,
    parameters: Readonly<Record<string, string | number>>,
    lifetimeMs: number,
  ): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) query.set(name, String(value));
    query.set('expires', String(Date.now() + lifetimeMs));
    query.set('signature', this.#signature(path, query).toString('hex'));
    return `${root}${path}?${query.toString()}`;
  }

  #signature(path: string, query: URLSearchParams): Buffer {
    return createHmac('sha256', this.#key).update(`${path}?${query.toString()}`).digest();
  }
}
