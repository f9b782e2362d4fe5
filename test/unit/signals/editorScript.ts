/** A tiny editor that plays scripts such as "type foo", "accept", "wait 30s" and tells what was inferred. No clock, no files. */

import assert from 'node:assert/strict';
import type { EditorEvent, TextChange } from '../../../server/signals/editorEvent.ts';
import { nextDueMs } from '../../../server/signals/passTime.ts';
import { reduceSignals } from '../../../server/signals/reduceSignals.ts';
import { initialSignalState } from '../../../server/signals/signalState.ts';
import type { SignalEffect, SignalState } from '../../../server/signals/signalState.ts';
import type { StoredOutcome } from '../../../server/store/outcomes.ts';
import type { StoredSurvival } from '../../../server/store/survivals.ts';

const root = 'file:///repo';

export class EditorScript {
  text: string;
  cursor: number;
  uri = `${root}/a.ts`;
  nowMs = 1_000_000;
  /** The suggestion as the editor knows it. */
  shown: { id: string; rest: string; replaceLength: number } | undefined;
  readonly outcomes = new Map<string, StoredOutcome>();
  readonly survivals = new Map<string, StoredSurvival>();
  readonly kept = new Map<string, string | undefined>();
  state: SignalState = initialSignalState;
  #files = new Map<string, string>();
  #undo: TextChange[][] = [];
  #redo: TextChange[][] = [];
  #nSuggestions = 0;

  /** `fixture`: `<|>` is the cursor, or `<|text|>` the cursor with a suggestion, `[..]` after it what it replaces. */
  constructor(fixture: string) {
    const match = /<\|(?:([^]*?)\|>(?:\[(.*?)\])?|>)/.exec(fixture);
    assert.ok(match !== null, 'the fixture has no cursor');
    const [mark, suggestion, replaced = ''] = match;
    this.cursor = match.index;
    this.text = fixture.slice(0, match.index) + replaced + fixture.slice(match.index + mark.length);
    this.feed({ kind: 'opened', atMs: this.nowMs, uri: this.uri, text: this.text });
    if (suggestion !== undefined) this.suggest(suggestion, replaced.length);
  }

  play(steps: readonly string[]): this {
    for (const step of steps) {
      const [name = '', ...words] = step.split(' ');
      const rest = words.join(' ').replaceAll('\\n', '\n').replaceAll('\\r', '\r');
      const command = this.#commands[name];
      assert.ok(command !== undefined, `no such step: ${step}`);
      command(rest);
    }
    return this;
  }

  /** `s1: accepted 7, shown; 30s 1, 120s checkout`. Ending reasons for those that were not taken. */
  describe(): string {
    return [...this.outcomes.values()].map((outcome) => this.#describeOne(outcome)).join(' | ');
  }

  feed(event: EditorEvent): void {
    const step = reduceSignals(this.state, event);
    this.state = step.state;
    for (const effect of step.effects) this.#take(effect);
  }

  suggest(text: string, replaceLength = 0, id = `s${++this.#nSuggestions}`): void {
    const { uri, nowMs } = this;
    const suggestion = { id, uri, offset: this.cursor, text, replaceLength };
    this.feed({ kind: 'returned', atMs: nowMs, suggestion });
    this.shown = { id, rest: text, replaceLength };
  }

  /** One `changed` event; `changes` one after the other. */
  change(changes: readonly TextChange[], undo: 'record' | 'undoing' | 'redoing' = 'record'): void {
    const inverse: TextChange[] = [];
    for (const change of changes) {
      const { startOffset, endOffset, text } = change;
      inverse.unshift({
        startOffset,
        endOffset: startOffset + text.length,
        text: this.text.slice(startOffset, endOffset),
      });
      this.text = this.text.slice(0, startOffset) + text + this.text.slice(endOffset);
    }
    if (undo === 'undoing') this.#redo.push(inverse);
    else this.#undo.push(inverse);
    if (undo === 'record') this.#redo = [];
    this.feed({ kind: 'changed', atMs: this.nowMs, uri: this.uri, version: 1, changes });
  }

  #insert(text: string, nAfter = 0): void {
    const { cursor } = this;
    this.change([{ startOffset: cursor, endOffset: cursor + nAfter, text }]);
    this.cursor += text.length;
    if (this.shown?.rest.startsWith(text) === true) {
      this.shown = { ...this.shown, rest: this.shown.rest.slice(text.length) };
    }
  }

