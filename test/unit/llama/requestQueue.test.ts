/** Order of requests, drawn as a script: letters are foreground, digits background. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestQueue } from '../../../server/llama/requestQueue.ts';

interface Request {
  readonly name: string;
  readonly priority: 'foreground' | 'background';
}

/** Steps: "+a" adds, "-a" withdraws, "." finishes what runs. Result: "a" starts, "!1" is interrupted. */
function check(script: string, expected: string): void {
  const log: string[] = [];
  const requests = new Map<string, Request>();
  const queue = new RequestQueue<Request>({
    start: ({ name }) => log.push(name),
    interrupt: ({ name }) => log.push(`!${name}`),
  });
  for (const step of script.split(' ')) {
    const name = step.slice(1);
    if (step === '.') {
      assert.ok(queue.running);
      queue.finish(queue.running);
    } else if (step.startsWith('+')) {
      const request: Request = { name, priority: /\d/.test(name) ? 'background' : 'foreground' };
      requests.set(name, request);
      queue.add(request);
    } else queue.remove(requests.get(name) as Request);
  }
  assert.equal(log.join(' '), expected);
}

test('one at a time', () => check('+a +b .', 'a b'));
test('newest first', () => check('+a +b +c . .', 'a c b'));
test('foreground does not interrupt foreground', () => check('+a +b', 'a'));
test('foreground interrupts background', () => check('+1 +a .', '1 !1 a'));
test('background interrupts nothing', () => check('+a +1 .', 'a 1'));
test('background does not interrupt background', () => check('+1 +2', '1'));
test('foreground goes before newer background', () => check('+a +b +1 . .', 'a b 1'));
test('withdrawn while it waits', () => check('+a +b +c -c . .', 'a b'));
test('the queue goes on after it was empty', () => check('+a . +b', 'a b'));

test('clear returns all, the running one first, and starts none', () => {
  const started: string[] = [];
  const queue = new RequestQueue<Request>({
    start: ({ name }) => started.push(name),
    interrupt: () => undefined,
  });
  for (const name of ['a', 'b']) queue.add({ name, priority: 'foreground' });
  assert.deepEqual(
    queue.clear().map(({ name }) => name),
    ['a', 'b'],
  );
  assert.deepEqual([started, queue.running], [['a'], undefined]);
});
