import * as l10n from '@vscode/l10n';
import type { Option } from 'commander';
import type { RegistryKey } from '../core/hosts/host.ts';
import { addressOption } from './options.ts';

/** `--api URL`: where Buildkite's REST API is, which lists and manages registries. */
export function apiOption(): Option {
  return addressOption(
    '--api',
    l10n.t('address of the REST API that manages the registry, where the hub is not packages.buildkite.com'),
  );
}

/** The registry whose Hub endpoint `hub` is; undefined where it is none of Buildkite's. */
export function registryAt(hub: URL): RegistryKey | undefined {
  const [, organization, slug] = /^\/([^/]+)\/([^/]+)\/huggingface$/.exec(hub.pathname) ?? [];
  if (organization === undefined || slug === undefined) return undefined;
  return { organization: named(organization), slug: named(slug) };
}

/** The organization that an address of Buildkite's packages names; undefined where it names none. */
export function organizationAt(hub: URL): string | undefined {
  const [, organization] = hub.pathname.split('/');
  return organization ? named(organization) : undefined;
}

/** Where the REST API for `hub` is (https://buildkite.com/docs/apis/rest-api); undefined where only `--api` could tell. */
export function apiBeside({ origin }: URL): URL | undefined {
  return origin === 'https://packages.buildkite.com' ? new URL('https://api.buildkite.com/v2') : undefined;
}

/** A part of an address as it was before it was encoded. */
function named(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