  readonly #commands: Record<string, (rest: string) => void> = {
    /** Key by key; after each the editor asks again, as editors do. */
    type: (rest) => {
      for (const key of rest) {
        this.#wait(60);
        this.#insert(key);
        this.feed({ kind: 'requested', atMs: this.nowMs, uri: this.uri, offset: this.cursor });
      }
    },
    /** As above, and each time what is left is returned under a new id, as a cache does. */
    typeAlong: (rest) => {
      for (const key of rest) {
        this.#commands['type']?.(key);
        if (this.shown !== undefined && this.shown.rest !== '')
          this.suggest(this.shown.rest, this.shown.replaceLength);
      }
    },
    /** In one change. */
    paste: (rest) => this.#insert(rest),
    /** An opener: the editor adds its closer behind the cursor. */
    typePair: (rest) => {
      this.#wait(60);
      this.change([{ startOffset: this.cursor, endOffset: this.cursor, text: rest }]);
      this.cursor += 1;
      if (this.shown !== undefined) this.shown = { ...this.shown, rest: this.shown.rest.slice(1) };
      this.feed({ kind: 'requested', atMs: this.nowMs, uri: this.uri, offset: this.cursor });
    },
    /** A closer over the one that the editor put in. */
    overtype: (rest) => {
      this.#wait(60);
      this.#insert(rest, rest.length);
    },
    accept: () => {
      this.#commands['acceptSilently']?.('');
      this.#commands['report']?.('accepted');
    },
    acceptSilently: () => this.#insert(this.shown?.rest ?? '', this.shown?.replaceLength),
    acceptWord: () => {
      this.#insert(/^\W*\w+/.exec(this.shown?.rest ?? '')?.[0] ?? '');
      this.feed({ kind: 'requested', atMs: this.nowMs, uri: this.uri, offset: this.cursor });
    },
    acceptLine: () => this.#insert(/^\n?.*/.exec(this.shown?.rest ?? '')?.[0] ?? ''),
    /** The suggest widget replaces the word that was begun. */
    complete: (rest) => {
      const begun = /\w*$/.exec(this.text.slice(0, this.cursor))?.[0].length ?? 0;
      this.change([{ startOffset: this.cursor - begun, endOffset: this.cursor, text: rest }]);
      this.cursor += rest.length - begun;
    },
    /** An editor that sends the whole document for each change. */
    acceptWholeText: () => {
      const text = this.text.slice(0, this.cursor) + (this.shown?.rest ?? '') + this.text.slice(this.cursor);
      this.change([{ startOffset: 0, endOffset: this.text.length, text }]);
      this.cursor += this.shown?.rest.length ?? 0;
    },
    /** Together with a change at the top, as for an import. */
    acceptWithImport: (rest) => {
      const at = this.cursor;
      const text = this.shown?.rest ?? '';
      const top = { startOffset: 0, endOffset: 0, text: `${rest}\n` };
      this.change([{ startOffset: at, endOffset: at, text }, top]);
      this.cursor += text.length + rest.length + 1;
    },
    report: (rest) =>
      this.feed({
        kind: 'reported',
        atMs: this.nowMs,
        suggestionId: this.shown?.id ?? 's1',
        event: rest as 'accepted' | 'rejected' | 'hidden',
      }),
    escape: () => this.#commands['report']?.('rejected'),
    backspace: (rest) => {
      for (let i = 0; i < Number(rest || 1); i++) {
        this.cursor--;
        this.change([{ startOffset: this.cursor, endOffset: this.cursor + 1, text: '' }]);
      }
    },
    undo: () => this.change(this.#undo.pop() ?? [], 'undoing'),
    redo: () => this.change(this.#redo.pop() ?? [], 'redoing'),
    wait: (rest) => {
      const match = /^(\d+)(ms|s)$/.exec(rest);
      this.#wait(Number(match?.[1]) * (match?.[2] === 's' ? 1000 : 1));
    },
    /** The machine sleeps: timers come late. */
    sleep: (rest) => {
      this.nowMs += Number.parseInt(rest) * 1000;
      this.feed({ kind: 'tick', atMs: this.nowMs });
    },
    /** The cursor, by so many characters; the editor asks there. */
    move: (rest) => {
      this.cursor += Number(rest);
      this.feed({ kind: 'requested', atMs: this.nowMs, uri: this.uri, offset: this.cursor });
    },
    ask: () => this.feed({ kind: 'requested', atMs: this.nowMs, uri: `${root}/other.ts`, offset: 0 }),
    suggest: (rest) => this.suggest(rest),
    again: () => {
      if (this.shown !== undefined) this.suggest(this.shown.rest, this.shown.replaceLength, this.shown.id);
    },
    /** `/old/new/`: the first place where `old` is, as one small change. */
    edit: (rest) => {
      const [, from = '', to = ''] = rest.split('/');
      const at = this.text.indexOf(from);
      assert.ok(at >= 0, `${from} is not there`);
      this.change([{ startOffset: at, endOffset: at + from.length, text: to }]);
      if (at < this.cursor) this.cursor += to.length - from.length;
    },
    /** `/old/new/`: everywhere, and the whole document is sent, as some formatters do. */
    format: (rest) => {
      const [, from = '', to = ''] = rest.split('/');
      this.change([{ startOffset: 0, endOffset: this.text.length, text: this.text.replaceAll(from, to) }]);
    },
    checkout: () => this.feed({ kind: 'checkout', atMs: this.nowMs, rootUri: root }),
    rename: (rest) => {
      const newUri = `${root}/${rest}`;
      this.feed({ kind: 'renamed', atMs: this.nowMs, oldUri: this.uri, newUri });
      this.uri = newUri;
    },
    /** As VS Code does it: the old is closed, the new opened, and then the renaming told. */
    renameLate: (rest) => {
      const [oldUri, newUri] = [this.uri, `${root}/${rest}`];
      this.#commands['close']?.('');
      this.uri = newUri;
      this.#commands['open']?.('');
      this.feed({ kind: 'renamed', atMs: this.nowMs, oldUri, newUri });
    },
    close: () => {
      this.#files.set(this.uri, this.text);
      this.feed({ kind: 'closed', atMs: this.nowMs, uri: this.uri });
    },
    open: () => this.feed({ kind: 'opened', atMs: this.nowMs, uri: this.uri, text: this.text }),
    /** `/old/new/` in the file on disk and, when opened again, in the document. */
    write: (rest) => {
      const [, from = '', to = ''] = rest.split('/');
      this.text = this.text.replaceAll(from, to);
      this.#files.set(this.uri, this.text);
    },
    deleteFile: () => this.#files.delete(this.uri),
    end: () => this.feed({ kind: 'ended', atMs: this.nowMs }),
  };

  /** As with timers: each thing happens at its time. */
  #wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let dueMs = nextDueMs(this.state); dueMs !== undefined && dueMs <= untilMs;) {
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.feed({ kind: 'tick', atMs: this.nowMs });
      dueMs = nextDueMs(this.state);
    }
    this.nowMs = untilMs;
  }

  #take(effect: SignalEffect): void {
    switch (effect.kind) {
      case 'begun':
        this.outcomes.set(effect.suggestionId, {
          suggestionId: effect.suggestionId,
          kind: 'returned',
          acceptedChars: 0,
          isConfirmed: false,
        });
        return;
      case 'outcome': {
        const id = effect.outcome.suggestionId;
        assert.equal(this.outcomes.get(id)?.endedAtMs, undefined, `${id} ended twice`);
        this.outcomes.set(id, effect.outcome);
        return;
      }
      case 'survival': {
        const { suggestionId, afterS, value } = effect.survival;
        const key = `${suggestionId} ${afterS}`;
        assert.ok(!this.survivals.has(key), `${key} was sampled twice`);
        if ('similarity' in value) assert.ok(value.similarity >= 0 && value.similarity <= 1);
        this.survivals.set(key, effect.survival);
        return;
      }
      case 'kept':
        this.kept.set(effect.suggestionId, effect.text);
        return;
      case 'readFile': {
        const text = this.#files.get(effect.uri);
        const content = text === undefined ? ({ problem: 'fileGone' } as const) : { text };
        this.feed({ kind: 'fileRead', atMs: this.nowMs, uri: effect.uri, content });
      }
    }
  }

  #describeOne(outcome: StoredOutcome): string {
    const { suggestionId, kind, isExplicit, acceptedChars, isConfirmed, shownAtMs, endReason } = outcome;
    const words: string[] = [kind];
    if (isExplicit !== undefined) words.push(isExplicit ? 'explicit' : 'implicit');
    if (acceptedChars > 0) words.push(String(acceptedChars));
    if (kind === 'accepted' && !isConfirmed) words.push('unconfirmed');
    if (endReason !== undefined && kind !== 'accepted' && kind !== 'typedOut') words.push(endReason);
    if (shownAtMs === undefined && kind !== 'returned') words.push('unseen');
    const samples = [...this.survivals.values()]
      .filter((each) => each.suggestionId === suggestionId)
      .map(
        ({ afterS, value }) => `${afterS}s ${'unknown' in value ? value.unknown : round(value.similarity)}`,
      );
    return `${suggestionId} ${words.join(' ')}${samples.length === 0 ? '' : `: ${samples.join(', ')}`}`;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;
