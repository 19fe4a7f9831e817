import { join } from 'node:path';
import type { RecordedRequest } from '../registry/registry.ts';

/** Begins the line by which a process tells another one of the folder of a failure. */
export const EVIDENCE_LINE = 'evidence: ';

/** The folder, in that of a suite's evidence, for a test of that full title. */
export function evidenceFolder(ofSuite: string, title: string): string {
  return join(ofSuite, title.replaceAll(/[^\w.]+/g, '-').slice(0, 120));
}

/** A line for each request; no token is in it. */
export function requestLines(requests: readonly RecordedRequest[]): string {
  return requests
    .map(({ method, path, status }) => `${method} ${withoutSignature(path)} ${status ?? 'no answer'}\n`)
    .join('');
}

/** A signed address is as good as a token while it lives. */
const withoutSignature = (path: string) => path.replace(/signature=[^&]*/, 'signature=…');
