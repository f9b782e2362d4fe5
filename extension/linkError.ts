/** Why the extension has no daemon, in words for the status bar. */

/** `message` and `remedy` are full sentences. */
export class LinkError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LinkError';
    this.remedy = remedy;
  }
}
