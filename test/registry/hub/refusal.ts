import type { z } from 'zod';

/** Values of `X-Error-Code` that clients of the Hub tell apart. */
export type HubErrorCode = 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound' | 'GatedRepo';

/** Ends a call to the Hub endpoint with an error, which clients show. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';
  readonly status: number;
  readonly code: HubErrorCode | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    code?: HubErrorCode,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A request's body as the schema says. @throws HubRefusal when it is something else. */
export function checked<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new HubRefusal(400, `The request's body is not as it must be. ${problems.slice(0, 5).join('; ')}`);
}
