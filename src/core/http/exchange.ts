import http from 'node:http';
import https from 'node:https';
import type {
  Agent,
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Allowance } from './allowance.ts';
import { BodySending, type ExchangeBody } from './bodySending.ts';
import { Interruption, UnsendableBody, UntakenBody, type Progress } from './interruptions.ts';

/** Of an answer. Node's own 16 KiB are less than what gateways and traces add. */
const MOST_HEADER_BYTES = 256 * 1024;

/** One request to one address: no redirect is followed and nothing is tried twice. */
interface Exchange {
  readonly method: string;
  readonly url: URL;
  /** Complete, `content-length` included. */
  readonly headers: OutgoingHttpHeaders;
  readonly body: ExchangeBody | undefined;
  readonly agent: Agent;
  /** Milliseconds without a byte in either direction. */
  readonly idleTimeoutMs: number;
  /** The time that the server has, however often something moves. */
  readonly allowance: Allowance;
  /** Whether that status answers the question; any other one refuses it or points elsewhere. */
  readonly isAnswer: (status: number) => boolean;
  /** Most bytes kept of an answer's body. */
  readonly maxBytes: (status: number) => number;
  /**
   * Takes the body of what {@link isAnswer} as it comes, instead of its being kept. When the connection breaks, the
   * iteration throws. The exchange is over when what this returns has settled.
   */
  readonly take?: ((head: AnswerHead, body: AsyncIterable<Buffer>) => Promise<void>) | undefined;
  readonly onSent: (bytes: number) => void;
  readonly onReceived: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer extends AnswerHead {
  /** Empty where it was taken as it came. */
  readonly body: Buffer;
  /** `cut` where the body was longer than allowed, `broken` where the connection ended inside the body of a refusal. */
  readonly extent: 'whole' | 'cut' | 'broken';
}

/**
 * Sends one request and reads its answer. Rejects with an {@link Interruption}, an {@link UnsendableBody}, an
 * {@link UntakenBody}, or the signal's reason; after any end no listener or timer is left, and the socket is either
 * back in the agent's pool or destroyed.
 *
 * A server may refuse before it has read the body, and close: its answer counts then, not the broken pipe that follows.
 */
export function exchange(call: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call.signal.throwIfAborted();
    new RunningExchange(call, resolve, reject).begin();
  });
}

class RunningExchange {
  readonly #call: Exchange;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #request: ClientRequest;
  readonly #sending: BodySending;
  /** Until there is a socket nothing else watches: an agent may look a proxy up, or dial, before it hands one out. */
  readonly #dialling: NodeJS.Timeout;
  #stopCounting: () => void;
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  #taking: Promise<void> | undefined;
  /** Whoever takes the body is busy with a piece of it: that nothing moves is not the server's doing. */
  #takerIsBusy = false;
  /** The body's own source is waited for, which may be another server: that nothing moves is not this one's doing. */
  #isReadingBody = false;
  #isConnected = false;
  #isSettled = false;

  constructor(call: Exchange, resolve: (answer: Answer) => void, reject: (error: Error) => void) {
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#request = requestOf(call);
    const { allowance, onSent } = call;
    this.#sending = new BodySending(this.#request, { allowance, onSent, onReading: this.#readsBody });
    this.#dialling = setTimeout(() => this.#interrupt(undefined, 'idle'), call.idleTimeoutMs);
    this.#stopCounting = call.allowance.count(this.#tooSlow);
  }

  begin(): void {
    const { signal, body } = this.#call;
    const request = this.#request;
    signal.addEventListener('abort', this.#abort, { once: true });
    request.on('socket', (socket) => this.#watchSocket(socket));
    request.on('response', (answer) => this.#onResponse(answer));
    request.on('error', (error) => {
      if (!this.#isRefused() && !(this.#taking && this.#response?.complete)) this.#interrupt(error);
    });
    request.on('close', () => {
      if (this.#isRefused() || this.#taking) return;
      this.#interrupt(new Error('The connection closed before the exchange was over.'));
    });
    if (body === undefined || body.length === 0) request.end();
    else {
      this.#sending.send(body).catch((error: unknown) => {
        if (!this.#sending.isSending()) return;
        this.#fail(new UnsendableBody('the body could not be sent', { cause: error }));
      });
    }
  }

  #settle(deliver: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#dialling);
    this.#stopCounting();
    this.#call.signal.removeEventListener('abort', this.#abort);
    this.#leaveSocket();
    this.#sending.stop();
    const response = this.#response;
    const unread = this.#taking !== undefined && response?.readableEnded !== true;
    if (!this.#request.writableFinished || !response?.complete || unread) {
      this.#request.destroy(new Error('This exchange is over.'));
    }
    // Whoever takes the body may have to close a file first.
    if (this.#taking) this.#taking.then(deliver, deliver);
    else deliver();
  }

  #fail(error: Error): void {
    this.#settle(() => this.#reject(error));
  }

  readonly #abort = (): void => {
    this.#fail(this.#call.signal.reason as Error);
  };

  readonly #giveUp = (): void => {
    if (this.#takerIsBusy || this.#isReadingBody) this.#socket?.setTimeout(this.#call.idleTimeoutMs);
    else this.#interrupt(undefined, 'idle');
  };

  readonly #readsBody = (isReading: boolean): void => {
    this.#isReadingBody = isReading;
    if (this.#isSettled) return;
    this.#stopCounting();
    if (!isReading) this.#stopCounting = this.#call.allowance.count(this.#tooSlow);
  };

  readonly #tooSlow = (): void => {
    this.#interrupt(undefined, 'slow');
  };

  #interrupt(cause: unknown, end: Progress['end'] = 'broken'): void {
    const progress: Progress = {
      connected: this.#isConnected,
      reused: this.#request.reusedSocket,
      sentWhole: this.#request.writableFinished,
      answered: this.#response !== undefined,
      end,
    };
    this.#fail(new Interruption(progress, cause));
  }

