import { createCipheriv } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** What a folder holds: content by path, with slashes. */
export type Files = ReadonlyMap<string, Buffer>;

/** A model as people publish them, with what servers and clients have stumbled over. */
export function modelFiles(): Files {
  return new Map<string, Buffer>([
    [
      'README.md',
      Buffer.from('---\nlicense: mit\nlanguage:\n  - de\ntags: [test]\n---\n\n# Tiny — ein Modell\n'),
    ],
    ['config.json', Buffer.from('{"architectures": ["Tiny"], "hidden_size": 8}\n')],
    ['model.safetensors', noise(3 * 1024 * 1024 + 17, 1)],
    ['sub folder/größe & 尺寸.json', Buffer.from('{"größe": "尺寸"}\r\n')],
    ['sub folder/weights (2).safetensors', noise(70_001, 2)],
    ['sub folder/the same weights.safetensors', noise(70_001, 2)],
    ['empty.txt', Buffer.alloc(0)],
  ]);
}

/** Names that are punctuation in URLs; `@huggingface/hub` 2.17.5 asks for them without escaping them. */
export function oddlyNamedFiles(): Files {
  return new Map<string, Buffer>([
    ['100%.json', Buffer.from('{"percent": 100}\n')],
    ['sub folder/what? #1.json', Buffer.from('{}\n')],
  ]);
}

/** Bytes that no compression shortens, the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of files) {
    const file = join(folder, ...path.split('/'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Reads a downloaded or cloned folder; leaves out what is the client's (`.cache`), Git's (`.git`) or the server's (`.gitattributes`). */
export async function readFiles(folder: string): Promise<Files> {
  const files = new Map<string, Buffer>();
  const walk = async (from: string): Promise<void> => {
    for (const name of (await readdir(from)).sort()) {
      const path = join(from, name);
      const parts = relative(folder, path).split(sep);
      if (['.cache', '.git', '.gitattributes'].includes(parts[0] ?? '')) continue;
      const content = await readFile(path).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return undefined;
        throw error;
      });
      if (content === undefined) await walk(path);
      else files.set(parts.join('/'), content);
    }
  };
  await walk(folder);
  return files;
}
