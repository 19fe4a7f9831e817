import * as fs from 'node:fs';
import type { ObjectStore } from './objects.ts';
import { writePointer, type Pointer } from './pointer.ts';

export type Operation =
  | { readonly kind: 'file'; readonly path: string; readonly mark: number }
  | { readonly kind: 'lfsFile'; readonly path: string; readonly mark: number }
  | { readonly kind: 'deletedFile'; readonly path: string }
  /** Without a slash at its end. */
  | { readonly kind: 'deletedFolder'; readonly path: string };

/** Small contents are written together. */
const flushBytes = 1024 * 1024;

/**
 * The operations of a commit in the making. Contents go to a file as `git fast-import` reads them
 * (https://git-scm.com/docs/git-fast-import), so that a draft of any size costs no memory.
 */
export class CommitDraft {
  readonly #file: string;
  readonly #spool: fs.promises.FileHandle;
  readonly operations: Operation[] = [];
  /** Contents of the `.gitattributes` files among the operations, by path. */
  readonly attributes = new Map<string, Buffer>();
  #marks = 0;
  #unwritten: Buffer[] = [];
  #unwrittenBytes = 0;

  private constructor(file: string, spool: fs.promises.FileHandle) {
    this.#file = file;
    this.#spool = spool;
  }

  static async open(objects: ObjectStore): Promise<CommitDraft> {
    const file = await objects.spoolFile();
    return new CommitDraft(file, await fs.promises.open(file, 'wx'));
  }

  async addFile(path: string, content: Buffer): Promise<void> {
    if (path === '.gitattributes' || path.endsWith('/.gitattributes')) this.attributes.set(path, content);
    this.operations.push({ kind: 'file', path, mark: await this.#blob(content) });
  }

  async addLfsFile(path: string, pointer: Pointer): Promise<void> {
    this.operations.push({ kind: 'lfsFile', path, mark: await this.#blob(writePointer(pointer)) });
  }

  deleteFile(path: string): void {
    this.operations.push({ kind: 'deletedFile', path });
  }

  deleteFolder(path: string): void {
    this.operations.push({ kind: 'deletedFolder', path });
  }

  /** The blobs of all operations, as commands of `git fast-import`. */
  async blobs(): Promise<fs.ReadStream> {
    await this.#flush();
    return fs.createReadStream(this.#file);
  }

  async close(): Promise<void> {
    await this.#spool.close();
    await fs.promises.rm(this.#file, { force: true });
  }

  async #blob(content: Buffer): Promise<number> {
    this.#marks += 1;
    const head = Buffer.from(`blob\nmark :${String(this.#marks)}\ndata ${String(content.length)}\n`);
    this.#unwritten.push(head, content, Buffer.from('\n'));
    this.#unwrittenBytes += head.length + content.length + 1;
    if (this.#unwrittenBytes > flushBytes) await this.#flush();
    return this.#marks;
  }

  async #flush(): Promise<void> {
    const pieces = this.#unwritten;
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    await this.#spool.writeFile(Buffer.concat(pieces));
  }
}
