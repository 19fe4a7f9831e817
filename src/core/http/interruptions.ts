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
