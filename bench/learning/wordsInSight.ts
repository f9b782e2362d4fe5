/** Where the words of a line could be known from before it was written. Pure. */

/** `prompt`: all are in what the model reads. `repository`: the rest is elsewhere in it. `nowhere`: some are new to it. */
export const sights = ['prompt', 'repository', 'nowhere'] as const;
export type Sight = (typeof sights)[number];

/** Names, words and numbers of more than one character. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}_$][\p{L}\p{N}_$]+|\d+(?:\.\d+)+|\d{2,}/gu) ?? [];
}

/** @param prompt all text that the model reads, the path too. @param repository words of all files before the line was written. */
export function sightOf(middle: string, prompt: string, repository: ReadonlySet<string>): Sight {
  const [firstLine = ''] = middle.split('\n');
  const inPrompt = new Set(wordsOf(prompt));
  const rest = wordsOf(firstLine).filter((word) => !inPrompt.has(word));
  if (rest.length === 0) return 'prompt';
  return rest.every((word) => repository.has(word)) ? 'repository' : 'nowhere';
}
