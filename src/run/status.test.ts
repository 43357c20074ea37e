import { describe, expect, it } from 'vitest';
import { StatusBoard } from './status.ts';

describe('the status of several targets', () => {
  it('is one line, the first that stands, and goes when the last one has gone', () => {
    const told: (string | undefined)[] = [];
    const board = new StatusBoard((line) => told.push(line));
    const [one, two] = [board.lineOf('one'), board.lineOf('two')];
    one('a token ripens');
    two('2 tokens ripen');
    one(undefined);
    two(undefined);
    expect(told).toEqual(['a token ripens', 'one: a token ripens, and 1 more wait', '2 tokens ripen', undefined]);
  });
});
