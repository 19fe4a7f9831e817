import http from 'node:http';
import https from 'node:https';
import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Allowance } from './allowance.ts';
import type { BodyContent } from './client.ts';

/** Of an answer. Node's own 16 KiB are less than what gateways and traces add. */
const MOST_HEADER_BYTES = 256 * 1024;

/** One request to one address: no redirect is followed and nothing is tried twice. */
export interface Exchange {
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
   * Takes the body of what {@link isAnswer} as it comes, instead of its being kept. When the connection breaks, the iteration throws.
   * The exchange is over when what this returns has settled.
   */
  readonly take?: ((head: AnswerHead, body: AsyncIterable<Buffer>) => Promise<void>) | undefined;
  readonly onSent: (bytes: number) => void;
  readonly onReceived: (bytes: number) => void;
  readonly signal: AbortSignal;
}

export interface ExchangeBody {
  /** Bytes. */
  readonly length: number;
  readonly open: () => BodyContent | Promise<BodyContent>;
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

/** How far an exchange had come when its connection broke. */
export interface Progress {
  /** The connection stood, so that the server may have seen the request. */
  readonly connected: boolean;
  /** The connection had served another request before. */
  readonly reused: boolean;
  /** The last byte of the request was handed to the system. */
  readonly sentWhole: boolean;
  /** The head of an answer had arrived. */
  readonly answered: boolean;
  /** The connection broke, or the exchange was given up: nothing moved, or too little. */
  readonly end: 'broken' | 'idle' | 'slow';
}

const ENDS: Readonly<Record<Progress['end'], string>> = {
  broken: 'the connection broke',
  idle: 'nothing moved for too long',
  slow: 'too little moved for too long',
};

/** The connection could not be made, broke, stood still, or hardly moved, before the answer was complete. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly progress: Progress;

  constructor(progress: Progress, cause: unknown) {
    super(ENDS[progress.end], { cause });
    this.progress = progress;
  }
}

/** The body could not be read, or is not as long as it was said to be. */
export class UnsendableBody extends Error {
  override readonly name = 'UnsendableBody';
}

/** Whoever took the answer's body threw `cause`. */
export class UntakenBody extends Error {
  override readonly name = 'UntakenBody';
}

/**
 * Sends one request and reads its answer. Rejects with an {@link Interruption}, an {@link UnsendableBody}, an {@link UntakenBody}, or
 * the signal's reason; after any end no listener or timer is left, and the socket is either back in the agent's pool or destroyed.
 *
 * A server may refuse before it has read the body, and close: its answer counts then, not the broken pipe that follows.
 */
export function exchange(call: Exchange): Promise<Answer> {
  const { signal } = call;
  return new Promise<Answer>((resolve, reject) => {
    signal.throwIfAborted();
    const request = (call.url.protocol === 'https:' ? https : http).request({
      protocol: call.url.protocol,
      // Not `host`: an IPv6 literal stands in brackets in a URL and without them in a socket address.
      hostname: call.url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: call.url.port,
      path: call.url.pathname + call.url.search,
      method: call.method,
      headers: call.headers,
      agent: call.agent,
      setHost: true,
      maxHeaderSize: MOST_HEADER_BYTES,
    });

    let settled = false;
    let sending = true;
    let connected = false;
    let socket: Socket | undefined;
    let source: Readable | undefined;
    let response: IncomingMessage | undefined;
    let resumeSending: (() => void) | undefined;
    let taking: Promise<void> | undefined;
    /** Whoever takes the body is busy with a piece of it: that nothing moves is not the server's doing. */
    let takerIsBusy = false;
    // Until there is a socket nothing else watches: an agent may look a proxy up, or dial, before it hands one out.
    const dialling = setTimeout(giveUp, call.idleTimeoutMs);
    let stopCounting = call.allowance.count(tooSlow);

    function settle(deliver: () => void): void {
      if (settled) return;
      settled = true;
      clearTimeout(dialling);
      stopCounting();
      signal.removeEventListener('abort', abort);
      leaveSocket();
      stopSending();
      const unread = taking !== undefined && response?.readableEnded !== true;
      if (!request.writableFinished || !response?.complete || unread) {
        request.destroy(new Error('This exchange is over.'));
      }
      // Whoever takes the body may have to close a file first.
      if (taking) taking.then(deliver, deliver);
      else deliver();
    }

    function leaveSocket(): void {
      socket?.removeListener('timeout', giveUp);
      socket?.removeListener('connect', onConnected);
      socket?.removeListener('secureConnect', onConnected);
      socket?.setTimeout(0);
      socket = undefined;
    }

    function fail(error: Error): void {
      settle(() => reject(error));
    }

    function abort(): void {
      fail(signal.reason as Error);
    }

    function giveUp(): void {
      if (takerIsBusy) socket?.setTimeout(call.idleTimeoutMs);
      else interrupt(undefined, 'idle');
    }

    function tooSlow(): void {
      interrupt(undefined, 'slow');
    }

    function interrupt(cause: unknown, end: Progress['end'] = 'broken'): void {
      const progress: Progress = {
        connected,
        reused: request.reusedSocket,
        sentWhole: request.writableFinished,
        answered: response !== undefined,
        end,
      };
      fail(new Interruption(progress, cause));
    }

    /** Whether a refusal or redirect is arriving: what there is of it settles the exchange when it ends or breaks off. */
    function isRefused(): boolean {
      return response?.statusCode !== undefined && !call.isAnswer(response.statusCode);
    }

    function onConnected(): void {
      connected = true;
    }

    function isSending(): boolean {
      return sending;
    }

    function stopSending(): void {
      sending = false;
      source?.destroy();
      resumeSending?.();
    }

    async function send({ length, open }: ExchangeBody): Promise<void> {
      const opened = await open();
      if (opened instanceof Readable) {
        // Once sending has stopped nobody else listens, and a late error of the source must not end the process.
        opened.on('error', () => undefined);
        source = opened;
      }
      if (!isSending()) {
        source?.destroy();
        return;
      }
      let sent = 0;
      for await (const chunk of opened as AsyncIterable<Uint8Array>) {
        sent += chunk.byteLength;
        if (sent > length) break;
        if (!isSending()) return;
        // When it is handed over, not when it has left: how much of it has, nobody tells.
        call.allowance.moved(chunk.byteLength);
        await new Promise<void>((resume) => {
          resumeSending = resume;
          request.write(chunk, () => resume());
        });
        if (!isSending()) return;
        call.onSent(chunk.byteLength);
      }
      if (sent !== length) throw new Error(`The body has ${sent} bytes or more instead of ${length}.`);
      request.end();
    }

    function onResponse(answer: IncomingMessage): void {
      response = answer;
      const status = answer.statusCode ?? 0;
      // A refusal or redirect stands whatever else would be sent; an early success does not vouch for bytes it has not seen.
      if (status >= 300) stopSending();
      const most = call.maxBytes(status);
      const announced = call.method === 'HEAD' ? 0 : Number(answer.headers['content-length'] ?? 0);
      const chunks: Buffer[] = [];
      let received = 0;
      const conclude = (extent: Answer['extent']) =>
        settle(() => {
          resolve({ status, headers: answer.headers, body: Buffer.concat(chunks), extent });
        });

      answer.on('error', () => undefined);
      if (call.take && call.isAnswer(status)) {
        // From then on the socket may serve another request, while the last piece is still being taken.
        answer.on('end', leaveSocket);
        taking = call.take({ status, headers: answer.headers }, bodyOf(answer));
        taking.then(
          () => conclude('whole'),
          (error: unknown) => fail(new UntakenBody('the answer was not taken', { cause: error })),
        );
        return;
      }
      // A refusal's words are worth reading however long they are; an answer that is too long is of no use at all.
      if (announced > most && call.isAnswer(status)) {
        conclude('cut');
        return;
      }
      answer.on('data', (chunk: Buffer) => {
        if (settled) return;
        countReceived(chunk);
        const room = most - received;
        chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
        received += chunk.byteLength;
        if (received > most) conclude('cut');
      });
      // Not on `close`: by then the agent may have given the socket, and its timer, to another request.
      answer.on('end', () => {
        if (!sending || request.writableFinished) conclude('whole');
        else request.once('finish', () => conclude('whole'));
      });
      answer.on('close', () => {
        if (answer.complete) return;
        if (isRefused()) conclude('broken');
        else interrupt(answer.errored ?? new Error('The connection closed inside the answer.'));
      });
    }

    function countReceived({ byteLength }: Buffer): void {
      call.allowance.moved(byteLength);
      call.onReceived(byteLength);
    }

    async function* bodyOf(answer: IncomingMessage): AsyncGenerator<Buffer, void> {
      try {
        for await (const chunk of answer as AsyncIterable<Buffer>) {
          countReceived(chunk);
          takerIsBusy = true;
          stopCounting();
          yield chunk;
          takerIsBusy = false;
          if (!settled) stopCounting = call.allowance.count(tooSlow);
        }
      } catch (error) {
        interrupt(error);
        throw error;
      }
    }

    signal.addEventListener('abort', abort, { once: true });
    request.on('socket', (assigned) => {
      clearTimeout(dialling);
      if (settled) return;
      socket = assigned;
      connected = !assigned.connecting;
      assigned.once(call.url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
      // The socket's own idle timer, unlike one of ours, notices that a large write shrinks inside the system.
      assigned.setTimeout(call.idleTimeoutMs);
      assigned.on('timeout', giveUp);
    });
    request.on('response', onResponse);
    request.on('error', (error) => {
      if (!isRefused() && !(taking && response?.complete)) interrupt(error);
    });
    request.on('close', () => {
      if (!isRefused() && !taking)
        interrupt(new Error('The connection closed before the exchange was over.'));
    });

    if (call.body === undefined || call.body.length === 0) request.end();
    else {
      send(call.body).catch((error: unknown) => {
        if (sending) fail(new UnsendableBody('the body could not be sent', { cause: error }));
      });
    }
  });
}
