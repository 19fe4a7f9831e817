import { posix } from 'node:path';
import { isCardFile, isWeightsFile } from '../localModels/evidence.ts';
import { readFrontMatter } from '../snapshot/frontMatter.ts';
import type { Snapshot, SnapshotFile } from '../snapshot/snapshot.ts';
import { isSecretFile } from './secrets.ts';

/** Something that a person should know before they publish. Paths are relative to the published folder. */
export type PublishWarning =
  /** Changes of the work tree that the commit lacks. */
  | { readonly kind: 'uncommitted'; readonly paths: readonly string[] }
  /** Commits that the branch's upstream lacks. */
  | { readonly kind: 'unpushed'; readonly commits: number }
  | { readonly kind: 'noCard' }
  /** The card has no front matter, or none that can be read. */
  | { readonly kind: 'noFrontMatter'; readonly paths: readonly string[] }
  /** Files that are likely to hold secrets, by their names or by what stands in them. */
  | { readonly kind: 'secret'; readonly paths: readonly string[] }
  /** Weights whose loading can run code, where no safe format of them lies beside. */
  | { readonly kind: 'pickle'; readonly paths: readonly string[] }
  /** Large files that are in Git itself. */
  | { readonly kind: 'notInLfs'; readonly paths: readonly string[] }
  /** More than the smallest plan takes in a month. */
  | { readonly kind: 'overPlan'; readonly bytes: number };

/** Buildkite's Personal plan: storage and traffic of a month in bytes (https://buildkite.com/docs/platform/limits). */
export const PERSONAL_PLAN_BYTES = 1_000_000_000;

/** From this size on, in bytes, weights belong into Git LFS; and everything else from the second one on. */
const WEIGHTS_BYTES = 100_000;
const LARGE_BYTES = 10 * 1024 * 1024;

const PICKLES = /\.(?:bin|pt|pth|pkl|pickle|ckpt|joblib)$/i;
/** Every format of weights has files that are called so. */
const ANY_BINARY = /\.bin$/i;
const SAFE = /\.(?:safetensors|gguf)$/i;

/** What warnings are made of. */
export interface WarningFacts {
  readonly snapshot: Pick<Snapshot, 'files' | 'uncommitted' | 'origin'>;
  /** The files that the registry would get. What is there already is not warned of again. */
  readonly changed: readonly SnapshotFile[];
  /** Bytes that travel at most. */
  readonly bytes: number;
  /** The text of the model card; undefined where there is none, or it was not read. */
  readonly card: string | undefined;
  /** Paths of files whose content looks like it holds a secret. */
  readonly secrets: readonly string[];
  /** Paths of files that {@link mayBePickle} by their names, and are none by how they begin. */
  readonly noPickles: readonly string[];
  /** Commits that the upstream lacks; undefined where there is no upstream, or it is not known. */
  readonly ahead: number | undefined;
}

/** What a person should know before they publish, the gravest first. */
export function warningsOf(facts: WarningFacts): readonly PublishWarning[] {
  return [...ofSecrets(facts), ...ofGit(facts), ...ofFiles(facts), ...ofCard(facts), ...ofPlan(facts)];
}

function* ofSecrets({ changed, secrets }: WarningFacts): Iterable<PublishWarning> {
  const found = new Set(secrets);
  const paths = changed.map(({ path }) => path).filter((path) => found.has(path) || isSecretFile(path));
  if (paths.length > 0) yield { kind: 'secret', paths };
}

function* ofGit({ snapshot, ahead }: WarningFacts): Iterable<PublishWarning> {
  // What was merely touched is most likely the same.
  const paths = snapshot.uncommitted.filter(({ kind }) => kind !== 'touched').map(({ path }) => path);
  if (paths.length > 0) yield { kind: 'uncommitted', paths };
  if (ahead !== undefined && ahead > 0) yield { kind: 'unpushed', commits: ahead };
}

function* ofFiles({ snapshot, changed, noPickles }: WarningFacts): Iterable<PublishWarning> {
  const safe = new Set(
    snapshot.files.filter(({ path }) => SAFE.test(path)).map(({ path }) => posix.dirname(path)),
  );
  const harmless = new Set(noPickles);
  const pickles = changed.filter(
    ({ path }) => PICKLES.test(path) && !harmless.has(path) && !safe.has(posix.dirname(path)),
  );
  if (pickles.length > 0) yield { kind: 'pickle', paths: pickles.map(({ path }) => path) };
  // What a client downloaded is as large as it is, and in no Git.
  const inGit = snapshot.origin.kind === 'download' ? [] : changed.filter(({ kind }) => kind === 'blob');
  const large = inGit.filter(
    ({ path, size }) => size >= LARGE_BYTES || (size >= WEIGHTS_BYTES && isWeightsFile(path)),
  );
  if (large.length > 0) yield { kind: 'notInLfs', paths: large.map(({ path }) => path) };
}

function* ofCard({ snapshot, card }: WarningFacts): Iterable<PublishWarning> {
  const found = cardOf(snapshot);
  if (found === undefined) yield { kind: 'noCard' };
  else if (card !== undefined && readFrontMatter(card).size === 0) {
    yield { kind: 'noFrontMatter', paths: [found.path] };
  }
}

function* ofPlan({ bytes }: WarningFacts): Iterable<PublishWarning> {
  if (bytes > PERSONAL_PLAN_BYTES) yield { kind: 'overPlan', bytes };
}

/** Bytes at the beginning of a file by which {@link beginsAsPickle} tells. */
export const PICKLE_SAMPLE = 4;

/** Whether only the content of a file can tell if it is a pickle. */
export function mayBePickle({ path }: SnapshotFile): boolean {
  return ANY_BINARY.test(path);
}

/**
 * Whether a file begins as what PyTorch writes: a ZIP archive that holds a pickle, or, before 1.6, a pickle of protocol 2 or later
 * (https://docs.python.org/3/library/pickletools.html, opcode `PROTO`).
 */
export function beginsAsPickle(sample: Buffer): boolean {
  const isArchive = sample.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'));
  const [opcode, protocol] = sample;
  return isArchive || (opcode === 0x80 && protocol !== undefined && protocol >= 2 && protocol <= 5);
}

/** The model card: `README.md` at the top. */
export function cardOf({ files }: Pick<Snapshot, 'files'>): SnapshotFile | undefined {
  return files.find(({ path }) => path === 'README.md') ?? files.find(({ path }) => isCardFile(path));
}

/** Whether a warning should make a person hesitate; the others only tell. */
export function isGrave({ kind }: PublishWarning): boolean {
  return kind === 'secret' || kind === 'uncommitted' || kind === 'pickle' || kind === 'notInLfs';
}
