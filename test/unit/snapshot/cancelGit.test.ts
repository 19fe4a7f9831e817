import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { folderHead } from '../../../src/core/localModels/head.ts';
import { openGitSnapshot } from '../../../src/core/snapshot/git/openGitSnapshot.ts';
import { until } from '../../setup/until.ts';
import { pointerTo, processes, scratch, silent } from './repositories.ts';

const CANCELLED = new Error('cancelled');

describe('A cancel while Git is asked', () => {
  const { folder, repository } = scratch();

  function model() {
    const made = repository();
    made.write('README.md', '# Model');
    made.write('weights.bin', pointerTo('w'.repeat(5000)));
    made.write('models/tiny/config.json', '{}');
    made.commit('Model');
    return made;
  }

  const uses = {
    'the opening of a snapshot': async (path: string, signal: AbortSignal, trace: () => void) => {
      const snapshot = await openGitSnapshot(path, { signal, log: { ...silent, trace } });
      await snapshot.dispose();
    },
    'a look at a head': async (path: string, signal: AbortSignal, trace: () => void) => {
      await folderHead(join(path, 'models', 'tiny'), { signal, log: { ...silent, trace } });
    },
  };

  for (const [what, use] of Object.entries(uses)) {
    it(`ends ${what} whichever command comes next, and leaves no rejection that nobody hears`, async () => {
      const { path } = model();
      const unheard: unknown[] = [];
      const hear = (reason: unknown) => unheard.push(reason);
      process.on('unhandledRejection', hear);
      try {
        let commands = 0;
        await use(path, new AbortController().signal, () => (commands += 1));
        assert(commands > 3, String(commands));
        for (let at = 1; at <= commands; at += 1) {
          const controller = new AbortController();
          let asked = 0;
          const trace = () => {
            asked += 1;
            if (asked === at) controller.abort(CANCELLED);
          };
          await assert.rejects(use(path, controller.signal, trace), CANCELLED, `command ${at}`);
          await nextTurn();
          assert.deepEqual(unheard, [], `command ${at}`);
        }
      } finally {
        process.off('unhandledRejection', hear);
      }
      assert.deepEqual(processes(), []);
    });
  }

  // A program in place of Git is a shell script; what it proves is the same everywhere.
  if (process.platform !== 'win32') {
    for (const command of ['ls-tree', 'cat-file --batch', 'status']) {
      it(`does not wait for what a wrapper of Git leaves behind, and closes its streams: ${command}`, async () => {
        const { path } = model();
        const top = folder();
        const [git, begun, ended] = [join(top, 'git'), join(top, 'begun'), join(top, 'ended')];
        const talk = `trap '' PIPE; while [ -e '${git}' ] && echo x >&2; do sleep 0.05; done`;
        const work = `(touch '${begun}'; ${talk}; touch '${ended}') & wait`;
        const script = `#!/bin/sh\ncase " $* " in *" ${command} "*) ${work};; esac\nexec git "$@"\n`;
        writeFileSync(git, script, { mode: 0o755 });
        const controller = new AbortController();
        const opening = openGitSnapshot(path, { signal: controller.signal, log: silent, git });
        opening.catch(() => undefined);
        await until(() => existsSync(begun), 'Git runs');
        controller.abort(CANCELLED);
        // What is left ends when nobody listens any more, which is not before it was given up.
        await assert.rejects(opening, CANCELLED);
        await until(() => existsSync(ended), 'what was left met with the end of its streams');
        assert.deepEqual(processes(), []);
      });
    }
  }
});
