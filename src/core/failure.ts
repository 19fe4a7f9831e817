/**
 * What went wrong, as far as it changes what a person can do about it.
 *
 * The first group comes from the wire, the second from the folder that is to be published, the third from publishing
 * itself.
 */
export type FailureKind =
  /** The token is missing, unknown, revoked or expired (401). */
  | 'auth'
  /** The token is good but may not do this (403). */
  | 'forbidden'
  | 'notFound'
  /** The server could not be reached, or the connection broke. */
  | 'network'
  /** The server's certificate is not trusted. */
  | 'tls'
  /** Nothing moved on the connection for too long, or too little. */
  | 'timeout'
  | 'rateLimit'
  /** The remote changed meanwhile (409, 412). */
  | 'conflict'
  /** The plan's storage or bandwidth is used up (402, 413, 507). */
  | 'quota'
  /** The server understood the request and refuses its content (other 4xx). */
  | 'refused'
  /** The server failed (5xx). */
  | 'server'
  /** The answer is not what the protocol says, or breaks one of our limits. */
  | 'protocol'
  /** A write was sent and its answer was lost: it may or may not have happened. */
  | 'unknownOutcome'
  /** The folder is in no Git repository. */
  | 'notARepository'
  /** The repository has no commit, or HEAD holds nothing at that folder. */
  | 'noCommit'
  /** Git is not installed, or failed. */
  | 'git'
  /** An LFS object is neither here nor on the server. */
  | 'missingObject'
  /** The commit holds something no model registry can hold, such as a submodule. */
  | 'unpublishable'
  /** Bytes differ from what their hash or size says. */
  | 'corrupt'
  /** This machine's file system has no room, refuses, or cannot hold what is to be written. */
  | 'disk'
  /** Files look like they hold secrets, and nobody said that these may be published. */
  | 'secret'
  /** The same model is being published from this window already. */
  | 'busy'
  /** The registry does not hold Hugging Face models. */
  | 'wrongEcosystem';

/** Particulars of a failure that came from a server. Never holds a token, a header or a signed URL's query. */
export interface FailureDetail {
  /** HTTP status. */
  readonly status?: number;
  /** The server's own words, bounded and stripped of control characters. */
  readonly serverMessage?: string;
  /** The server's id for the request, to quote to its operators. */
  readonly requestId?: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** When the server takes requests again. */
  readonly retryAt?: Date;
  /** Paths of the snapshot that this is about, relative and with forward slashes. */
  readonly paths?: readonly string[];
  /** What helps when it is run in the repository; the message names it, too. */
  readonly command?: string;
  /** Host of the hub that a model is read from while it is published to another one, where it is that which failed. */
  readonly source?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of the engine. `message` is a localised sentence that names what happened, to what, and what to
 * do next; `kind` decides the action a user interface offers. Cancelling is not a failure: it surfaces as the signal's
 * abort reason.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly serverMessage: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retryAt: Date | undefined;
  readonly paths: readonly string[];
  readonly command: string | undefined;
  readonly source: string | undefined;

  constructor(kind: FailureKind, message: string, detail: FailureDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.kind = kind;
    this.status = detail.status;
    this.serverMessage = detail.serverMessage;
    this.requestId = detail.requestId;
    this.retryAfterMs = detail.retryAfterMs;
    this.retryAt = detail.retryAt;
    this.paths = detail.paths ?? [];
    this.command = detail.command;
    this.source = detail.source;
  }

  /** What a failure keeps of this one where it says it otherwise. */
  get origin(): Pick<FailureDetail, 'status' | 'serverMessage' | 'requestId' | 'source' | 'cause'> {
    const { status, serverMessage, requestId, source } = this;
    return { status, serverMessage, requestId, ...(source !== undefined && { source }), cause: this };
  }
}
