import { Failure } from '../failure.ts';
import type { CommitName } from '../objectIds.ts';
import { batch, storedObjects } from './batch.ts';
import { createBranch, hasBranches } from './branches.ts';
import { sendCommit, type CommitOptions } from './commit.ts';
import type { CommitBody } from './commitBody.ts';
import { listCommits } from './commitList.ts';
import type { HubConnection } from './connection.ts';
import { createModel, type Creation } from './create.ts';
import { readFileContent } from './fileContent.ts';
import { listAllFiles } from './fileList.ts';
import { readFileMetadata } from './fileMetadata.ts';
import { readHead } from './head.ts';
import type { LfsObject, UploadInstructions } from './lfsBatch.ts';
import { preupload, type PreuploadFile } from './preupload.ts';
import type { RemoteFile } from './remoteFile.ts';
import { uploadObject, type ObjectContent, type UploadOptions } from './upload.ts';

/**
 * One model behind a Hub endpoint (https://huggingface.co/docs/hub/api; what clients really send and servers really
 * answer is in the tests): the calls of this folder, a file for each. Every one throws a `Failure`, or the signal's
 * reason when aborted. The token goes to the endpoint's own origin only.
 */
export type HubClient = ReturnType<typeof createHubClient>;

/**
 * Some servers refuse to create a model, and make it when it is first written to. Where that is not so, the write that
 * is refused for it fails with the first refusal, which tells more.
 */
export function createHubClient(hub: HubConnection) {
  let notCreated: Failure | undefined;
  const write = async <T>(call: Promise<T>): Promise<T> => {
    try {
      const answer = await call;
      notCreated = undefined;
      return answer;
    } catch (error) {
      const follows =
        error instanceof Failure &&
        error.source === undefined &&
        (error.kind === 'notFound' || error.kind === 'forbidden');
      throw follows ? (notCreated ?? error) : error;
    }
  };
  return {
    async create(signal: AbortSignal): Promise<Creation['kind']> {
      const creation = await createModel(hub, signal);
      if (creation.kind === 'refused') notCreated = creation.failure;
      return creation.kind;
    },
    hasBranches: (signal: AbortSignal) => hasBranches(hub, signal),
    createBranch: (revision: string, from: CommitName | undefined, signal: AbortSignal) =>
      createBranch(hub, revision, from, signal),
    head: (revision: string, signal: AbortSignal) => readHead(hub, revision, signal),
    tree: (revision: string, signal: AbortSignal) => listAllFiles(hub, revision, signal),
    commits: (revision: string, signal: AbortSignal) => listCommits(hub, revision, signal),
    preupload: (revision: string, files: readonly PreuploadFile[], signal: AbortSignal) =>
      write(preupload(hub, revision, files, signal)),
    batch: (revision: string, objects: readonly LfsObject[], signal: AbortSignal) =>
      write(batch(hub, revision, objects, signal)),
    stored: (objects: readonly LfsObject[], signal: AbortSignal) => storedObjects(hub, objects, signal),
    file: (revision: string, path: string, signal: AbortSignal) =>
      readFileMetadata(hub, revision, path, signal),
    content: (revision: string, file: RemoteFile, maxBytes: number, signal: AbortSignal) =>
      readFileContent(hub, revision, file, maxBytes, signal),
    upload: (content: ObjectContent, instructions: UploadInstructions, options: UploadOptions) =>
      uploadObject(hub, content, instructions, options),
    commit: (revision: string, body: CommitBody, options: CommitOptions) =>
      write(sendCommit(hub, revision, body, options)),
  };
}
