/** Feeds what happens to one editor's documents to the recorder of outcomes, and knows what may be done with each. */

import { pathToFileURL } from 'node:url';
import type { Connection } from 'vscode-languageserver';
import { z } from 'zod';
import { learningMessages } from '../../protocol/learning.ts';
import { acceptedCommand, messageNames } from '../../protocol/messages.ts';
import type { ExplainResult } from '../../protocol/messages.ts';
import type { Settings } from '../../protocol/settings.ts';
import { DisposableStore } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Sighting } from '../git/sighting.ts';
import { watchHead } from '../git/watchHead.ts';
import { mayBeRead, openIgnoreRules } from '../retrieval/ignoreRules.ts';
import type { IgnoreVerdict, LiveIgnoreRules } from '../retrieval/ignoreRules.ts';
import type { SignalRecorder, StoragePolicy } from '../signals/signalRecorder.ts';
import type { Choices } from './choices.ts';
import { EditorLearning } from './editorLearning.ts';
import { EditorRetrieval } from './editorRetrieval.ts';
import type { LearningServices } from './learningServices.ts';
import type { LiveIndexes } from './liveIndexes.ts';
import { tooLongMethod } from './messageGuard.ts';
import { OpenDocuments } from './openDocuments.ts';
import { answerOrExplain } from './requestFailure.ts';
import type { SessionSettings } from './sessionSettings.ts';
import { WorkspaceFolders } from './workspaceFolders.ts';
import type { DocumentPlace, Home } from './workspaceFolders.ts';

export interface EditorDocumentsServices {
  readonly indexes: LiveIndexes;
  createRecorder(policy: StoragePolicy): SignalRecorder;
  /** Or, where nothing can be learned, a sentence on why. */
  readonly learning: LearningServices | string;
  /** What a person switched off by command. */
  readonly choices: Choices;
  /** The id that records of a repository or folder stand under. */
  identify(sighting: Sighting, isTrusted: boolean): string;
  /** Somebody types: what computes in the background waits for a quieter time. */
  noteActivity(): void;
}

/** What is known of an open document once git and the editor have answered. */
export interface DocumentFacts {
  readonly place: DocumentPlace;
  readonly settings: Settings;
  readonly ignored: IgnoreVerdict;
  /** Undefined for a document that lies in no folder. */
  readonly rules: LiveIgnoreRules | undefined;
}

const outcomeSchema = z.object({
  suggestionId: z.string().max(100),
  event: z.enum(['accepted', 'rejected', 'hidden']),
});
const tooLongSchema = z.object({ uri: z.string() });
const thumbsSchema = z.object({ suggestionId: z.string().max(100), thumbs: z.enum(['up', 'down']) });

export class EditorDocuments implements Disposable {
  readonly open = new OpenDocuments();
  readonly recorder: SignalRecorder;
  readonly retrieval: EditorRetrieval;
  readonly learning: EditorLearning;
  readonly #disposables = new DisposableStore();
  readonly #folders: WorkspaceFolders;
  readonly #settings: SessionSettings;
  readonly #isTrusted: boolean;
  readonly #choices: Choices;
  readonly #noteActivity: () => void;
  readonly #watched = new Set<string>();
  readonly #rules = new Map<string, Promise<LiveIgnoreRules>>();
  #isReviewing = false;
  /** Facts that are known by now; the storage policy must answer at once. */
  readonly #facts = new Map<string, DocumentFacts>();

