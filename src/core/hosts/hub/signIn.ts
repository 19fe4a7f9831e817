import { createHash } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import { AccessToken } from '../../accessToken.ts';
import { Failure } from '../../failure.ts';
import type { HttpClient } from '../../http/client.ts';
import { endpointUrl } from '../addresses.ts';
import { checkedNow, pastedToken, unknownToken } from '../pastedToken.ts';
import type { CheckedToken, ServiceSurroundings, SignIn } from '../service.ts';
import { HUGGING_FACE, type HubDescriptor } from './descriptors.ts';
import { scopeFor, scopesOf, UNCHECKED } from './scopes.ts';
import { tokenFileLender } from './tokenFile.ts';
import type { Whoami, WhoamiAnswer } from './whoami.ts';

/** Signing in to a Hub with an access token: https://huggingface.co/docs/hub/security-tokens */
export function signInTo(
  { address }: Pick<HubDescriptor, 'address'>,
  whoami: Whoami,
  surroundings: ServiceSurroundings,
): SignIn {
  const isHuggingFace = address.href === HUGGING_FACE.href;
  const read = async (token: AccessToken, http: HttpClient, signal: AbortSignal) => {
    if (token.authorizationFor(address) === undefined) return nobody(token);
    return checkedNow(checkedToken(token, await whoIs(whoami, token, http, signal)));
  };
  return {
    prompt: l10n.t('Paste an access token of {0}.', address.host),
    placeholder: 'hf_…',
    tokenPage: () => (isHuggingFace ? tokenPage() : new URL(address)),
    scopeFor,
    isUsable: () => true,
    async check(text, http, signal) {
      return read(new AccessToken(tokenText(text, isHuggingFace), [address]), http, signal);
    },
    read,
    // What is missing or private answers 401, too.
    isVerdict: ({ origin, pathname }) => origin === whoami.url.origin && pathname === whoami.url.pathname,
    // The file does not tell which server its token is for.
    lenders: isHuggingFace ? [tokenFileLender(surroundings)] : [],
  };
}

/**
 * https://huggingface.co/docs/hub/security-tokens#how-to-manage-user-access-tokens; the query is that of links on the
 * Hub itself.
 */
function tokenPage(): URL {
  const url = endpointUrl(HUGGING_FACE, 'settings', 'tokens', 'new');
  const { searchParams } = url;
  searchParams.set('tokenType', 'fineGrained');
  for (const permission of ['repo.content.read', 'repo.write'])
    searchParams.append('ownUserPermissions', permission);
  searchParams.set('canReadGatedRepos', 'true');
  return url;
}

/** Where a token that may only read is made; the site of a server that is not the Hugging Face Hub. */
export function readTokenPage(address: URL): URL {
  if (address.href !== HUGGING_FACE.href) return new URL(address);
  const url = endpointUrl(HUGGING_FACE, 'settings', 'tokens', 'new');
  url.searchParams.set('tokenType', 'read');
  return url;
}

function tokenText(pasted: string, isHuggingFace: boolean): string {
  const text = pastedToken(pasted);
  // A token of the neighbour's must not get there by a slip of the hand.
  if (!isHuggingFace || !/^bk[a-z]{2,3}_/i.test(text)) return text;
  throw new Failure(
    'auth',
    l10n.t('This is not a token of {0}. Paste one that begins with {1}.', HUGGING_FACE.host, 'hf_'),
  );
}

async function whoIs(whoami: Whoami, token: AccessToken, http: HttpClient, signal: AbortSignal) {
  try {
    return await whoami.now(token, http, signal);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'auth') throw unknownToken(whoami.url, error);
    throw error;
  }
}

/** @param answer undefined of a server that does not tell, and has the last word. */
function checkedToken(token: AccessToken, answer: WhoamiAnswer | undefined): CheckedToken {
  const accessToken = answer?.auth?.accessToken;
  const known = [answer?.name, accessToken?.displayName, accessToken?.createdAt ?? answer?.auth?.type];
  const isTelling = answer?.name !== undefined && (known[1] ?? known[2]) !== undefined;
  return {
    token,
    // The server has no ids of tokens.
    id: isTelling ? known.filter((part) => part !== undefined).join('/') : fingerprint(token),
    description: accessToken?.displayName,
    scopes: answer ? scopesOf(answer) : UNCHECKED,
    user: answer?.name,
    expiresAt: answer?.auth?.expiresAt,
  };
}

function nobody(token: AccessToken): CheckedToken {
  const scopes: ReadonlySet<string> = new Set();
  return { token, id: 'nobody', description: undefined, scopes, user: undefined, expiresAt: undefined };
}

function fingerprint(token: AccessToken): string {
  return createHash('sha256').update(token.reveal()).digest('base64url').slice(0, 16);
}
