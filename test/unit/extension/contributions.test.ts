/** package.json and the extension agree on commands, keys and the walkthrough. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandIds, hiddenCommands, statusActions } from '../../../extension/commandIds.ts';

const root = join(import.meta.dirname, '..', '..', '..');

interface Manifest {
  readonly enabledApiProposals?: unknown;
  readonly icon: string;
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category: string }[];
    readonly menus: { readonly commandPalette: readonly { command: string; when: string }[] };
    readonly keybindings: readonly { command: string; key: string; when: string }[];
    readonly walkthroughs: readonly {
      id: string;
      steps: readonly { description: string; media: { markdown: string }; completionEvents: string[] }[];
    }[];
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Readonly<Record<string, { scope: string }>>;
    }[];
  };
}

const manifestText = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText) as Manifest;
const { contributes } = manifest;
const properties = Object.assign(
  {},
  ...contributes.configuration.map((group) => group.properties),
) as Readonly<Record<string, { scope: string }>>;
const known: ReadonlySet<string> = new Set(Object.values(commandIds));

test('every registered command is contributed, and the other way round', () => {
  assert.deepEqual(
    contributes.commands.map(({ command }) => command).sort(),
    Object.values(commandIds).sort(),
  );
});

test('every command stands under "Idiom:"', () => {
  for (const { category, command } of contributes.commands) assert.equal(category, 'Idiom', command);
});

test('the palette hides what makes no sense there', () => {
  const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false');
  assert.deepEqual(hidden.map(({ command }) => command).sort(), [...hiddenCommands].sort());
});

test('keys, status menu and walkthrough name known commands only', () => {
  const named = [
    ...contributes.keybindings.map(({ command }) => command),
    ...Object.values(statusActions).map(({ command }) => command),
    ...[...manifestText.matchAll(/(?:command|onCommand):(idiom\.\w+)/g)].map((match) => match[1] ?? ''),
  ];
  for (const command of named) assert.ok(known.has(command), command);
});

test('Escape is ours only while our suggestion shows, and never in vim', () => {
  const [escape, acceptLine, ...others] = contributes.keybindings;
  assert.deepEqual([escape?.key, acceptLine?.command, others.length], ['escape', 'idiom.acceptLine', 0]);
  for (const condition of [
    'idiom.suggestionShown',
    'inlineSuggestionVisible',
    '!suggestWidgetVisible',
    '!vim.active',
  ])
    assert.ok(escape?.when.split(' && ').includes(condition), condition);
});

test('pictures and pages of the walkthrough are there', () => {
  const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
  const paths = [manifest.icon, ...steps.map(({ media }) => media.markdown)];
  for (const path of paths) assert.ok(existsSync(join(root, path)), path);
});

test('pages of the walkthrough show pictures that are there, and teach keys and commands that exist', () => {
  const titles = new Set(contributes.commands.map(({ title }) => title));
  for (const { media } of contributes.walkthroughs.flatMap(({ steps }) => steps)) {
    const text = readFileSync(join(root, media.markdown), 'utf8');
    for (const [, picture = ''] of text.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g))
      assert.ok(existsSync(join(root, 'media', 'walkthrough', picture)), picture);
    for (const [, title = ''] of text.matchAll(/\*\*Idiom: ([^*]+)\*\*/g))
      assert.ok(titles.has(title), title);
  }
});

test('a walkthrough step that is done by a setting names a real one', () => {
  for (const [, name = ''] of manifestText.matchAll(/onSettingChanged:(idiom\.[\w.]+)/g))
    assert.ok(name in properties, name);
});

test('no proposed API', () => assert.equal(manifest.enabledApiProposals, undefined));

/** Where a setting may be set decides what a repository can do, what a remote window shows, and what is synchronised. */
function checkScope(scope: string, names: readonly string[]): void {
  test(`of scope ${scope}: ${names.join(', ')}`, () =>
    assert.deepEqual(
      Object.keys(properties).filter((name) => properties[name]?.scope === scope),
      names.map((name) => `idiom.${name}`),
    ));
}

checkScope('machine', ['baseModel', 'gpu', 'threads']);
checkScope('window', ['debounceMs']);
checkScope('resource', ['disabledLanguages', 'ignore', 'learning.enabled']);
checkScope('language-overridable', ['enabled', 'multiline', 'maxLines', 'trigger', 'inComments']);

test('the settings have titles in order', () =>
  assert.deepEqual(
    contributes.configuration.map(({ title }) => title),
    ['Suggestions', 'Model', 'Learning and Privacy', 'Advanced'],
  ));
