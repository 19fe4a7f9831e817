import * as z from 'zod';
import { asGitObjectId, asSha256, type GitObjectId, type Sha256 } from '../../core/objectIds.ts';

/** The scheme of every document of this room. */
export const SCHEME = 'model-registries';

/** Which version of which model, and the account that reaches it. Holds no secret. */
export interface VersionAddress {
  readonly accountId: string;
  readonly organization: string;
  /** Slug. */
  readonly registry: string;
  /** `namespace/name`. */
  readonly model: string;
  readonly commit: GitObjectId;
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

/**
 * The address as a document's URI spells it. The path begins with a folder for people to read, and what counts is in the query: so a
 * relative link inside a document leads to another file of the same version.
 */
export interface UriParts {
  readonly path: string;
  readonly query: string;
}

const shown = z.enum(['bytes', 'text', 'digest']);
const gitObjectId = z.string().transform((text, context) => asGitObjectId(text) ?? refuse(context));
const sha256 = z.string().transform((text, context) => asSha256(text) ?? refuse(context));

const storedAddress = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('version'),
    account: z.string(),
    organization: z.string(),
    registry: z.string(),
    model: z.string(),
    commit: gitObjectId,
    shown,
  }),
  z.strictObject({
    of: z.literal('head'),
    folder: z.string(),
    commit: gitObjectId,
    blob: gitObjectId,
    size: z.int().nonnegative(),
    sha256: sha256.optional(),
    shown,
  }),
]);

type StoredAddress = z.input<typeof storedAddress>;

export function uriPartsOf(address: FileAddress): UriParts {
  return {
    path: `${readableFolder(address)}/${address.path}`,
    query: JSON.stringify(stored(address)),
  };
}

function stored(address: FileAddress): StoredAddress {
  const { shown } = address;
  if (address.kind === 'head') {
    const { folder, commit, gitSha1, size, sha256 } = address;
    return { of: 'head', folder, commit, blob: gitSha1, size, sha256, shown };
  }
  const { accountId, organization, registry, model, commit } = address.version;
  return { of: 'version', account: accountId, organization, registry, model, commit, shown };
}

/** The address that `parts` spell; undefined for anything else, such as a path that climbed out of its version. */
export function fileAddressOf({ path, query }: UriParts): FileAddress | undefined {
  const { data } = storedAddress.safeParse(parsed(query));
  if (!data) return undefined;
  const address = { ...addressIn(data), path: '' };
  const folder = readableFolder(address);
  if (path === folder) return address.kind === 'version' ? address : undefined;
  return path.startsWith(`${folder}/`) ? { ...address, path: path.slice(folder.length + 1) } : undefined;
}

function addressIn(data: z.output<typeof storedAddress>): FileAddress {
  const path = '';
  const { shown } = data;
  if (data.of === 'head') {
    const { folder, commit, blob, size, sha256 } = data;
    return { kind: 'head', folder, commit, path, gitSha1: blob, size, sha256, shown };
  }
  const { account, organization, registry, model, commit } = data;
  return {
    kind: 'version',
    version: { accountId: account, organization, registry, model, commit },
    path,
    shown,
  };
}

function readableFolder(address: FileAddress): string {
  const [name, commit] =
    address.kind === 'version'
      ? [address.version.model, address.version.commit]
      : [address.folder.split(/[\\/]/).findLast((part) => part !== '') ?? 'HEAD', address.commit];
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
