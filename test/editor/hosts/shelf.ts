import { AccessToken } from '../../../src/core/accessToken.ts';
import type { Listing, Registry } from '../../../src/core/hosts/host.ts';
import type { CheckedToken, RegistryService, SignIn } from '../../../src/core/hosts/service.ts';
import { asGitObjectId } from '../../../src/core/objectIds.ts';

/** Where its files would be; nobody is there. */
const ADDRESS = new URL('https://shelf.invalid');
const COMMIT = asGitObjectId('5'.repeat(40));

/** A kind of service that can only list: one organization with one registry of one model in one version. */
export function shelfServices(): readonly [RegistryService] {
  return [
    {
      kind: 'shelf',
      id: 'shelf',
      name: 'Shelf',
      endpoints: [ADDRESS],
      webUrl: ADDRESS,
      settings: '',
      words: {
        noOrganization: 'There is no shelf',
        noRegistry: 'The shelf is empty',
        wayToRegistry: 'Buy a shelf.',
        wayToReadToken: 'Ask at the desk.',
      },
      signIn,
      open: (token) => ({
        listing,
        hub: () => ({
          endpoint: ADDRESS,
          token,
          createFirst: false,
          revision: 'main',
          modelIdSegments: 2,
        }),
        may: () => false,
      }),
    },
  ];
}

const signIn: SignIn = {
  prompt: 'Say the word',
  placeholder: 'word',
  tokenPage: () => ADDRESS,
  scopeFor: () => undefined,
  isUsable: () => true,
  check: (text) => Promise.resolve(checked(new AccessToken(text, [ADDRESS]))),
  read: (token) => Promise.resolve(checked(token)),
  isVerdict: () => false,
  lenders: [],
};

function checked(token: AccessToken): CheckedToken {
  return {
    token,
    id: 'reader',
    description: undefined,
    scopes: new Set(),
    user: 'Reader',
    expiresAt: undefined,
  };
}

const registry: Registry = {
  ...{
    id: 'top',
    organization: 'shelf',
    slug: 'top',
    name: 'Top',
    ecosystem: 'huggingface',
    holdsModels: true,
  },
  ...{ description: undefined, emoji: undefined, public: undefined, webUrl: undefined },
};

const newest = {
  id: 'first',
  registry,
  model: 'acme/bert',
  commit: COMMIT,
  createdAt: new Date(0),
  webUrl: undefined,
};

const listing: Listing = {
  organizations: () => page({ slug: 'shelf', name: 'The Shelf', webUrl: undefined }),
  registries: () => page(registry),
  registry: () => Promise.resolve(registry),
  models: () => page({ model: newest.model, newest }),
  versions: () => page(newest),
};

function page<T>(item: T) {
  return Promise.resolve({ items: [item], next: undefined });
}
