import * as l10n from '@vscode/l10n';
import { Failure } from '../failure.ts';
import type { ResponseHead } from '../http/client.ts';
import { headerText } from '../http/headerText.ts';
import { addressesOf } from '../hub/addresses.ts';
import { subjectOfFile, type HubConnection } from '../hub/connection.ts';
import { noContent, otherLength } from '../hub/contentAnswers.ts';
import { endedEarly } from './endedEarly.ts';
import type { WantedFile } from './downloading.ts';
import type { PartialFile } from './partialFile.ts';

interface FetchOptions {
  readonly connection: HubConnection;
  readonly commit: string;
  /** Bytes that came since the last call; negative where they are fetched again. */
  readonly onReceived: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches what `partial` lacks of a file: `GET /{id}/resolve/{commit}/{path}`, from where it ends (RFC 9110, section
 * 14), as often as the connection breaks. Where the server cannot go on from there, or has another content meanwhile,
 * it begins anew. Afterwards `partial` is as long as the content; whether it is that content is for the caller to see.
 *
 * @throws Failure, and the signal's reason when aborted.
 */
export async function fetchContent(
  file: WantedFile,
  partial: PartialFile,
  { connection, commit, onReceived, signal }: FetchOptions,
): Promise<void> {
  /** Of the answer that the bytes in `partial` came from; unknown for those of an earlier download. */
  let etag: string | undefined;
  let askedFrom = 0;
  const restart = async (): Promise<void> => {
    onReceived(-partial.length);
    await partial.restart();
    etag = undefined;
  };

  const { endpoint, token, model, http } = connection;
  await http.receive({
    url: addressesOf(endpoint, model).file(commit, file.path),
    token,
    subject: subjectOfFile(connection, file.path),
    accept: [416],
    headers: () => {
      askedFrom = partial.length;
      if (askedFrom === 0) return { accept: '*/*' };
      return { accept: '*/*', range: `bytes=${askedFrom}-`, ...(etag !== undefined && { 'if-range': etag }) };
    },
    received: () => partial.length,
    async take(head, body) {
      switch (beginningOf(head, { askedFrom, size: file.size, etag })) {
        case 'continued':
          break;
        case 'whole':
          if (partial.length > 0) await restart();
          break;
        case 'elsewhere':
          await restart();
          // The next attempt asks for all of it.
          throw new Failure('network', notContinued(file, head));
        case 'nothing':
          throw new Failure('protocol', noContent(file, head), { status: head.status, paths: [file.path] });
      }
      refuseOtherLength(file, head, file.size - partial.length);
      etag = strongEtag(head);
      for await (const chunk of body) {
        if (partial.length + chunk.byteLength > file.size) throw otherLength(file, head);
        await partial.write(chunk);
        onReceived(chunk.byteLength);
      }
      if (partial.length < file.size) throw new Failure('network', endedEarly(file, head));
    },
    signal,
  });
}

/** What the body of an answer begins with: the byte that was asked for, the first, some other, or no content. */
function beginningOf(
  head: ResponseHead,
  {
    askedFrom,
    size,
    etag,
  }: { readonly askedFrom: number; readonly size: number; readonly etag: string | undefined },
): 'continued' | 'whole' | 'elsewhere' | 'nothing' {
  if (head.status === 200) return 'whole';
  if (askedFrom === 0) return 'nothing';
  if (head.status === 416) return 'elsewhere';
  if (head.status !== 206) return 'nothing';
  const [, from, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerText(head.headers, 'content-range') ?? '') ?? [];
  const isSame = etag === undefined || strongEtag(head) === etag;
  const fits = Number(from) === askedFrom && (total === '*' || Number(total) === size);
  return fits && isSame ? 'continued' : 'elsewhere';
}

function strongEtag({ headers }: ResponseHead): string | undefined {
  const etag = headerText(headers, 'etag')?.trim();
  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined;
}

function refuseOtherLength(file: WantedFile, head: ResponseHead, expected: number): void {
  const stated = headerText(head.headers, 'content-length');
  if (stated !== undefined && Number(stated) !== expected) throw otherLength(file, head);
}

function notContinued({ path }: WantedFile, { url }: ResponseHead): string {
  return l10n.t('{1} could not continue “{0}” where it broke off. Download it again.', path, url.host);
}
