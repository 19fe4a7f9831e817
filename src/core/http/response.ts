import * as l10n from '@vscode/l10n';
import LinkHeader from 'http-link-header';
import type { IncomingHttpHeaders } from 'node:http';
import type * as z from 'zod/mini';
import { Failure } from '../failure.ts';
import type { HttpResponse } from './client.ts';
import { inWords } from '../schemas.ts';
import { headerText } from './headerText.ts';

/** An answer, to be read as what its request expects. */
export function responseOf(
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer },
  url: URL,
  subject: string,
): HttpResponse {
  const { status, headers, body } = answer;
  return {
    status,
    headers,
    url,
    body,
    json: (schema) => {
      let value: unknown;
      try {
        value = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
      } catch (error) {
        throw new Failure(
          'protocol',
          l10n.t('The answer of {1} about {0} is not JSON. Check the address.', subject, url.host),
          { status, cause: error },
        );
      }
      const result = schema.safeParse(value, inWords);
      if (result.success) return result.data;
      throw new Failure(
        'protocol',
        l10n.t(
          'The answer of {1} about {0} has an unexpected shape ({2}). Check the address, or look for an update.',
          subject,
          url.host,
          firstIssue(result.error),
        ),
        { status, cause: result.error },
      );
    },
    nextLink: () => {
      const header = headerText(headers, 'link');
      if (header === undefined) return undefined;
      try {
        const [next] = LinkHeader.parse(header).rel('next');
        return next && new URL(next.uri, url);
      } catch (error) {
        throw new Failure(
          'protocol',
          l10n.t(
            '{1} does not tell where the next page of {0} is. Report it to its operators.',
            subject,
            url.host,
          ),
          { status, cause: error },
        );
      }
    },
  };
}

function firstIssue(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  return [path, issue?.message].filter(Boolean).join(': ').slice(0, 200);
}
