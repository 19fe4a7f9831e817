import * as l10n from '@vscode/l10n';
import { allOf } from '../../core/async/allOf.ts';
import { Failure } from '../../core/failure.ts';
import type { HubConnection } from '../../core/hub/connection.ts';
import { readFileContent } from '../../core/hub/fileContent.ts';
import type { RemoteFile } from '../../core/hub/remoteFile.ts';
import type { CommitName } from '../../core/objectIds.ts';
import { readFrontMatter } from '../../core/snapshot/frontMatter.ts';
import { readWeights, readWeightSets } from '../../core/weights/readWeights.ts';
import type { WeightSet } from '../../core/weights/weightSets.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { connectionOf, filesOf, headOf, type HubAccess, readHub, type Reading } from '../hubAccess.ts';
import { bytes, filesText } from '../texts.ts';

export interface ShowRequest extends Reading {
  readonly model: string;
  /** A branch, a tag or a commit; undefined: `main`. */
  readonly revision: string | undefined;
}

/** What `show --json` writes. */
interface ShownVersion {
  readonly kind: 'version';
  readonly hub: string;
  readonly model: string;
  readonly commit: CommitName;
  /** Number of files. */
  readonly files: number;
  /** Of all files; undefined where the server does not tell every size. */
  readonly bytes: number | undefined;
  /** The metadata at the top of its card, as it stands there; empty where there is none. */
  readonly card: Readonly<Record<string, unknown>>;
  readonly weights: readonly ShownWeights[];
}

interface ShownWeights {
  /** What names the set: its index, or its first file. */
  readonly path: string;
  readonly format: string;
  readonly files: number;
  readonly bytes: number | undefined;
  readonly parameters?: number;
  /** Parameters by type, most first. */
  readonly dtypes?: readonly { readonly dtype: string; readonly parameters: number }[];
  readonly architecture?: string;
  readonly quantization?: string;
  /** Tokens. */
  readonly contextLength?: number;
  /** Why its headers were not read, as a sentence. */
  readonly problem?: string;
}

/** A card with the results of many benchmarks has half a megabyte. */
const LONGEST_CARD = 5 * 1024 * 1024;
/** Sets of weights whose headers are read: more are quantizations of one model. */
const MOST_SETS = 20;
const SETS_AT_ONCE = 4;

/** Writes what a version is, and says why where it cannot be read. */
export function carryOutShow(request: ShowRequest, context: Context): Promise<ExitCode> {
  const { terminal, signal } = context;
  return readHub(request, context, async (access) => {
    const version = await shownVersion(request, access, signal);
    if (request.json) terminal.json(version);
    else for (const line of linesOf(version)) terminal.result(line);
  });
}

async function shownVersion(
  { model, revision = 'main' }: ShowRequest,
  access: HubAccess,
  signal: AbortSignal,
): Promise<ShownVersion> {
  const connection = connectionOf(access, model);
  const { commit } = await headOf(connection, revision, signal);
  const files = await filesOf(connection, commit, signal);
  const [card, sets] = await Promise.all([
    cardOf(connection, commit, files, signal),
    readWeightSets(connection, commit, files, signal),
  ]);
  const weights = await allOf(sets.slice(0, MOST_SETS), SETS_AT_ONCE, signal, (set, either) =>
    shownWeights(connection, commit, set, files, either),
  );
  return {
    kind: 'version',
    hub: access.endpoint.href,
    model,
    commit,
    files: files.length,
    bytes: sizeOf(files),
    card,
    weights: [...weights, ...sets.slice(MOST_SETS).map(outline)],
  };
}

/** What a card says of itself; empty where there is no card, or it is too long for one. */
async function cardOf(
  connection: HubConnection,
  commit: CommitName,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const file = files.find(({ path }) => path === 'README.md');
  if (file === undefined || (file.size ?? 0) > LONGEST_CARD) return {};
  const text = await readFileContent(connection, commit, file, LONGEST_CARD, signal);
  return Object.fromEntries(
    [...readFrontMatter(text.toString('utf8'))].map(([key, value]) => [key, asJson(value)]),
  );
}

/**
 * A value of a card as JSON can hold it: mappings as objects, and null where an alias leads back to what it stands in.
 *
 * @param around What the value stands in.
 */
function asJson(value: unknown, around: readonly unknown[] = []): unknown {
  if (around.includes(value)) return null;
  const within = [...around, value];
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, inner]) => [String(key), asJson(inner, within)]));
  }
  return Array.isArray(value) ? value.map((inner) => asJson(inner, within)) : value;
}

async function shownWeights(
  connection: HubConnection,
  commit: CommitName,
  set: WeightSet,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<ShownWeights> {
  try {
    const summary = await readWeights(connection, commit, set, files, signal);
    const { parameters, dtypes, architecture, quantization, contextLength } = summary;
    return {
      ...outline(set),
      parameters,
      dtypes,
      ...(architecture !== undefined && { architecture }),
      ...(quantization !== undefined && { quantization }),
      ...(contextLength !== undefined && { contextLength }),
    };
  } catch (error) {
    // One damaged file does not hide the others.
    const isItsOwn = error instanceof Failure && (error.kind === 'corrupt' || error.kind === 'refused');
    if (!isItsOwn) throw error;
    return { ...outline(set), problem: error.message };
  }
}

function outline({ entry, format, files }: WeightSet): ShownWeights {
  return { path: entry, format, files: files.length, bytes: sizeOf(files) };
}

function sizeOf(files: readonly RemoteFile[]): number | undefined {
  return files.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
}

function linesOf(version: ShownVersion): readonly string[] {
  const { model, commit, hub, files, card, weights } = version;
  return [
    l10n.t('{0} at {1} from {2}', model, commit, hub),
    version.bytes === undefined
      ? filesText(files)
      : l10n.t('{0}, {1}', filesText(files), bytes(version.bytes)),
    ...Object.entries(card).flatMap(([label, value]) => cardLine(label, value)),
    ...weights.flatMap(weightsLines),
  ];
}

/** Longer values are for `--json`. Characters. */
const LONGEST_VALUE = 200;

function cardLine(label: string, value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  const text = isList ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return [`${label}: ${short}`];
}

function weightsLines(weights: ShownWeights): readonly string[] {
  const { path, files, parameters, dtypes, architecture, quantization, contextLength, problem } = weights;
  const size = weights.bytes === undefined ? [] : [bytes(weights.bytes)];
  if (problem !== undefined) return [l10n.t('{0}: {1}', path, problem)];
  const facts = [
    ...(files > 1 ? [filesText(files)] : []),
    ...size,
    ...(parameters === undefined ? [] : [l10n.t('{0} parameters', parameters.toLocaleString('en'))]),
    ...(dtypes === undefined || dtypes.length === 0 ? [] : [dtypes.map(({ dtype }) => dtype).join(' + ')]),
    ...[architecture, quantization].filter((fact) => fact !== undefined),
    ...(contextLength === undefined ? [] : [l10n.t('context of {0} tokens', contextLength)]),
  ];
  return [`${path}: ${facts.join(', ')}`];
}