  #watchSocket(socket: Socket): void {
    clearTimeout(this.#dialling);
    if (this.#isSettled) return;
    this.#socket = socket;
    this.#isConnected = !socket.connecting;
    const { url, idleTimeoutMs } = this.#call;
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', this.#onConnected);
    // The socket's own idle timer, unlike one of ours, notices that a large write shrinks inside the system.
    socket.setTimeout(idleTimeoutMs);
    socket.on('timeout', this.#giveUp);
  }

  readonly #onConnected = (): void => {
    this.#isConnected = true;
  };

  readonly #leaveSocket = (): void => {
    this.#socket?.removeListener('timeout', this.#giveUp);
    this.#socket?.removeListener('connect', this.#onConnected);
    this.#socket?.removeListener('secureConnect', this.#onConnected);
    this.#socket?.setTimeout(0);
    this.#socket = undefined;
  };

  /** Whether a refusal or redirect is arriving: what there is of it settles the exchange when it ends or breaks off. */
  #isRefused(): boolean {
    const status = this.#response?.statusCode;
    return status !== undefined && !this.#call.isAnswer(status);
  }

  #onResponse(answer: IncomingMessage): void {
    this.#response = answer;
    const status = answer.statusCode ?? 0;
    // A refusal or redirect stands whatever else would be sent; an early success does not vouch for bytes it has not
    // seen.
    if (status >= 300) this.#sending.stop();
    answer.on('error', () => undefined);
    const { take, isAnswer } = this.#call;
    if (take && isAnswer(status)) this.#handOver(answer, status, take);
    else this.#keep(answer, status);
  }

  #handOver(answer: IncomingMessage, status: number, take: NonNullable<Exchange['take']>): void {
    const head = { status, headers: answer.headers };
    // From then on the socket may serve another request, while the last piece is still being taken.
    answer.on('end', this.#leaveSocket);
    this.#taking = take(head, this.#piecesOf(answer));
    this.#taking.then(
      () => this.#settle(() => this.#resolve({ ...head, body: Buffer.alloc(0), extent: 'whole' })),
      (error: unknown) => this.#fail(new UntakenBody('the answer was not taken', { cause: error })),
    );
  }

  #keep(answer: IncomingMessage, status: number): void {
    const { method, isAnswer } = this.#call;
    const most = this.#call.maxBytes(status);
    const announced = method === 'HEAD' ? 0 : Number(answer.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let received = 0;
    const conclude = (extent: Answer['extent']): void =>
      this.#settle(() => {
        this.#resolve({ status, headers: answer.headers, body: Buffer.concat(chunks), extent });
      });
    // A refusal's words are worth reading however long they are; an answer that is too long is of no use at all.
    if (announced > most && isAnswer(status)) {
      conclude('cut');
      return;
    }
    answer.on('data', (chunk: Buffer) => {
      if (this.#isSettled) return;
      this.#countReceived(chunk);
      const room = most - received;
      chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
      received += chunk.byteLength;
      if (received > most) conclude('cut');
    });
    // Not on `close`: by then the agent may have given the socket, and its timer, to another request.
    answer.on('end', () => {
      if (!this.#sending.isSending() || this.#request.writableFinished) conclude('whole');
      else this.#request.once('finish', () => conclude('whole'));
    });
    answer.on('close', () => {
      if (answer.complete) return;
      if (this.#isRefused()) conclude('broken');
      else this.#interrupt(answer.errored ?? new Error('The connection closed inside the answer.'));
    });
  }

  #countReceived({ byteLength }: Buffer): void {
    this.#call.allowance.moved(byteLength);
    this.#call.onReceived(byteLength);
  }

  async *#piecesOf(answer: IncomingMessage): AsyncGenerator<Buffer, void> {
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        this.#countReceived(chunk);
        this.#takerIsBusy = true;
        this.#stopCounting();
        yield chunk;
        this.#takerIsBusy = false;
        if (!this.#isSettled) this.#stopCounting = this.#call.allowance.count(this.#tooSlow);
      }
    } catch (error) {
      this.#interrupt(error);
      throw error;
    }
  }
}

function requestOf({ url, method, headers, agent }: Exchange): ClientRequest {
  return (url.protocol === 'https:' ? https : http).request({
    protocol: url.protocol,
    // Not `host`: an IPv6 literal stands in brackets in a URL and without them in a socket address.
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port,
    path: url.pathname + url.search,
    method,
    headers,
    agent,
    setHost: true,
    maxHeaderSize: MOST_HEADER_BYTES,
  });
}
