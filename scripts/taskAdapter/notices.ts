/** The licence texts that go along with what is made from packages; one text that several packages ship stands once. */

export interface Notice {
  /** Name, version and licence. */
  readonly title: string;
  readonly text: string;
}

export function joinNotices(notices: readonly Notice[]): string {
  const titles = Map.groupBy(notices, (each) => each.text.trim());
  return [...titles]
    .map(([text, those]) => `${those.map((each) => each.title).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}
