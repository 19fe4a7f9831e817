import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { commitBody } from '../../../src/core/hub/commitBody.ts';
import type { CommitOperation } from '../../../src/core/hub/commitBody.ts';
import { asGitObjectId, asSha256 } from '../../../src/core/objectIds.ts';
import { anyText } from '../../setup/anyText.ts';

const PARENT = asGitObjectId('a'.repeat(40))!;
const OID = asSha256('b'.repeat(64))!;

interface Line {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

const parsed = (bytes: Buffer): Line[] =>
  bytes
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** A file whose content arrives in pieces of any size, as from a disk or a pipe. */
const fileArbitrary = fc
  .record({
    path: anyText({ minLength: 1 }),
    pieces: fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 6 }),
  })
  .map(({ path, pieces }) => ({
    content: Buffer.concat(pieces),
    operation: {
      kind: 'file',
      path,
      size: pieces.reduce((sum, piece) => sum + piece.length, 0),
      open: () => Readable.from(pieces.map((piece) => Buffer.from(piece))),
    } satisfies CommitOperation,
  }));

describe('the body of a commit', () => {
  it('has exactly the length it states, and gives back every byte of every file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fileArbitrary), anyText(), async (files, summary) => {
        const body = commitBody({
          summary,
          description: 'Git-Commit: ' + PARENT,
          parentCommit: PARENT,
          operations: files.map(({ operation }) => operation),
        });
        const bytes = await buffer(body.open());
        assert.equal(bytes.length, body.length);
        const [header, ...lines] = parsed(bytes);
        assert.equal(header?.value.summary, summary);
        assert.deepEqual(
          lines.map(({ value }) => [value.path, Buffer.from(String(value.content), 'base64')]),
          files.map(({ operation, content }) => [operation.path, content]),
        );
      }),
    );
  });

  it('puts the header first and deletions before everything else', async () => {
    const body = commitBody({
      summary: 'Replace a file by a folder',
      description: '',
      parentCommit: PARENT,
      operations: [
        { kind: 'lfsFile', path: 'weights/a.bin', oid: OID, size: 7 },
        { kind: 'deletedFile', path: 'weights' },
      ],
    });
    assert.deepEqual(parsed(await buffer(body.open())), [
      {
        key: 'header',
        value: { summary: 'Replace a file by a folder', description: '', parentCommit: PARENT },
      },
      { key: 'deletedFile', value: { path: 'weights' } },
      { key: 'lfsFile', value: { path: 'weights/a.bin', algo: 'sha256', oid: OID, size: 7 } },
    ]);
  });

  it('names no parent where there is none', async () => {
    const body = commitBody({ summary: 's', description: '', parentCommit: undefined, operations: [] });
    assert.deepEqual(parsed(await buffer(body.open())), [
      { key: 'header', value: { summary: 's', description: '' } },
    ]);
  });

  it('can be opened again, reads the files anew, and closes them when it is given up', async () => {
    const opened: Readable[] = [];
    const body = commitBody({
      summary: 's',
      description: '',
      parentCommit: undefined,
      operations: [
        {
          kind: 'file',
          path: 'big',
          size: 3_000_000,
          open: () => {
            const source = Readable.from(Array.from({ length: 30 }, () => Buffer.alloc(100_000)));
            opened.push(source);
            return source;
          },
        },
      ],
    });
    const given = body.open();
    for await (const chunk of given) {
      assert.ok(chunk);
      break;
    }
    assert.equal((await buffer(body.open())).length, body.length);
    assert.equal(opened.length, 2);
    assert.ok(opened.every(({ destroyed }) => destroyed));
  });

  it('opens small files some ahead of their turn, and keeps their order', async () => {
    let opened = 0;
    let most = 0;
    let closed = 0;
    const operations = Array.from({ length: 500 }, (_, index): CommitOperation => {
      const content = Buffer.from(`content ${index}`);
      const open = async function* () {
        most = Math.max(most, (opened += 1) - closed);
        await new Promise((resolve) => setTimeout(resolve, (index * 7) % 5));
        closed += 1;
        yield content;
      };
      return { kind: 'file', path: `${index}`, size: content.length, open };
    });
    const body = commitBody({ summary: 's', description: '', parentCommit: undefined, operations });
    const lines = parsed(await buffer(body.open())).slice(1);
    assert.deepEqual(
      lines.map(({ value }) => Buffer.from(String(value.content), 'base64').toString()),
      operations.map((_, index) => `content ${index}`),
    );
    assert.ok(most > 1 && most <= 64, `${most} at once`);
  });

  it('holds 100,000 lines in few blocks', async () => {
    const operations = Array.from({ length: 100_000 }, (_, index): CommitOperation => {
      return { kind: 'lfsFile', path: `shards/${index}.bin`, oid: OID, size: index };
    });
    const body = commitBody({ summary: 's', description: '', parentCommit: undefined, operations });
    let blocks = 0;
    let length = 0;
    for await (const block of body.open() as AsyncIterable<Buffer>) {
      blocks += 1;
      length += block.length;
    }
    assert.equal(length, body.length);
    assert.ok(blocks < 1_000, `${blocks} blocks`);
  });
});
