import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { cancelOnSignals } from '../../../src/cli/cancellation.ts';

describe('The terminal’s program', () => {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']) {
    it(`is cancelled by ${name}, and ended at once by a second one`, () => {
      const process = new EventEmitter();
      let ended = 0;
      const cancellation = cancelOnSignals(process as NodeJS.Process, () => (ended += 1));
      process.emit(name);
      assert(cancellation.signal.aborted);
      assert.equal(ended, 0);
      process.emit(name);
      assert.equal(ended, 1);
      cancellation.dispose();
      assert(!process.emit(name));
    });
  }
});
