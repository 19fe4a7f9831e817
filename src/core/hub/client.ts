import * as l10n from '@vscode/l10n';
import type { AccessToken } from '../accessToken.ts';
import { Failure } from '../failure.ts';
import type { BodyContent, HttpClient, HttpRequest, HttpResponse } from '../http/client.ts';
import type { CommitName, GitObjectId, Sha256 } from '../objectIds.ts';
import { asCommitName } from '../objectIds.ts';
import { addressesOf } from './addresses.ts';
import { batchAnswer, commitAnswer, headAnswer, preuploadAnswer, refsAnswer } from './answers.ts';
import type { BatchAnswer } from './answers.ts';
import type { CommitBody } from './commitBody.ts';
import { listCommits } from './commitList.ts';
import { readFileContent } from './fileContent.ts';
import { isFilePath, listAllFiles } from './fileList.ts';
import { readFileMetadata } from './fileMetadata.ts';
import { readBatch, readHeld } from './lfsBatch.ts';
import type { BatchedObject, LfsObject, UploadInstructions } from './lfsBatch.ts';
import { uploadObject } from './upload.ts';

/** Files of one `preupload` call and objects of one `batch` call, at most: what every client and server keeps to. */
export const MAX_PER_CALL = 256;

/** The commit a revision points to. */
export interface Head {
  /** The revision's own name where the server gives its commit none that can be used. */
  readonly commit: CommitName;
  /** Its paths, where the server tells them here. */
  readonly paths: readonly string[];
}

/** A file of a commit in the registry. Ids that the server did not tell are undefined. */
export interface RemoteFile {
  readonly path: string;
  /** Bytes of the content. */
  readonly size: number | undefined;
  /** Git object id of the blob; of an LFS file's pointer. */
  readonly gitSha1: GitObjectId | undefined;
  /** Present for an LFS file. */
  readonly sha256: Sha256 | undefined;
}

export interface RemoteCommit {
  readonly id: CommitName;
  /** Whole commit message, as far as the server tells it. */
  readonly message: string;
  /** Who made it, as far as the server tells. */
  readonly author: string | undefined;
}

/** A file about to be committed. */
export interface PreuploadFile {
  readonly path: string;
  readonly size: number;
  /** The first {@link SAMPLE_BYTES} bytes, or all where there are fewer. */
  readonly sample: Uint8Array;
}

export const SAMPLE_BYTES = 512;

/** How the server wants a file. */
export interface PreuploadAdvice {
  readonly mode: 'lfs' | 'regular';
  /** Stock clients leave such a file out. */
  readonly ignored: boolean;
  /** What the revision holds at that path now: SHA-256 of an LFS file, Git object id of another one. */
  readonly remoteId: string | undefined;
}

/** The content of an LFS object: opened by ranges, again for every attempt. */
export interface ObjectContent extends LfsObject {
  /** `ascending`: a range may be opened only when the one before it was sent; `any`: several may be read at once. */
  readonly ranges: 'any' | 'ascending';
  /** Bytes from `start` up to `end`, exclusive. */
  open(start: number, end: number): Promise<BodyContent>;
  /** Resolves once all that was read is known to be the object, and rejects where it is not. Awaited before parts are put together. */
  proved(): Promise<void>;
}

export interface TransferOptions {
  /** What is sent, localised, as it stands in a failure's sentence. */
  readonly subject: string;
  /** Bytes that left since the last call; negative when an attempt starts over. */
  readonly onSent: (bytes: number) => void;
  /** Called before a request is tried again, with what went wrong. */
  readonly onRetry?: (failure: Failure) => void;
  readonly signal: AbortSignal;
}

export interface CommitOptions extends TransferOptions {
  /** Milliseconds without a byte in either direction before it is given up. Absent: those of the HTTP client. */
  readonly idleTimeoutMs?: number;
}

export interface UploadOptions extends TransferOptions {
  /** Does one transfer, of a whole object or of a part, when its turn has come. */
  readonly inTurn: <T>(transfer: () => Promise<T>) => Promise<T>;
}

/**
 * One model behind a Hub endpoint (https://huggingface.co/docs/hub/api; what clients really send and servers really answer is in
 * the tests). Every call throws a `Failure`, or the signal's reason when aborted. The token goes to the endpoint's own origin only.
 */
