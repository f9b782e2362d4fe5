/** Turns new tokens into text as they come: whole characters only, ended by stop texts. Knows no model. */

export interface TextStream {
  /** The text so far; never half a character, cut before the first stop text. */
  readonly text: string;
  /** Adds a token; 'stopText' when the text now holds a stop text, which is cut off with what follows. */
  add(token: number): 'continue' | 'stopText';
}

/** A UTF-8 character has at most 4 bytes (RFC 3629, section 3), so at most 4 byte tokens wait for one. */
const maxWaitingTokens = 4;
const replacement = '\uFFFD';

/**
 * `detokenize` gets the waiting tokens and, as context, the token before them (undefined at the start): some vocabularies
 * drop a leading space where there is none.
 */
export function createTextStream(
  detokenize: (tokens: readonly number[], before: number | undefined) => string,
  stopTexts: readonly string[],
  lastPromptToken: number | undefined,
): TextStream {
  const stops = stopTexts.filter((stop) => stop !== '');
  const longestStop = Math.max(0, ...stops.map((stop) => stop.length));
  let text = '';
  let before = lastPromptToken;
  let waiting: number[] = [];

  function add(token: number): 'continue' | 'stopText' {
    waiting.push(token);
    const piece = detokenize(waiting, before);
    if (piece.endsWith(replacement) && waiting.length < maxWaitingTokens) return 'continue';
    const searchFrom = Math.max(0, text.length - longestStop + 1);
    text += piece;
    before = token;
    waiting = [];
    const stopAt = firstOf(text, stops, searchFrom);
    if (stopAt === undefined) return 'continue';
    text = text.slice(0, stopAt);
    return 'stopText';
  }
  return {
    get text() {
      return text;
    },
    add,
  };
}

function firstOf(text: string, stops: readonly string[], from: number): number | undefined {
  const found = stops.map((stop) => text.indexOf(stop, from)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}
