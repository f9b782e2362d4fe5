/** Follows a shell's `case` commands, whose patterns end with a closing bracket that nothing opened. */

interface Case {
  /** Brackets that were open before it. */
  readonly depth: number;
  /** head: before `in`. */
  part: 'head' | 'pattern' | 'body';
}

/** After these a command begins. */
const beforeCommand: ReadonlySet<string> = new Set([
  '',
  '\n',
  ';',
  '&',
  '|',
  '{',
  '(',
  ')',
  'do',
  'then',
  'else',
]);

export class CasePatterns {
  readonly #cases: Case[] = [];

  /** A pattern, or what ends one, comes next. */
  get isInPattern(): boolean {
    return this.#cases.at(-1)?.part === 'pattern';
  }

  /**
   * Takes the next word or character of code.
   * @returns whether it is the bracket that ends a pattern.
   */
  take(token: string, { before, depth }: { readonly before: string; readonly depth: number }): boolean {
    if (token === 'case' && beforeCommand.has(before)) {
      this.#cases.push({ depth, part: 'head' });
      return false;
    }
    const current = this.#cases.at(-1);
    if (current === undefined) return false;
    if (token === 'esac' && beforeCommand.has(before)) this.#cases.pop();
    else if (token === 'in' && current.part === 'head') current.part = 'pattern';
    else if ((token === ';' || token === '&') && before === ';' && current.part === 'body')
      current.part = 'pattern';
    else if (token === ')' && current.part === 'pattern' && depth <= current.depth + 1) {
      current.part = 'body';
      return depth === current.depth;
    }
    return false;
  }
}
