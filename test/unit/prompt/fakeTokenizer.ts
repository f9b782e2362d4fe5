/** A tokenizer for tests: a blank joins the word after it, as in byte-pair encodings; ids can be read back. */

import type { Tokenizer } from '../../../server/prompt/promptParts.ts';

/** Ids below this are special tokens. */
const firstTextId = 1000;

export class FakeTokenizer implements Tokenizer {
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  nCalls = 0;

  tokenize(texts: readonly string[]): Promise<number[][]> {
    this.nCalls++;
    return Promise.resolve(
      texts.map((text) =>
        (text.match(/ ?[A-Za-z_]+| ?[0-9]|\n+|\s+|[^]/g) ?? []).map((word) => this.#idOf(word)),
      ),
    );
  }

  /** Special tokens show as `[[name]]`. */
  read(tokens: readonly number[], specialTokens: Readonly<Record<string, number>>): string {
    const names = new Map(Object.entries(specialTokens).map(([name, id]) => [id, name]));
    return tokens
      .map((id) => (id < firstTextId ? `[[${names.get(id) ?? '?'}]]` : this.#texts[id - firstTextId]))
      .join('');
  }

  #idOf(word: string): number {
    let id = this.#ids.get(word);
    if (id === undefined) {
      id = firstTextId + this.#texts.length;
      this.#ids.set(word, id);
      this.#texts.push(word);
    }
    return id;
  }
}
