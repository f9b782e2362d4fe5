/** Documents with a drawn cursor `<|>`, and requests made of them. */

import { contextOf, textDocument } from '../../../server/completion/readContext.ts';
import type { PromptContext } from '../../../server/completion/readContext.ts';
import type { SuggestRequest } from '../../../server/completion/suggestRequest.ts';

export function parseCursor(fixture: string): {
  text: string;
  offset: number;
  before: string;
  after: string;
} {
  const [before, after, ...more] = fixture.split('<|>');
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`A fixture has one cursor: ${fixture}`);
  }
  return { text: before + after, offset: before.length, before, after };
}

export function contextAt(fixture: string): PromptContext {
  const { before, after } = parseCursor(fixture);
  return contextOf(before, after, 0);
}

export const defaultTestSettings: SuggestRequest['settings'] = {
  isEnabled: true,
  disabledLanguages: [],
  maxPromptTokens: 512,
  maxNewTokens: 32,
  debounceMs: 0,
};

export function requestAt(fixture: string, over: Partial<SuggestRequest> = {}): SuggestRequest {
  const { text, offset } = parseCursor(fixture);
  return {
    uri: 'file:///repo/src/a.ts',
    path: 'src/a.ts',
    repoName: 'repo',
    languageId: 'typescript',
    document: textDocument(text),
    offset,
    version: 1,
    trigger: 'automatic',
    isMultilineAllowed: true,
    isIgnored: false,
    settings: defaultTestSettings,
    ...over,
  };
}
