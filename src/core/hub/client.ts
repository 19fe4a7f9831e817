import { Failure } from '../failure.ts';
import type { CommitName, Sha256 } from '../objectIds.ts';
import { batch, storedObjects } from './batch.ts';
import { createBranch, hasBranches } from './branches.ts';
import { sendCommit, type CommitOptions } from './commit.ts';
import type { CommitBody } from './commitBody.ts';
import { listCommits, type RemoteCommit } from './commitList.ts';
import type { HubConnection } from './connection.ts';
import { createModel, type Creation } from './create.ts';
import { readFileContent } from './fileContent.ts';
import { listAllFiles } from './fileList.ts';
import { readFileMetadata } from './fileMetadata.ts';
import { readHead, type Head } from './head.ts';
import type { BatchedObject, LfsObject, UploadInstructions } from './lfsBatch.ts';
import { preupload, type PreuploadAdvice, type PreuploadFile } from './preupload.ts';
import type { RemoteFile } from './remoteFile.ts';
import { uploadObject, type ObjectContent, type UploadOptions } from './upload.ts';

/**
 * One model behind a Hub endpoint (https://huggingface.co/docs/hub/api; what clients really send and servers really answer is in
 * the tests). Every call throws a `Failure`, or the signal's reason when aborted. The token goes to the endpoint's own origin only.
 */
export interface HubClient {
  /**
   * `POST /api/repos/create`. `refused` is no failure yet: some servers have no such call, and make a model when it is first written to.
   * Where that is not so, the write that is refused for it fails with this refusal, which tells more.
   */
  create(signal: AbortSignal): Promise<Creation['kind']>;
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
  /** Asks how at most `MAX_PER_CALL` files are wanted. Every file is in the answer. */
  preupload(
    revision: string,
    files: readonly PreuploadFile[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, PreuploadAdvice>>;
  /** Asks for upload addresses of at most `MAX_PER_CALL` objects, no oid twice. Every object is in what is returned. */
  batch(
    revision: string,
    objects: readonly LfsObject[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Sha256, BatchedObject>>;
  /**
   * Whether the server has each of at most `MAX_PER_CALL` objects, which it is asked for as if to download them.
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

export function createHubClient(hub: HubConnection): HubClient {
  let notCreated: Failure | undefined;
  const write = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const answer = await call;
      notCreated = undefined;
      return answer;
    } catch (error) {
      const follows = error instanceof Failure && (error.kind === 'notFound' || error.kind === 'forbidden');
      throw follows ? (notCreated ?? error) : error;
    }
  };
  return {
    async create(signal) {
      const creation = await createModel(hub, signal);
      if (creation.kind === 'refused') notCreated = creation.failure;
      return creation.kind;
    },
    hasBranches: (signal) => hasBranches(hub, signal),
    createBranch: (revision, from, signal) => createBranch(hub, revision, from, signal),
    head: (revision, signal) => readHead(hub, revision, signal),
    tree: (revision, signal) => listAllFiles(hub, revision, signal),
    commits: (revision, signal) => listCommits(hub, revision, signal),
    preupload: (revision, files, signal) => write(preupload(hub, revision, files, signal)),
    batch: (revision, objects, signal) => write(batch(hub, revision, objects, signal)),
    holds: (objects, signal) => storedObjects(hub, objects, signal),
    file: (revision, path, signal) => readFileMetadata(hub, revision, path, signal),
    content: (revision, file, maxBytes, signal) => readFileContent(hub, revision, file, maxBytes, signal),
    upload: (content, instructions, options) => uploadObject(hub, content, instructions, options),
    commit: (revision, body, options) => write(sendCommit(hub, revision, body, options)),
  };
}
