import * as l10n from '@vscode/l10n';
import { parseEndpoint } from '../endpoint.ts';
import { Failure } from '../failure.ts';
import type { ServiceSurroundings } from './service.ts';

/** The address that a setting holds. Throws a `refused` failure that names the setting where it holds none that a token may go to. */
export function addressSetting({ setting }: Pick<ServiceSurroundings, 'setting'>, name: string): URL {
  const text = setting(name);
  const url = typeof text === 'string' ? parseEndpoint(text) : undefined;
  if (url) return url;
  throw new Failure(
    'refused',
    l10n.t(
      'The setting {0} must hold an https address (http only on this machine). Correct it in the settings.',
      `modelRegistries.${name}`,
    ),
  );
}
