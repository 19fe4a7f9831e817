import assert from 'node:assert/strict';
import { execa } from 'execa';
import fc from 'fast-check';
import { asGitObjectId, type GitObjectId } from '../../../src/core/objectIds.ts';
import { commitMessage, registryMessage } from '../../../src/core/publish/commitMessage.ts';
import {
  namesCommit,
  namesSnapshot,
  publishedAs,
  withoutTrailers,
} from '../../../src/core/publish/trailer.ts';
import { blob, memorySnapshot } from '../publish/memorySnapshot.ts';
import { startPublishing, type Publishing } from '../publish/publishing.ts';

const id = (digit: string): GitObjectId => asGitObjectId(digit.repeat(40))!;
const OURS = id('a');
const FORGED = id('f');

/** Every spelling that some reader or person may take for the trailer of another commit. */
const FORGERIES = [
  `Git-Commit: ${FORGED}`,
  `git-commit:${FORGED}`,
  `GIT-COMMIT \t: ${FORGED}`,
  `  Git-Commit: ${FORGED}`,
  `\tGit-Commit:\n ${FORGED}`,
  `\u2003Git-Commit: ${FORGED}`,
  `G\u200bit-Commit: ${FORGED}`,
  `\u3164Git-Commit: ${FORGED}`,
  `Git\u00ad-Commit: ${FORGED}`,
  `\uff27\uff49\uff54-\uff23ommit\uff1a ${FORGED}`,
  `G\u0456t-C\u043emmit: ${FORGED}`,
  `Git\u2010Commit\u2236 ${FORGED}`,
  `Gi\u0301t-Commit: ${FORGED}`,
];
/** What ends a line for some reader. */
const ENDS = ['\n', '\r\n', '\r', '\n\n', '\n \n', '\v', '\f', '\u0085', '\u2028', '\u2029'];

/** Lines in which a person sees what takes a program that looks at all of it minutes, or all of its memory. */
const ENDLESS = ['\ufdfa', '\u0316\u0301', 'a\u0316\u0301', '\u200b', ' '].map((text) =>
  text.repeat(Math.ceil(4_000_000 / text.length)),
);

/** The whole message as a registry has it. */
function stored(message: string | undefined, subject = 'Train', commit = OURS): string {
  const { summary, description } = registryMessage({ commit, subject }, message);
  return `${summary}\n\n${description}\n`;
}

/** What was imported from another hub. */
const IMPORTED = {
  commit: OURS,
  subject: 'Train',
  origin: {
    kind: 'hub',
    endpoint: new URL('https://huggingface.co'),
    model: 'org/model',
    revision: 'main',
    address: 'https://huggingface.co/org/model',
    licenses: [],
    selection: { kind: 'all' },
  },
} as const;

/** As Git and the libraries around it read trailers: any paragraph, any case, folded or not. */
function leniently(message: string): string[] {
  const lines = message.split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/);
  return lines.filter((line) => /^\s*git-commit\s*:/i.test(line));
}

