/** Which kinds of documents are read at all. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isServedScheme } from '../../../extension/documentFilter.ts';

function check(isServed: boolean, schemes: string): void {
  for (const scheme of schemes.split(' ')) assert.equal(isServedScheme(scheme), isServed, scheme);
}

test('code, wherever it lies', () =>
  check(true, 'file untitled vscode-remote vscode-notebook-cell vscode-userdata vscode-vfs memfs ssh'));
test('panels and read-only copies', () => check(false, 'output debug git vscode-scm comment search-editor'));
test('inputs and previews of chats', () =>
  check(false, 'chat-editing-text-model vscode-chat-code-block inline-chat vscode-interactive-input'));
