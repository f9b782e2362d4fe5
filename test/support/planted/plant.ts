/** Makes secrets of many kinds, drawn anew for each seed, so that no scanner takes these files for a leak. */

import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';

export interface Plant {
  readonly kind: string;
  /** Of private keys and of known services' tokens all must go. */
  readonly group: 'key' | 'service' | 'other';
  readonly path: string;
  readonly text: string;
  readonly secret: string;
}

/** What a kind puts into a file: its text, with the secret between two marks that `readMarks` takes out. */
export interface Kind {
  readonly name: string;
  readonly path: string | ((draw: Draw) => string);
  readonly write: (draw: Draw) => string;
}

const open = '\ue000';
const close = '\ue001';

/** Marks the secret in a kind's text. */
export function s(secret: string): string {
  return open + secret + close;
}

export function plantOf(kind: Kind, group: Plant['group'], seed: number): Plant {
  const draw = new Draw(seededRandom(seed));
  const marked = kind.write(draw);
  const secret = marked.slice(marked.indexOf(open) + 1, marked.indexOf(close));
  const text = marked.replaceAll(open, '').replaceAll(close, '');
  const path = typeof kind.path === 'string' ? kind.path : kind.path(draw);
  return { kind: kind.name, group, path, text, secret };
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const capitals = letters.toUpperCase();
const digits = '0123456789';

export class Draw {
  readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }
  of(alphabet: string, n: number): string {
    return Array.from({ length: n }, () => alphabet[this.random.int(alphabet.length)]).join('');
  }
  pick<T>(items: readonly T[]): T {
    return items[this.random.int(items.length)] as T;
  }
  bytes(n: number): Buffer {
    return Buffer.from(Array.from({ length: n }, () => this.random.int(256)));
  }
  b62 = (n: number) => this.of(letters + capitals + digits, n);
  b64 = (n: number) => this.of(letters + capitals + digits + '+/', n);
  url = (n: number) => this.of(letters + capitals + digits + '-_', n);
  b36 = (n: number) => this.of(letters + digits, n);
  upper = (n: number) => this.of(capitals + digits, n);
  hex = (n: number) => this.of('0123456789abcdef', n);
  b32 = (n: number) => this.of(capitals + '234567', n);
  digits = (n: number) => this.of(digits, n);
  letters = (n: number) => this.of(letters, n);
  anyLetters = (n: number) => this.of(letters + capitals, n);

  /** As people and generators make them. */
  password(): string {
    const word = this.pick([
      'Falcon',
      'Summer',
      'orange',
      'Dragon',
      'winter',
      'Kestrel',
      'Marble',
      'copper',
      'Velvet',
      'Thunder',
    ]);
    const sign = this.pick(['!', '#', '@', '$', '%', '&', '*', '-', '_']);
    return this.pick([
      () => this.b62(12 + this.random.int(5)),
      () => this.mixed(12 + this.random.int(8)),
      () => `${word}${sign}${this.digits(4)}`,
      () => `${word}${this.digits(2 + this.random.int(3))}${sign}`,
      () => `${word}-${this.pick(['River', 'Castle', 'Meadow'])}-${this.digits(3)}`,
      () =>
        `${this.letters(3)}${this.digits(2)}${capitals[this.random.int(26)] ?? ''}${this.letters(3)}${this.digits(2)}`,
    ])();
  }
  /** With signs, none of which ends a value in any of the languages, and letters and digits in any case. */
  private mixed(n: number): string {
    return `${this.of(capitals, 1)}${this.of(letters, 1)}${this.of(digits, 1)}${this.of(letters + capitals + digits + '!@#%^*-_+=', n - 4)}${this.of(letters, 1)}`;
  }
  /** A password of letters and digits alone, where a language gives signs a meaning. */
  plain(): string {
    return this.pick([
      () => this.b62(12),
      () => `${this.pick(['falcon', 'winter', 'Marble'])}${this.digits(4)}${this.letters(2)}`,
    ])();
  }
  user(): string {
    return this.pick(['app', 'svc_orders', 'deploy', 'reporting', 'admin', 'billing']);
  }
  host(): string {
    return this.pick(['db.internal.example.org', '10.2.3.4', 'cache-01.prod', 'mq.example.net']);
  }
  /** A name that tells nothing. */
  neutral(): string {
    return this.pick([
      'x',
      'value',
      'data',
      'item',
      'tmp',
      'first',
      'current',
      'option',
      'entry',
      'payload',
      'thing',
      'result',
    ]);
  }
}

/** Whether anything of the secret that one could use stands in the text. */
export function isLeft(secret: string, text: string): boolean {
  return tellingParts(secret).some((part) => text.includes(part));
}

/** Any of these would be a leak: twelve of the secret's characters in a row, most of them letters and digits. */
export function tellingParts(secret: string): string[] {
  const width = Math.min(12, secret.length);
  return Array.from({ length: secret.length - width + 1 }, (_, i) => secret.slice(i, i + width)).filter(
    (part) => !part.includes('\n') && (part.match(/[\p{L}\d]/gu)?.length ?? 0) >= width / 2,
  );
}
