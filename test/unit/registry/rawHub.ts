import { execa } from 'execa';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { RegistryOptions, RunningRegistry } from '../../registry/registry.ts';
import { startRegistry } from '../../registry/startRegistry.ts';
import { noGitConfiguration } from '../../setup/noGitConfiguration.ts';

/** What a test leaves behind and must take away again, last first. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }

  async folder(): Promise<string> {
    const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'registry-test-'));
    this.add(() => fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    return folder;
  }

  /** In a new folder unless one is given. */
  async registry(options: Partial<RegistryOptions> = {}): Promise<RunningRegistry> {
    const registry = await startRegistry({ dataDir: options.dataDir ?? (await this.folder()), ...options });
    this.add(() => registry.stop());
    return registry;
  }
}

export const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Git's id of a blob. */
export const blobId = (content: string | Buffer) =>
  createHash('sha1')
    .update(`blob ${String(Buffer.byteLength(content))}\0`)
    .update(content)
    .digest('hex');

export function pointerText(content: Buffer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${String(content.length)}\n`;
}

export interface UploadAction {
  readonly href: string;
  readonly header?: Readonly<Record<string, string>>;
}

export interface BatchAnswer {
  readonly transfer?: string;
  readonly objects: readonly {
    readonly oid: string;
    readonly size: number;
    readonly actions?: { readonly upload: UploadAction; readonly verify?: UploadAction };
    readonly error?: { readonly code: number; readonly message: string };
  }[];
}

/** A Hub client that does nothing but send what a test says. */
export class RawHub {
  readonly endpoint: string;
  readonly #token: string | undefined;
  readonly model: string;

  constructor(
    registry: RunningRegistry,
    options: {
      readonly token?: string | undefined;
      readonly model?: string;
      readonly organization?: string;
      readonly registry?: string;
    } = {},
  ) {
    const organization = options.organization ?? registry.organization;
    this.endpoint = `${registry.packagesUrl}/${organization}/${options.registry ?? registry.registry}/huggingface`;
    this.#token = 'token' in options ? options.token : registry.token;
    this.model = options.model ?? 'acme/demo';
  }

  fetch(target: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`);
    return fetch(`${this.endpoint}/${target}`, { redirect: 'manual', ...init, headers });
  }

  post(target: string, body: unknown): Promise<Response> {
    return this.fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async create(): Promise<void> {
    const [organization, name] = this.model.split('/');
    const answer = await this.post('api/repos/create', { name, organization, type: 'model' });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async preupload(files: Readonly<Record<string, string | Buffer>>, extra: object = {}) {
    const answer = await this.post(`api/models/${this.model}/preupload/main`, {
      files: Object.entries(files).map(([path, content]) => ({
        path,
        size: Buffer.byteLength(content),
        sample: Buffer.from(content).subarray(0, 512).toString('base64'),
      })),
      ...extra,
    });
    if (!answer.ok) throw new Error(await answer.text());
    const { files: modes } = (await answer.json()) as {
      files: { path: string; uploadMode: string; shouldIgnore: boolean; oid?: string | null }[];
    };
    return new Map(modes.map((file) => [file.path, file]));
  }

  async batch(
    contents: readonly Buffer[],
    transfers: readonly string[] = ['basic', 'multipart'],
  ): Promise<BatchAnswer> {
    const answer = await this.post(`${this.model}.git/info/lfs/objects/batch`, {
      operation: 'upload',
      transfers,
      hash_algo: 'sha256',
      ref: { name: 'main' },
      objects: contents.map((content) => ({ oid: sha256(content), size: content.length })),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as BatchAnswer;
  }

  /** The signed URL of a basic upload. */
  async uploadUrl(content: Buffer): Promise<string> {
    return (await this.batch([content], ['basic'])).objects[0]!.actions!.upload.href;
  }

  async upload(content: Buffer): Promise<void> {
    const answer = await fetch(await this.uploadUrl(content), { method: 'PUT', body: content });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** @param operations lines after the header. */
  commit(operations: readonly object[], header: object = {}, branch = 'main'): Promise<Response> {
    const lines = [{ key: 'header', value: { summary: 'Publish', ...header } }, ...operations];
    return this.fetch(`api/models/${this.model}/commit/${encodeURIComponent(branch)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    });
  }

  /** As `commit`, and answers the SHA. */
  async committed(operations: readonly object[], header: object = {}): Promise<string> {
    const answer = await this.commit(operations, header);
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { commitOid: string }).commitOid;
  }

  async json(target: string): Promise<unknown> {
    const answer = await this.fetch(target);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }
}

export const file = (path: string, content: string | Buffer) => ({
  key: 'file',
  value: { path, content: Buffer.from(content).toString('base64'), encoding: 'base64' },
});

export const lfsFile = (path: string, content: Buffer) => ({
  key: 'lfsFile',
  value: { path, algo: 'sha256', oid: sha256(content), size: content.length },
});

/** Git as it comes, without the filters of Git LFS. */
export async function plainGit(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('git', args, {
    cwd: folder,
    env: noGitConfiguration,
    stripFinalNewline: false,
  });
  return stdout;
}

interface ListedPackage {
  readonly name: string;
  readonly version: string;
}

/** Packages of the default registry as the REST API lists them, newest first. */
export async function listedPackages(registry: RunningRegistry): Promise<readonly ListedPackage[]> {
  const answer = await fetch(
    `${registry.apiUrl}/packages/organizations/${registry.organization}/registries/${registry.registry}/packages`,
    { headers: { authorization: `Bearer ${registry.token}` } },
  );
  return ((await answer.json()) as { items: ListedPackage[] }).items;
}

/** Status and text of an answer. */
export async function outcome(answer: Promise<Response>): Promise<{ status: number; text: string }> {
  const response = await answer;
  return { status: response.status, text: await response.text() };
}
