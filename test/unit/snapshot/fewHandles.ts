/** Opens the folder of its argument with ever more file handles left, and writes how that ended, a line of JSON each. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { Failure } from '../../../src/core/failure.ts';
import { openSnapshot } from '../../../src/core/snapshot/openSnapshot.ts';
import { contentOf, silent } from './repositories.ts';

const [, , folder = ''] = process.argv;
const MOST = 40;

async function outcome(): Promise<object> {
  try {
    const snapshot = await openSnapshot(folder, { signal: new AbortController().signal, log: silent });
    try {
      for (const file of snapshot.files) await contentOf(file.open());
      return { kind: 'opened', files: snapshot.files.length };
    } finally {
      await snapshot.dispose();
    }
  } catch (error) {
    return error instanceof Failure
      ? { kind: error.kind, message: error.message }
      : { kind: 'crashed', message: error instanceof Error ? error.stack : String(error) };
  }
}

/** Every handle that there is. */
function all(): number[] {
  const handles: number[] = [];
  try {
    for (;;) handles.push(openSync(devNull, 'r'));
  } catch {
    return handles;
  }
}

// Whatever is loaded late is loaded.
await outcome();
const lines: string[] = [];
for (let left = 0; left <= MOST; left += 1) {
  const handles = all();
  for (const handle of handles.splice(0, left)) closeSync(handle);
  const ended = await outcome();
  for (const handle of handles) closeSync(handle);
  lines.push(JSON.stringify({ left, ...ended }));
}
process.stdout.write(`${lines.join('\n')}\n`);
