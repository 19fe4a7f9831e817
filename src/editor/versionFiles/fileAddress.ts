import { createHash } from 'node:crypto';
import * as z from 'zod';
import { asGitObjectId, asSha256, type GitObjectId, type Sha256 } from '../../core/objectIds.ts';

/** The scheme of every document of this room. */
export const SCHEME = 'model-registries';

/** Which version of which model, and the account that reaches it. Holds no secret. */
export interface VersionAddress {
  /** Names the account, as {@link accountKey} does. */
  readonly account: string;
  readonly organization: string;
  /** Slug. */
  readonly registry: string;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: GitObjectId;
}

/** A name of an account that fits into the authority of a URI. */
export function accountKey(accountId: string): string {
  return createHash('sha256').update(accountId).digest('hex').slice(0, 16);
}

/**
 * What a document shows of a file: its bytes; its text where it is one, else what it is told apart by (`text`); or always what it is
 * told apart by (`digest`).
 */
export type Shown = 'bytes' | 'text' | 'digest';

/** A file or folder of a published version. The path is empty for the root. */
export interface VersionFileAddress {
  readonly kind: 'version';
  readonly version: VersionAddress;
  readonly path: string;
  readonly shown: Shown;
}

/** A file of a local commit. */
export interface HeadFileAddress {
  readonly kind: 'head';
  /** Absolute path of a folder in the repository. */
  readonly folder: string;
  readonly commit: GitObjectId;
  readonly path: string;
  /** The blob that holds the content; of an LFS file, the pointer. */
  readonly gitSha1: GitObjectId;
  /** Bytes of the content. */
  readonly size: number;
  readonly sha256: Sha256 | undefined;
  readonly shown: Shown;
}

export type FileAddress = VersionFileAddress | HeadFileAddress;

/** The parts of a document's URI. */
export interface UriParts {
  readonly authority: string;
  readonly path: string;
  readonly query: string;
}

const HEAD = 'head';

/**
 * A version is named in authority and path, so that a relative link of a document leads to another file of the same version: an image
 * in a rendered model card keeps nothing else of the document's URI.
 */
export function uriPartsOf(address: FileAddress): UriParts {
  return address.kind === 'version' ? versionParts(address) : headParts(address);
}

/** The address that `parts` spell; undefined for anything else. */
export function fileAddressOf(parts: UriParts): FileAddress | undefined {
  return parts.authority === HEAD ? headFileOf(parts) : versionFileOf(parts);
}

function versionParts({ version, path, shown }: VersionFileAddress): UriParts {
  const { account, organization, registry, model, commit } = version;
  const place = [organization, registry].map(encodeURIComponent).join('/');
  const name = model.replace(/[%@]/g, encodeURIComponent);
  return {
    authority: account,
    path: `/${place}/${name}@${commit}/${path}`,
    query: shown === 'bytes' ? '' : shown,
  };
}

function versionFileOf({ authority, path, query }: UriParts): VersionFileAddress | undefined {
  const [, organization, registry, model, id, rest = ''] =
    /^\/([^/]+)\/([^/]+)\/([^@]+)@([0-9a-f]{40})(?:\/([^]*))?$/.exec(path) ?? [];
  const commit = asGitObjectId(id ?? '');
  const asked = shown.safeParse(query === '' ? 'bytes' : query).data;
  if (!authority || !organization || !registry || !model || !commit || !asked) return undefined;
  try {
    const version = {
      account: authority,
      organization: decodeURIComponent(organization),
      registry: decodeURIComponent(registry),
      model: decodeURIComponent(model),
      commit,
    };
    return { kind: 'version', version, path: rest, shown: asked };
  } catch {
    // A percent sign that we did not write.
    return undefined;
  }
}

const shown = z.enum(['bytes', 'text', 'digest']);
const gitObjectId = z.string().transform((text, context) => asGitObjectId(text) ?? refuse(context));
const sha256 = z.string().transform((text, context) => asSha256(text) ?? refuse(context));

/** What the query holds of a file of a local commit. */
const headQuery = z.strictObject({
  folder: z.string(),
  commit: gitObjectId,
  gitSha1: gitObjectId,
  size: z.int().nonnegative(),
  sha256: sha256.optional(),
  shown,
});

function headParts(address: HeadFileAddress): UriParts {
  const { folder, commit, gitSha1, size, sha256, shown, path } = address;
  const query: z.input<typeof headQuery> = { folder, commit, gitSha1, size, sha256, shown };
  return { authority: HEAD, path: `${headFolder(address)}/${path}`, query: JSON.stringify(query) };
}

function headFileOf({ path, query }: UriParts): HeadFileAddress | undefined {
  const { data } = headQuery.safeParse(parsed(query));
  const folder = data && `${headFolder(data)}/`;
  if (!folder || !path.startsWith(folder)) return undefined;
  return { kind: 'head', sha256: undefined, ...data, path: path.slice(folder.length) };
}

/** For people to read. */
function headFolder({ folder, commit }: Pick<HeadFileAddress, 'folder' | 'commit'>): string {
  const name = folder.split(/[\\/]/).findLast((part) => part !== '') ?? 'HEAD';
  return `/${name}@${commit.slice(0, 7)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(context: z.RefinementCtx): typeof z.NEVER {
  context.addIssue({ code: 'custom', message: 'not an object id' });
  return z.NEVER;
}
