import { describe, expect, it } from 'vitest';
import { compile, type SpecSource } from './compile.ts';
import { coverage } from './register.ts';

const sources: SpecSource[] = [
  {
    path: 'specs/clauses/page.yaml',
    text: `
document: page
title: A page
witness: document
clauses:
  - { id: issues, keyword: must, says: issues a token }
  - { id: shape, keyword: must, says: tokens look so }
  - { id: refuses, keyword: must, says: refuses }
  - { id: picture, keyword: may, says: shows a picture, excluded: a picture }
  - { id: breach, keyword: must, says: names the user }
  - { id: silent, keyword: must, says: something else }
  - { id: opens, keyword: must, says: a token opens }
`,
  },
  {
    path: 'specs/acme/profile.yaml',
    text: `
profile: acme
title: Acme
product: { name: Acme }
authorities: [document]
deviations: [page/breach]
requests: { ask: { surface: token, path: /token }, use: { surface: user, path: /user } }
surfaces:
  token:
    accepted:
      checks: { shape: { status: 200, clauses: [page/shape] } }
      proof: [{ name: use, request: use, checks: { id: { status: 200, clauses: [page/opens] } } }]
    refused: { checks: { shape: { status: 4xx, clauses: [page/shape] } } }
  user: { accepted: { checks: {} }, refused: { checks: {} } }
`,
  },
  {
    path: 'specs/acme/grant.yaml',
    text: `
title: Grant
profile: acme
cases:
  works: { title: t, clauses: [page/issues], steps: [{ request: ask, expect: accepted }] }
  fails: { title: t, clauses: [page/refuses], steps: [{ request: ask, expect: refused, checks: { status: { status: 401 } } }] }
  odd: { title: t, clauses: [page/silent], steps: [{ request: ask, expect: either }] }
`,
  },
];

describe('coverage', () => {
  it('goes from clauses to checks, surfaces and proofs included', async () => {
    const { documents, percent, uncovered } = coverage(await compile(sources));
    expect(documents).toHaveLength(1);
    expect(documents[0]).toMatchObject({ document: 'page', title: 'A page', isRegister: false, uncovered: ['page/silent'], percent: 85.7 });
    expect(documents[0]?.clauses).toEqual([
      { id: 'page/issues', state: 'checked', checks: ['acme/grant/works#shape'] },
      { id: 'page/shape', state: 'checked', checks: ['acme/grant/works#shape', 'acme/grant/fails#shape'] },
      { id: 'page/refuses', state: 'checked', checks: ['acme/grant/fails#status', 'acme/grant/fails#nothing-given'] },
      { id: 'page/picture', state: 'excluded', checks: [], excluded: 'a picture' },
      { id: 'page/breach', state: 'deviation', checks: [] },
      { id: 'page/silent', state: 'uncovered', checks: [] },
      { id: 'page/opens', state: 'checked', checks: ['acme/grant/works#use-id'] },
    ]);
    expect(percent).toBe(85.7);
    // Nobody claims that this register is complete.
    expect(uncovered).toEqual([]);
  });

  it('goes from checks to clauses', async () => {
    const { checks } = coverage(await compile(sources));
    expect(Object.fromEntries(checks)).toEqual({
      'acme/grant/works#shape': ['page/shape', 'page/issues'],
      'acme/grant/works#use-id': ['page/opens'],
      'acme/grant/fails#status': ['page/refuses'],
      'acme/grant/fails#shape': ['page/shape'],
      'acme/grant/fails#nothing-given': ['page/refuses'],
      'acme/grant/odd#outcome': [],
    });
  });

  it('counts as a verification neither what is only allowed (either) nor what only a fixture does', async () => {
    const [clauses, profile, spec] = sources;
    const text = clauses?.text.replace('title: A page', 'title: A page\nregister: true') ?? '';
    await expect(compile([{ path: clauses?.path ?? '', text }, profile, spec].filter((one) => one !== undefined))).rejects.toThrow(
      'clause silent has neither a check that cites it nor "excluded" with a reason',
    );
  });
});