export interface HubClient {
  /**
   * `POST /api/repos/create`. `refused` is no failure yet: some servers have no such call, and make a model when it is first written to.
   * Where that is not so, the write that is refused for it fails with this refusal, which tells more.
   */
  create(signal: AbortSignal): Promise<'created' | 'exists' | 'refused'>;
  /**
   * Whether the model has branches, which are made before they are committed to; elsewhere a commit makes its revision.
   */
  hasBranches(signal: AbortSignal): Promise<boolean>;
  /**
   * `POST /api/models/{id}/branch/{revision}`, from a commit or, without one, from the head of `main`. `unknown`: the
   * server has no such call, or nothing to begin a branch with, and a commit makes its revision.
   */
  createBranch(
    revision: string,
    from: CommitName | undefined,
    signal: AbortSignal,
  ): Promise<'created' | 'exists' | 'unknown'>;
  /** undefined where the model, that revision of it, or a first commit does not exist. */
  head(revision: string, signal: AbortSignal): Promise<Head | undefined>;
  /** Every file of a revision; undefined where the server lists none. */
  tree(revision: string, signal: AbortSignal): Promise<readonly RemoteFile[] | undefined>;
  /** The newest commits of a revision, newest first; undefined where the server lists none. */
  commits(revision: string, signal: AbortSignal): Promise<readonly RemoteCommit[] | undefined>;
  /** Asks how at most {@link MAX_PER_CALL} files are wanted. Every file is in the answer. */
  preupload(
    revision: string,
    files: readonly PreuploadFile[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, PreuploadAdvice>>;
  /**
   * Asks for upload addresses of at most {@link MAX_PER_CALL} objects, no oid twice. Every object is in what is
   * returned.
   */
  batch(
    revision: string,
    objects: readonly LfsObject[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Sha256, BatchedObject>>;
  /**
   * Whether the server has each of at most {@link MAX_PER_CALL} objects, which it is asked for as if to download them.
   * Those of which it says nothing are left out; all of them where it has no such call.
   */
  holds(objects: readonly LfsObject[], signal: AbortSignal): Promise<ReadonlyMap<Sha256, boolean>>;
  /** What the server tells of one file of a revision by its head. `notFound` where it has none. */
  file(revision: string, path: string, signal: AbortSignal): Promise<RemoteFile>;
  /** The whole content of a small file of a revision, held to the hash that the list of files told of it. */
  content(revision: string, file: RemoteFile, maxBytes: number, signal: AbortSignal): Promise<Buffer>;
  /** Sends one object as a batch answer says, parts side by side, and has it verified where the server wants that. */
  upload(content: ObjectContent, instructions: UploadInstructions, options: UploadOptions): Promise<void>;
  /**
   * Makes the commit visible, and returns what the server calls it. Never sent again after a lost answer: that is a failure
   * of kind `unknownOutcome`, and the caller has to look.
   */
  commit(revision: string, body: CommitBody, options: CommitOptions): Promise<string>;
}

export interface HubClientOptions {
  /** What `HF_ENDPOINT` would hold. */
  readonly endpoint: URL;
  readonly token: AccessToken;
  /** `namespace/name`, or `name` where the service has one-segment ids. */
  readonly model: string;
  readonly http: HttpClient;
  /** Milliseconds that the list of a revision's files may take with all its pages. Default an hour. */
  readonly listingDeadlineMs?: number;
}

/** A tree of 100,000 files with the smallest pages seen in the wild has 2,000 of them. */
const LISTING_DEADLINE_MS = 60 * 60_000;
const MAX_TREE_PAGE_BYTES = 32 * 1024 * 1024;
const LFS_JSON = 'application/vnd.git-lfs+json';
/** Statuses of a server that does not know a call. */
const UNKNOWN_CALL = [404, 405, 410, 501];
/** Statuses of a server whose batches are for uploads only. */
const NO_DOWNLOADS = [400, ...UNKNOWN_CALL, 422];

export function createHubClient(hub: HubClientOptions): HubClient {
  const { endpoint, token, model, http, listingDeadlineMs = LISTING_DEADLINE_MS } = hub;
  const addresses = addressesOf(endpoint, model);
  const subject = l10n.t('the model “{0}” on {1}', model, endpoint.host);

  const send = (
    request: Omit<HttpRequest, 'subject' | 'token'> & { readonly subject?: string },
  ): Promise<HttpResponse> => http.send({ subject, token, ...request });

  const read = (url: URL, signal: AbortSignal): Promise<HttpResponse> =>
    send({
      method: 'GET',
      url,
      retry: 'idempotent',
      accept: [404],
      maxResponseBytes: MAX_TREE_PAGE_BYTES,
      signal,
    });

  let notCreated: Failure | undefined;
  const write = async (request: Parameters<typeof send>[0]): Promise<HttpResponse> => {
    try {
      const response = await send(request);
      notCreated = undefined;
      return response;
    } catch (error) {
      const follows = error instanceof Failure && (error.kind === 'notFound' || error.kind === 'forbidden');
      throw follows ? (notCreated ?? error) : error;
    }
  };

  const batchCall = async (
    call: { readonly operation: 'upload'; readonly ref: object } | { readonly operation: 'download' },
    objects: readonly LfsObject[],
    signal: AbortSignal,
  ): Promise<BatchAnswer> => {
    const isUpload = call.operation === 'upload';
    const response = await (isUpload ? write : send)({
      method: 'POST',
      url: addresses.batch(),
      headers: { accept: LFS_JSON },
      body: {
        kind: 'json',
        contentType: LFS_JSON,
        value: {
          transfers: isUpload ? ['basic', 'multipart'] : ['basic'],
          hash_algo: 'sha256',
          ...call,
          objects: objects.map(({ oid, size }) => ({ oid, size })),
        },
      },
      retry: 'idempotent',
      maxResponseBytes: MAX_TREE_PAGE_BYTES,
      signal,
    });
    return response.json(batchAnswer);
  };
  const batchOnce = async (
    revision: string,
    objects: readonly LfsObject[],
    signal: AbortSignal,
  ): Promise<Map<Sha256, BatchedObject>> => {
    const call = { operation: 'upload', ref: { name: revision } } as const;
    return readBatch(await batchCall(call, objects, signal), objects, addresses, Date.now());
  };

  return {
    async create(signal) {
      const [name, namespace] = model.split('/').reverse();
      try {
        const { status } = await send({
          method: 'POST',
          url: addresses.create(),
          body: { kind: 'json', value: { name, organization: namespace ?? null, type: 'model' } },
          // Creating twice is harmless: the second answer is 409.
          retry: 'idempotent',
          accept: [409],
          signal,
        });
        return status === 409 ? 'exists' : 'created';
      } catch (error) {
        if (!(error instanceof Failure) || error.status === undefined) throw error;
        if (UNKNOWN_CALL.includes(error.status)) {
          notCreated = noHubAt(endpoint, error);
          return 'refused';
        }
        if (![401, 402, 403].includes(error.status)) throw error;
        // A token that may write to a model but not make one: what counts is whether the model is there.
        const { status } = await read(addresses.model(), signal);
        if (status !== 404) return 'exists';
        if (error.kind !== 'forbidden') throw error;
        notCreated = error;
        return 'refused';
      }
    },

    async hasBranches(signal) {
      const response = await send({
        method: 'GET',
        url: addresses.refs(),
        retry: 'idempotent',
        accept: UNKNOWN_CALL,
        signal,
      });
      if (UNKNOWN_CALL.includes(response.status)) return false;
      try {
        return response.json(refsAnswer).branches.length > 0;
      } catch (error) {
        // Something else answers there.
        if (error instanceof Failure) return false;
        throw error;
      }
    },

    async createBranch(revision, from, signal) {
      const { status } = await send({
        method: 'POST',
        url: addresses.ofRevision('branch', revision),
        body: { kind: 'json', value: from === undefined ? {} : { startingPoint: from } },
        // Creating twice is harmless: the second answer is 409.
        retry: 'idempotent',
        accept: [409, ...UNKNOWN_CALL],
        signal,
      });
      if (status === 409) return 'exists';
      return UNKNOWN_CALL.includes(status) ? 'unknown' : 'created';
    },

    async head(revision, signal) {
      const response = await read(addresses.ofRevision('revision', revision), signal);
      if (response.status === 404) return undefined;
      const { sha, siblings } = response.json(headAnswer);
      const paths = (siblings ?? []).flatMap(({ rfilename: path }) =>
        path && isFilePath(path) ? [path] : [],
      );
      // Null where nothing was committed yet; a server without names for commits leaves it out.
      if (sha === null || (!sha && paths.length === 0)) return undefined;
      const commit = asCommitName(sha ?? '') ?? asCommitName(revision);
      return commit && { commit, paths };
    },

    tree: (revision, signal) => listAllFiles(hub, revision, listingDeadlineMs, signal),

    commits: (revision, signal) => listCommits(hub, revision, signal),

    async preupload(revision, files, signal) {
      // No `gitIgnore`: it makes servers advise against files that the commit holds in spite of it, and the commit is what counts.
      // `gitAttributes` would change nothing: the commit's own LFS files are sent as such anyway.
      const response = await write({
        method: 'POST',
        url: addresses.ofRevision('preupload', revision),
        body: {
          kind: 'json',
          value: {
            files: files.map(({ path, size, sample }) => ({
              path,
              sample: Buffer.from(sample).toString('base64'),
              size,
            })),
          },
        },
        retry: 'idempotent',
        signal,
      });
      const advice = new Map(
        response
          .json(preuploadAnswer)
          .files.map(({ path, uploadMode, shouldIgnore, oid }) => [
            path,
            { mode: modeOf(uploadMode), ignored: shouldIgnore ?? false, remoteId: oid?.toLowerCase() },
          ]),
      );
      const forgotten = files.filter(({ path }) => !advice.has(path)).map(({ path }) => path);
      if (forgotten.length > 0) {
        throw new Failure(
          'protocol',
          l10n.t('The server did not say how it wants “{0}”.', forgotten[0] ?? ''),
          {
            paths: forgotten,
          },
        );
      }
      return advice;
    },

    async batch(revision, objects, signal) {
      const answered = await batchOnce(revision, objects, signal);
      const forgotten = objects.filter(({ oid }) => !answered.has(oid));
      if (forgotten.length === 0) return answered;
      // Some servers leave objects out of a long answer; asked for alone they have to tell.
      const again = await batchOnce(revision, forgotten, signal);
      const leftOut = forgotten
        .filter(({ oid }) => !again.has(oid))
        .map(({ oid }): [Sha256, BatchedObject] => [oid, { kind: 'leftOut' }]);
      return new Map([...answered, ...again, ...leftOut]);
    },

    async holds(objects, signal) {
      try {
        return readHeld(await batchCall({ operation: 'download' }, objects, signal), objects);
      } catch (error) {
        const isUnknown = error instanceof Failure && NO_DOWNLOADS.includes(error.status ?? 0);
        if (!isUnknown) throw error;
        return new Map();
      }
    },

    file: (revision, path, signal) => readFileMetadata(hub, revision, path, signal),

    content: (revision, file, maxBytes, signal) => readFileContent(hub, revision, file, maxBytes, signal),

    upload: (content, instructions, options) =>
      uploadObject(content, instructions, { http, token, endpoint, addresses }, options),

    async commit(revision, { length, open }, options) {
      const response = await write({
        method: 'POST',
        url: addresses.ofRevision('commit', revision),
        body: { kind: 'stream', length, open, contentType: 'application/x-ndjson' },
        // It is short beside what was transferred before, and shall not wait for what another publish transfers.
        lane: 'question',
        retry: 'never',
        ...options,
      });
      return response.json(commitAnswer).commitOid;
    },
  };
}

function modeOf(uploadMode: string): 'lfs' | 'regular' {
  if (uploadMode === 'lfs' || uploadMode === 'regular') return uploadMode;
  throw new Failure(
    'protocol',
    l10n.t('The server wants files by “{0}”, which is not known here.', uploadMode),
  );
}

function noHubAt(endpoint: URL, cause: Failure): Failure {
  return new Failure(
    'notFound',
    l10n.t(
      'There is no registry for Hugging Face models at {0}, or this access token may not see it.',
      endpoint.host + endpoint.pathname,
    ),
    { status: cause.status, serverMessage: cause.serverMessage, requestId: cause.requestId, cause },
  );
}
