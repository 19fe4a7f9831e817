import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { HUGGING_FACE_HUB, parseEndpoint } from '../../endpoint.ts';
import { Failure } from '../../failure.ts';
import { inWords, textAs } from '../../schemas.ts';
import type { NewModels } from '../host.ts';
import type { ServiceSurroundings } from '../service.ts';

/** The setting that names the servers, with its section. */
export const HUBS_SETTING = 'modelRegistries.hubs';

/** The Hugging Face Hub itself. */
export const HUGGING_FACE = new URL(HUGGING_FACE_HUB);

/** A server that speaks the API of the Hugging Face Hub, and what is particular about it. */
export interface HubDescriptor {
  /** Without a trailing slash in its `href` but that of the root. */
  readonly address: URL;
  readonly name: string;
  readonly modelIdSegments: 1 | 2;
  /** Whether a model is created before it is first published to. */
  readonly createFirst: boolean;
  /** Who may read a model that is created; as the server has it by itself where undefined. */
  readonly newModels: NewModels | undefined;
  /** The revision published to and read. */
  readonly revision: string;
  /** `release`: a person names a revision at each publish. */
  readonly revisions: 'branch' | 'release';
  /** Namespaces to show beside one's own. */
  readonly namespaces: readonly string[];
  /** Whether it tells the `ETag` of a large new file only after a while; where undefined, one of releases does. */
  readonly lateEtag?: boolean | undefined;
}

const name = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
/** What may stand in an address as a segment of its own. */
const segment = z.string().check(z.regex(/^(?!\.{1,2}$)[^\p{C}\p{Z}/\\?#%]+$/u, 'must be a plain name'));
/** Whether a user or an organization may be called so, as far as an address goes. */
export function isNamespace(text: string): boolean {
  return segment.safeParse(text).success;
}

const revision = z.string().check(z.regex(/^(?!\.{1,2}$)[^\p{C}\p{Z}\\?#%]+$/u, 'must name a branch or tag'));

const address = textAs(parseEndpoint, 'must be an https address (http only on this machine)');

const fields = z.strictObject({
  address,
  name,
  modelIdSegments: z._default(z.literal([1, 2]), 2),
  createFirst: z._default(z.boolean(), true),
  newModels: z.optional(z.enum(['private', 'public'])),
  revision: z._default(revision, 'main'),
  revisions: z._default(z.enum(['branch', 'release']), 'branch'),
  namespaces: z._default(z.array(segment), []),
  lateEtag: z.optional(z.boolean()),
});

/** The Hub makes new models public by itself: there, one has to want that. */
const descriptor = z.pipe(
  fields,
  z.transform(({ newModels, ...hub }): HubDescriptor => ({
    ...hub,
    newModels: newModels ?? (hub.address.href === HUGGING_FACE.href ? 'private' : undefined),
  })),
);

const descriptors = z.array(descriptor).check(
  z.superRefine((hubs, context) => {
    hubs.forEach((hub, index) => {
      const isTwin = hubs.slice(0, index).some((other) => other.address.href === hub.address.href);
      if (isTwin) context.addIssue({ code: 'custom', path: [index, 'address'], message: 'is there twice' });
    });
  }),
);

/** The setting as the extension's manifest has it. */
const UNCHANGED = JSON.stringify([{ address: HUGGING_FACE_HUB, name: 'Hugging Face' }]);

/** {@link UNCHANGED}, written out: windows in which nobody changed the setting need not wait for what checks it. */
const HUGGING_FACE_ALONE: readonly HubDescriptor[] = [
  {
    address: HUGGING_FACE,
    name: 'Hugging Face',
    modelIdSegments: 2,
    createFirst: true,
    newModels: 'private',
    revision: 'main',
    revisions: 'branch',
    namespaces: [],
  },
];

/**
 * The servers that the setting names; the Hugging Face Hub where it is not set. Throws a `refused` failure that says
 * what is wrong.
 */
export function hubDescriptors({ setting }: Pick<ServiceSurroundings, 'setting'>): readonly HubDescriptor[] {
  const value = setting('hubs');
  if (value === undefined || value === null || JSON.stringify(value) === UNCHANGED) return HUGGING_FACE_ALONE;
  // Read so seldom that compiling the check, as zod does otherwise, would take longer than it saves.
  const result = descriptors.safeParse(value, { jitless: true, ...inWords });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  throw new Failure(
    'refused',
    l10n.t(
      'The setting {0} must list servers, each with an address and a name ({1}). Correct it in the settings.',
      HUBS_SETTING,
      [place, issue?.message].filter(Boolean).join(': ').slice(0, 200),
    ),
  );
}
