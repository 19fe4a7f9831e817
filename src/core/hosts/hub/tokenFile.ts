import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure } from '../../failure.ts';
import { homeFolder } from '../../homeFolder.ts';
import { huggingFacePath } from '../../huggingFacePaths.ts';
import type { ProgramLender, ServiceSurroundings } from '../service.ts';
import { HUGGING_FACE } from './descriptors.ts';

/** Bytes of a file of tokens, at most. */
const MOST_BYTES = 256 * 1024;
/** What a login is called whose token has no name there. */
const NAMELESS = 'hf';

type Surroundings = Pick<ServiceSurroundings, 'environment' | 'platform'>;

/**
 * The login of Hugging Face's Python client and its command line `hf`, which keep the token in a file
 * (https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hftokenpath; `utils/_auth.py`)
 * and exchange it for a new one now and then: it is read anew each time, and never written. The file is the Hub's own:
 * its token must go nowhere else.
 *
 * @param home Absolute path; undefined where nobody has one.
 */
export function tokenFileLender(
  { environment, platform }: Surroundings,
  home: string | undefined = homeFolder(),
): ProgramLender {
  const read = () => readLogin({ environment, platform }, home);
  const token = async (login: string): Promise<string> => {
    const found = await read();
    // One that has no name may have got one since.
    if (found && (found.name === login || login === NAMELESS)) return found.token;
    throw new Failure(
      'auth',
      l10n.t(
        'The token file of Hugging Face’s command line does not hold the login {0}. Run {1} in a terminal, then try again.',
        login,
        'hf auth login',
      ),
    );
  };
  return {
    kind: 'program',
    id: 'hf',
    offer: l10n.t('Use the login of the command line hf'),
    icon: 'terminal',
    question: l10n.t('The login that is used'),
    nameOf: (login) => (login === NAMELESS ? NAMELESS : `hf, ${login}`),
    afterwards: l10n.t('The command line hf stays logged in.'),
    async logins() {
      const found = await read();
      return found ? [{ name: found.name, selected: true }] : [];
    },
    token,
    // Whoever wrote the file writes it anew.
    async renew(login) {
      await token(login);
    },
  };
}

interface TokenOfFile {
  readonly name: string;
  readonly token: string;
}

/** Undefined where there is no token, or it is for another server than the Hub. */
async function readLogin(
  { environment, platform }: Surroundings,
  home: string | undefined,
): Promise<TokenOfFile | undefined> {
  // Whoever works with another server keeps the token of that one.
  const endpoint = environment.HF_ENDPOINT?.trim().replace(/\/+$/, '');
  if (endpoint !== undefined && endpoint !== '' && endpoint !== HUGGING_FACE.origin) return undefined;
  const file =
    home === undefined
      ? undefined
      : huggingFacePath(['HF_TOKEN_PATH'], 'token', { environment, home, platform });
  const token = file === undefined ? undefined : (await readText(file))?.replace(/[\r\n]/g, '').trim();
  if (file === undefined || token === undefined || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const named = await readText(join(dirname(file), 'stored_tokens'));
  return { name: nameIn(named ?? '', token) ?? NAMELESS, token };
}

/**
 * The name of the section of an INI file whose `hf_token` has that value; undefined where none that can be shown does.
 */
export function nameIn(ini: string, token: string): string | undefined {
  let section: string | undefined;
  for (const line of ini.split(/\r?\n/)) {
    section = /^\[(.+)\]\s*$/.exec(line)?.[1]?.trim() ?? section;
    const value = /^hf_token\s*[=:](.*)$/i.exec(line.trim())?.[1]?.trim();
    if (value !== token || section === undefined) continue;
    const isName = /^[^\p{C}]{1,100}$/u.test(section) && !/hf_/i.test(section) && !section.includes(token);
    return isName ? section : undefined;
  }
  return undefined;
}

/**
 * What a regular file holds; undefined where there is none, none that may be read, or one that is too large to be
 * meant.
 */
async function readText(path: string): Promise<string | undefined> {
  try {
    // Whoever might write into a pipe is not waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MOST_BYTES) return undefined;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
