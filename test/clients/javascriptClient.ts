/**
 * `upload MODEL FOLDER` and `download MODEL FOLDER` by `@huggingface/hub`, whose own command line accepts no token but
 * Hugging Face's: https://github.com/huggingface/huggingface.js/issues/2521
 */
import { cp } from 'node:fs/promises';
import { createRepo, snapshotDownload, uploadFiles } from '@huggingface/hub';
import { readFiles } from './folder.ts';

const [command, name = '', folder = ''] = process.argv.slice(2);
const { HF_ENDPOINT: hubUrl = '', HF_TOKEN: token = '' } = process.env;
const repo = { type: 'model', name } as const;

const authorized: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  // Signed URLs carry their own authority, and no client sends them a token.
  if (/\/api\/|\/resolve\/|\/info\/lfs\/objects\/batch$/.test(pathname)) {
    headers.set('Authorization', `Bearer ${token}`);
  }
  return fetch(input, { ...init, headers });
};
const target = { repo, hubUrl, fetch: authorized };

if (command === 'upload') {
  await createRepo({ ...target, accessToken: '' });
  const files = [...(await readFiles(folder))].map(([path, content]) => ({
    path,
    content: new Blob([new Uint8Array(content)]),
  }));
  const result = await uploadFiles({ ...target, files, commitTitle: 'Upload with JavaScript' });
  console.log(result?.commit.oid);
} else {
  const snapshot = await snapshotDownload({ ...target, cacheDir: `${folder}.cache` });
  await cp(snapshot, folder, { recursive: true, dereference: true });
}