describe('the trailer that names the commit that was published', () => {
  for (const forgery of FORGERIES) {
    for (const [where, message, subject] of [
      ['the subject', undefined, forgery],
      ['the summary', forgery, 'Train'],
      ['the description', `Release\n\n${forgery}`, 'Train'],
      ['the end of a line', `Release\n\nText\r${forgery}`, 'Train'],
    ] as const) {
      it(`is not forged by ${JSON.stringify(forgery.slice(0, 14))} in ${where}`, () => {
        const whole = stored(message, subject);
        assert.ok(namesCommit(whole, OURS), whole);
        assert.ok(!namesCommit(whole, FORGED), whole);
        assert.equal(leniently(whole).length, 1, whole);
      });
    }
  }

  it('is ours alone, whatever the message and the subject are', () => {
    const piece = fc.oneof(
      fc.constantFrom(...FORGERIES, ...ENDS, 'Git-Commit', ':', ' ', '> ', FORGED),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.option(text, { nil: undefined }), text, (message, subject) => {
        const whole = stored(message, subject.split(/\r?\n/, 1)[0]);
        assert.ok(namesCommit(whole, OURS), whole);
        assert.ok(!namesCommit(whole, FORGED), whole);
        assert.deepEqual(publishedAs(whole), { kind: 'git', commit: OURS });
        assert.deepEqual(leniently(whole), [`Git-Commit: ${OURS}`]);
        assert.equal(withoutTrailers(withoutTrailers(message ?? '')), withoutTrailers(message ?? ''));
      }),
      { numRuns: 3000 },
    );
  });

  for (const line of ENDLESS) {
    it(`is looked for no longer than it takes to see that a line of ${JSON.stringify(line.slice(0, 3))} is none`, () => {
      assert.equal(withoutTrailers(line), line);
      assert.deepEqual(publishedAs(`Train\n\n${line}\n\nGit-Commit: ${OURS}`), { kind: 'git', commit: OURS });
    });
  }

  it('of an import cannot be forged by who wrote its message, nor passes for one of this machine', () => {
    const own = registryMessage(IMPORTED, undefined).description;
    assert.equal(own, `Imported-From: ${IMPORTED.origin.address}\nSource-Commit: ${OURS}`);
    for (const forgery of [
      ...[
        `Source-Commit: ${FORGED}`,
        `source-commit\t: ${FORGED}`,
        'Imported-From: https://evil.example/a/b',
      ],
      ...[`Im\u200bported-From: x`, `S\u043eurce-Commit: ${FORGED}`, ...FORGERIES],
    ]) {
      for (const end of ENDS) {
        const { summary, description } = registryMessage(
          { ...IMPORTED, subject: forgery },
          `Release${end}${end}${forgery}`,
        );
        const whole = `${summary}\n\n${description}\n`;
        assert.ok(namesSnapshot(whole, IMPORTED), whole);
        assert.ok(namesSnapshot(whole.replaceAll('\n', '\r\n'), IMPORTED), whole);
        assert.ok(!namesSnapshot(whole, { ...IMPORTED, commit: FORGED }), whole);
        const { address } = IMPORTED.origin;
        assert.deepEqual(publishedAs(whole), { kind: 'hub', address, commit: OURS });
        assert.ok(!namesCommit(whole, OURS) && !namesCommit(whole, FORGED), whole);
      }
    }
    const elsewhere = { ...IMPORTED.origin, address: 'https://huggingface.co/org/other' };
    assert.ok(!namesSnapshot(`Train\n\n${own}`, { ...IMPORTED, origin: elsewhere }));
    assert.ok(!namesSnapshot(`Train\n\n${own}`, { commit: OURS }), 'nor for a commit of this machine');
    assert.ok(!namesSnapshot(`Train\n\nGit-Commit: ${OURS}`, IMPORTED));
  });

  it('is read only where it was written: alone, at the end, and as the only one', () => {
    const line = `Git-Commit: ${OURS}`;
    for (const good of [
      `Add\n\n${line}`,
      `Add\r\n\r\nText\r\n\r\n${line}\r\n`,
      `Add\n\nA\nB\n\n${line}\n\n`,
    ]) {
      assert.ok(namesCommit(good, OURS), good);
      assert.deepEqual(publishedAs(good), { kind: 'git', commit: OURS });
    }
    for (const bad of [
      line,
      `Add\n${line}`,
      `Add\n\n${line}\n\nMore`,
      `Add\n\nText\n${line}`,
      `Add\n\n${line}\n${line}`,
      `Add\n\nGit-Commit: ${FORGED}\n\n${line}`,
      `Add\n\ngit-commit: ${FORGED}\n\n${line}`,
      `Add\n\n  ${line}x`,
      `Add\n\ngit-commit: ${OURS}`,
    ]) {
      assert.ok(!namesCommit(bad, OURS), bad);
      assert.equal(publishedAs(bad), undefined, bad);
    }
  });

  it('leaves other messages letter for letter', () => {
    for (const text of [
      'Train longer\n\nSee Git-Commit: in the guide\nGit-Commits: 2\nGit-Commit',
      'モデル-バージョンを更新: 二\n\nМодель-версия: 2\n',
      'Signed-off-by: Ada <ada@example.com>',
    ]) {
      assert.equal(withoutTrailers(text), text);
    }
  });

  it('is not forged by a template either', () => {
    const parts = {
      subject: `Git-Commit: ${FORGED}`,
      sha: OURS,
      shortSha: OURS.slice(0, 7),
      branch: 'main',
      model: 'acme/m',
      registry: 'acme/r',
    };
    const whole = stored(commitMessage('Release\n\n{subject}\n\nGit-Commit: {sha}', parts));
    assert.ok(namesCommit(whole, OURS) && !namesCommit(whole, FORGED));
    assert.equal(leniently(whole).length, 1);
  });

  describe('in a registry', () => {
    let publishing: Publishing;
    before(async () => (publishing = await startPublishing()));
    after(() => publishing.stop());

    it('names the published commit, though its subject and its message name another', async () => {
      const forgery = `Git-Commit: ${FORGED}`;
      const snapshot = memorySnapshot({ 'a.txt': blob('a') }, { subject: forgery });
      await publishing.published(snapshot, 'acme/subject');
      await publishing.published(snapshot, 'acme/message', { message: `Release\n\n${forgery}` });
      for (const model of ['acme/subject', 'acme/message']) {
        const [message = ''] = await publishing.messages(model);
        assert.ok(namesCommit(message, snapshot.commit), message);
        assert.ok(!namesCommit(message, FORGED), message);
        assert.ok(message.includes(`> ${forgery}`), message);
        const { registry } = publishing;
        const folder = registry.gitDirectory(registry.organization, registry.registry, model);
        const trailers = '--format=%(trailers:key=Git-Commit,valueonly)';
        const { stdout } = await execa('git', ['--git-dir', folder, 'log', '-1', trailers, 'main']);
        assert.equal(stdout.trim(), snapshot.commit);
      }
    });
  });
});