  constructor(
    connection: Connection,
    services: EditorDocumentsServices,
    settings: SessionSettings,
    isTrusted: boolean,
  ) {
    this.#settings = settings;
    this.#isTrusted = isTrusted;
    this.#choices = services.choices;
    this.#folders = new WorkspaceFolders((sighting) => services.identify(sighting, isTrusted));
    this.recorder = this.#disposables.add(services.createRecorder((uri) => this.#storagePolicy(uri)));
    this.retrieval = this.#disposables.add(
      new EditorRetrieval(services.indexes, (uri, path) => this.#explain(this.#facts.get(uri), path)),
    );
    this.learning = this.#disposables.add(
      new EditorLearning({
        services: services.learning,
        folders: this.#folders,
        settingsOf: (uri) => settings.get(uri),
        choices: services.choices,
        isTrusted,
      }),
    );
    this.#noteActivity = services.noteActivity;
    this.#register(connection);
  }

  setFolders(uris: readonly string[]): void {
    this.#folders.setFolders(uris);
  }

  get folders(): WorkspaceFolders {
    return this.#folders;
  }

  async factsOf(uri: string): Promise<DocumentFacts> {
    const [place, asked] = await Promise.all([this.#folders.placeOf(uri), this.#settings.get(uri)]);
    const settings = this.#choices.apply(asked, place.home.repoId);
    const rules = await this.#rulesOf(place.home, settings);
    await rules?.refresh();
    const ignored = this.#explain({ place, rules }, place.path);
    const facts = { place, settings, rules, ignored };
    this.#facts.set(uri, facts);
    this.#watch(place.home);
    this.#index(uri, facts);
    this.learning.know(place.home, settings);
    return facts;
  }

  /** Whether the document's text may go into a prompt. */
  mayRead(facts: DocumentFacts): boolean {
    return mayBeRead(facts.ignored);
  }

  async settingsChanged(): Promise<void> {
    this.#rules.clear();
    this.retrieval.setSettingGlobs((await this.#settings.get(undefined)).ignore);
    await Promise.all(this.open.uris.map((uri) => this.factsOf(uri)));
    await this.learning.knowFolders();
  }

  /** Of the repository that an open document lies in, once that is known. */
  repoIdOf(uri: string): string | undefined {
    return this.#facts.get(uri)?.place.home.repoId;
  }

  async explain(uri: string): Promise<ExplainResult | null> {
    const latest = await this.recorder.explainLatest(uri);
    if (latest === undefined) return null;
    return {
      suggestionId: latest.id,
      text: latest.text,
      baseModel: latest.baseModel,
      adapter: latest.adapter,
      route: latest.route,
      snippets: latest.snippets.map(({ path, startLine, endLine }) => ({ path, startLine, endLine })),
      latencyMs: latest.latencyMs,
    };
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #register(connection: Connection): void {
    connection.onDidOpenTextDocument((params) => {
      const document = this.open.open(params);
      if (document === undefined) return this.#dropText(params.textDocument.uri);
      this.recorder.documentOpened(document.uri, document.getText());
      this.#refresh(document.uri);
    });
    connection.onDidChangeTextDocument((params) => {
      this.#noteActivity();
      const wasOpen = this.open.get(params.textDocument.uri) !== undefined;
      const change = this.open.change(params);
      if (change === undefined) return wasOpen ? this.#dropText(params.textDocument.uri) : undefined;
      const { uri, version } = change.document;
      this.recorder.documentChanged(uri, version, change.changes);
      this.retrieval.changed(uri, change.document.getText());
    });
    connection.onDidCloseTextDocument((params) => {
      if (this.open.close(params) !== undefined) this.#dropText(params.textDocument.uri);
    });
    connection.onNotification(tooLongMethod, (params: unknown) => {
      const { uri } = tooLongSchema.parse(params);
      if (this.open.get(uri) !== undefined) this.#dropText(uri);
      this.open.refuse(uri);
    });
    connection.onDidSaveTextDocument(({ textDocument }) => {
      this.recorder.documentSaved(textDocument.uri);
      this.retrieval.saved(textDocument.uri);
    });
    connection.onDidChangeWatchedFiles(({ changes }) =>
      this.retrieval.filesChanged(changes.map((change) => change.uri)),
    );
    connection.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) this.recorder.documentRenamed(oldUri, newUri);
    });
    connection.onNotification(messageNames.outcome, (params: unknown) => {
      const { suggestionId, event } = outcomeSchema.parse(params);
      this.recorder.reported(suggestionId, event);
    });
    connection.onRequest(learningMessages.thumbs, (params: unknown) =>
      answerOrExplain(() => {
        const { suggestionId, thumbs } = thumbsSchema.parse(params);
        this.recorder.thumbed(suggestionId, thumbs);
        return null;
      }),
    );
    // A plain LSP client executes the item's command with the server.
    connection.onExecuteCommand((params) => {
      const id: unknown = params.arguments?.at(0);
      if (params.command === acceptedCommand && typeof id === 'string')
        this.recorder.reported(id, 'accepted');
      return null;
    });
  }

  #dropText(uri: string): void {
    this.recorder.documentClosed(uri);
    this.retrieval.closed(uri);
  }

  #refresh(uri: string): void {
    void this.factsOf(uri);
  }

  /** Untrusted folders are not indexed; nor is a folder that is neither in git nor opened as one. */
  #index(uri: string, facts: DocumentFacts): void {
    const document = this.open.get(uri);
    const { root, gitDir } = facts.place.home;
    const isOwnFolder = gitDir !== undefined || (root !== undefined && this.#folders.folders.includes(root));
    if (document === undefined || !this.#isTrusted || !isOwnFolder) return;
    if (!facts.settings.enabled || !this.mayRead(facts)) return this.retrieval.closed(uri);
    this.retrieval.know(uri, facts.place, document.getText(), facts.settings.ignore);
  }

  /** A checkout replaces files; that says nothing about the suggestions in them. */
  #watch(home: Home): void {
    const { root, gitDir } = home;
    if (root === undefined || gitDir === undefined || this.#watched.has(root)) return;
    this.#watched.add(root);
    this.#disposables.add(watchHead(gitDir, () => this.recorder.checkout(pathToFileURL(root).href)));
  }

  /** Nothing is stored before everything is known. */
  #storagePolicy(uri: string): ReturnType<StoragePolicy> {
    const facts = this.#facts.get(uri);
    if (facts === undefined) return { isStored: false, reason: 'notKnownYet' };
    if (!this.#isTrusted) return { isStored: false, reason: 'untrustedWorkspace' };
    if (!facts.settings['learning.enabled'] || !facts.settings.enabled)
      return { isStored: false, reason: 'optOut' };
    if (facts.place.file === undefined) return { isStored: false, reason: 'noFile' };
    const { home, path } = facts.place;
    // What was switched off this moment is not in the facts yet.
    if (this.#choices.isOff(home.repoId, 'learning')) return { isStored: false, reason: 'optOut' };
    if (this.#explain(facts, path).isIgnored) return { isStored: false, reason: 'ignored' };
    return { isStored: true, repoId: home.repoId, path };
  }

  #rulesOf({ root }: Home, settings: Settings): Promise<LiveIgnoreRules> | undefined {
    if (root === undefined) return undefined;
    const key = `${root}\0${settings.ignore.join('\0')}`;
    const rules = this.#rules.get(key) ?? openIgnoreRules({ root, settingGlobs: settings.ignore });
    this.#rules.set(key, rules);
    return rules;
  }

  /** By the rule files as they are now; a change of one is told to all who went by what it was. */
  #explain(facts: Pick<DocumentFacts, 'place' | 'rules'> | undefined, path: string): IgnoreVerdict {
    if (facts?.rules === undefined) return { isIgnored: false };
    if (!facts.rules.isCurrent(path)) {
      facts.rules.invalidate();
      void this.#review(facts.place.home.root);
    }
    return facts.rules.explain(path);
  }

  /** Judges all open documents anew, and has the index do so with what is on the disk. */
  async #review(root: string | undefined): Promise<void> {
    if (this.#isReviewing) return;
    this.#isReviewing = true;
    try {
      this.retrieval.rulesChanged(root);
      await Promise.all(this.open.uris.map((uri) => this.factsOf(uri)));
    } finally {
      this.#isReviewing = false;
    }
  }
}
