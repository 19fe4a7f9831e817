import { subscribe } from 'node:diagnostics_channel';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestAccess } from '../../src/editor/testAccess.ts';
import { EVIDENCE_LINE, evidenceFolder, requestLines } from '../setup/evidence.ts';
import { FAILED_TEST, type FailedTest } from '../setup/resultsReporter.ts';
import { localRegistry } from './localRegistry.ts';
import { extension } from './testAccess.ts';

/**
 * Keeps, for each failure, what explains it: the message, what the local registry was asked since the test began, and the log of the
 * extension. At once, before a hook that follows can change anything.
 *
 * @param ofSuite Absolute path of the folder for the evidence.
 * @param say Called with a line that names the folder of a failure, for whoever sees the window.
 * @returns To be called when a test begins.
 */
export function keepEvidence(ofSuite: string, say: (line: string) => void): () => void {
  let from = 0;
  subscribe(FAILED_TEST, (failed) => {
    const { name, reason } = failed as FailedTest;
    const folder = evidenceFolder(ofSuite, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'failure.txt'), `${name}\n\n${reason}\n`);
    writeFileSync(join(folder, 'registry.log'), requestLines(localRegistry().requests.slice(from)));
    if (extension().isActive) {
      const { logFolder } = extension().exports as TestAccess;
      cpSync(logFolder, join(folder, 'logs'), { recursive: true });
    }
    say(`${EVIDENCE_LINE}${folder}`);
  });
  return () => {
    from = localRegistry().requests.length;
  };
}
