import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import {
  asCommitName,
  asGitObjectId,
  asSha256,
  type CommitName,
  type GitObjectId,
  type Sha256,
} from '../../core/objectIds.ts';
import { textAs } from '../../core/schemas.ts';

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
  readonly commit: CommitName;
}

/** A name of an account that fits into the authority of a URI. */
export function accountKey(accountId: string): string {
  return createHash('sha256').update(accountId).digest('hex').slice(0, 16);
}

/**
 * What a document shows of a file: its bytes; its text where it is one, else what it is told apart by (`text`); or
 * always what it is told apart by (`digest`).
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
 * A document of bytes names its version in authority and path, so that a relative link leads to another file of the
 * same version: an image in a rendered model card keeps nothing else of the document's URI. A side of a comparison
 * names all but the file in the query, because a diff takes files whose paths differ for renamed.
 */
export function uriPartsOf(address: FileAddress): UriParts {
  if (address.kind === 'head') return headParts(address);
  return address.shown === 'bytes' ? bytesParts(address) : sideParts(address, address.shown);
}

/** The address that `parts` spell; undefined for anything else. */
export function fileAddressOf(parts: UriParts): FileAddress | undefined {
  if (parts.authority === HEAD) return headFileOf(parts);
  return parts.query === '' ? bytesFileOf(parts) : sideFileOf(parts);
}

function bytesParts({ version, path }: VersionFileAddress): UriParts {
  const { account, organization, registry, model, commit } = version;
  const place = [organization, registry].map(encodeURIComponent).join('/');
  const name = model.replace(/[%@]/g, encodeURIComponent);
  return { authority: account, path: `/${place}/${name}@${encodeURIComponent(commit)}/${path}`, query: '' };
}

function bytesFileOf({ authority, path }: UriParts): VersionFileAddress | undefined {
  const [, organization, registry, model, id, rest = ''] =
    /^\/([^/]+)\/([^/]+)\/([^@]+)@([^/]+)(?:\/([^]*))?$/.exec(path) ?? [];
  if (!authority || !organization || !registry || !model || !id) return undefined;
  try {
    const commit = asCommitName(decodeURIComponent(id));
    if (commit === undefined) return undefined;
    const version = {
      account: authority,
      organization: decodeURIComponent(organization),
      registry: decodeURIComponent(registry),
      model: decodeURIComponent(model),
      commit,
    };
    return { kind: 'version', version, path: rest, shown: 'bytes' };
  } catch {
    // A percent sign that we did not write.
    return undefined;
  }
}

const gitObjectId = textAs(asGitObjectId, 'no Git object id');
const commitName = textAs(asCommitName, 'no name of a commit');
const sha256 = textAs(asSha256, 'no SHA-256');

/** What the query holds of a version's file that is compared. */
const sideQuery = z.strictObject({
  organization: z.string().check(z.minLength(1)),
  registry: z.string().check(z.minLength(1)),
  model: z.string().check(z.minLength(1)),
  commit: commitName,
  shown: z.enum(['text', 'digest']),
});

function sideParts({ version, path }: VersionFileAddress, shown: 'text' | 'digest'): UriParts {
  const { account, organization, registry, model, commit } = version;
  const query: z.input<typeof sideQuery> = { organization, registry, model, commit, shown };
  return { authority: account, path: `/${path}`, query: JSON.stringify(query) };
}

function sideFileOf({ authority, path, query }: UriParts): VersionFileAddress | undefined {
  const { data } = sideQuery.safeParse(parsed(query));
  if (!data || !authority || !path.startsWith('/')) return undefined;
  const { shown, ...version } = data;
  return { kind: 'version', version: { account: authority, ...version }, path: path.slice(1), shown };
}

/** What the query holds of a file of a local commit. */
const headQuery = z.strictObject({
  folder: z.string(),
  commit: gitObjectId,
  gitSha1: gitObjectId,
  size: z.int().check(z.nonnegative()),
  sha256: z.optional(sha256),
  shown: z.enum(['bytes', 'text', 'digest']),
});

function headParts({ folder, commit, gitSha1, size, sha256, shown, path }: HeadFileAddress): UriParts {
  const query: z.input<typeof headQuery> = { folder, commit, gitSha1, size, sha256, shown };
  return { authority: HEAD, path: `/${path}`, query: JSON.stringify(query) };
}

function headFileOf({ path, query }: UriParts): HeadFileAddress | undefined {
  const { data } = headQuery.safeParse(parsed(query));
  if (!data || !path.startsWith('/')) return undefined;
  return { kind: 'head', sha256: undefined, ...data, path: path.slice(1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
